import Foundation
internal import IdwalletFFI

/// A citizen's documents, in an encrypted vault.
///
/// A wallet may be used from any thread. Calls that may have to wait, for a key, a prompt or the disk, are `async`;
/// when their task is cancelled they stop waiting and throw `CancellationError`, while what was begun is finished or undone
/// as a whole inside. Every error is a ``WalletError``.
public final class Wallet: Sendable {
    let ffi: IdwalletFFI.Wallet
    let clock: any WalletClock
    private let lists = Broadcast<DocumentList>()

    private init(_ ffi: IdwalletFFI.Wallet, clock: any WalletClock) {
        self.ffi = ffi
        self.clock = clock
    }

    deinit {
        lists.finish()
    }

    // MARK: - Create and open

    /// Makes a new wallet in a folder that has none.
    ///
    /// - Parameters:
    ///   - folder: Where the vault will be. Exclude it from device backups: it is of no use on another device.
    ///   - pin: A PIN of six digits or more, or `nil` for a wallet that is open as soon as it is opened.
    ///   - secureArea: Where the keys will live. `nil` keeps them in a file beside the vault: for tests.
    ///   - clock: The clock of the device, unless a test brings another.
    ///   - log: Where the library writes what may interest the developer.
    /// - Throws: ``WalletError/storage(_:)``, ``WalletError/invalidState(_:document:)`` when there is a wallet already
    ///   or when the PIN is too simple.
    public static func create(
        at folder: URL, pin: String? = nil, secureArea: (any SecureArea)? = nil,
        clock: any WalletClock = SystemClock(), log: (any LogSink)? = nil
    ) async throws -> Wallet {
        try await call {
            let wallet = try await IdwalletFFI.Wallet.create(
                directory: folder.path, pin: pin, area: secureArea.map(AreaBridge.init), clock: ClockBridge(clock),
                log: log.map(LogBridge.init))
            return Wallet(wallet, clock: clock)
        }
    }

    /// Opens the wallet in a folder. With a PIN it is locked until ``unlock(pin:)``.
    ///
    /// - Throws: ``WalletError/storage(_:)`` when there is none, when it is damaged, or when another process holds it.
    public static func open(
        at folder: URL, secureArea: (any SecureArea)? = nil, clock: any WalletClock = SystemClock(),
        log: (any LogSink)? = nil
    ) async throws -> Wallet {
        try await call {
            let wallet = try await IdwalletFFI.Wallet.open(
                directory: folder.path, area: secureArea.map(AreaBridge.init), clock: ClockBridge(clock),
                log: log.map(LogBridge.init))
            return Wallet(wallet, clock: clock)
        }
    }

    /// Closes it. Every later call throws ``WalletError/invalidState(_:document:)``. Calls that wait for the secure area end, whether it ever answers
    /// them or not; where such a call changes the PIN or unlocks, the files are free when it has ended.
    public func shutdown() {
        ffi.shutdown()
        lists.finish()
    }

    // MARK: - Lock and PIN

    /// Whether the documents are out of reach until a PIN comes.
    public var isLocked: Bool {
        get throws { try call { try ffi.isLocked() } }
    }

    /// Locks it at once. Calls that wait for the secure area end with ``WalletError/locked(_:retryAfter:triesLeft:)``, whether it ever answers them or
    /// not, and lose nothing. One without a PIN is opened again by ``unlock(pin:)`` without one.
    public func lock() throws {
        try call { try ffi.lock() }
        announce()
    }

    /// Locks it if nobody has used it for the limit of ``setIdleLimit(_:)``, and returns in how many seconds to ask again.
    public func lockIfIdle() throws -> TimeInterval? {
        let wait = try call { try ffi.lockIfIdle() }
        announce()
        return wait.map { TimeInterval($0) / 1000 }
    }

    /// After how many seconds without use it locks, at the next call or by ``lockIfIdle()``. 120 unless set.
    public func setIdleLimit(_ seconds: TimeInterval) throws {
        try call { try ffi.setIdleLimit(seconds: UInt64(max(0, seconds.rounded()))) }
    }

    /// What it takes to get in, asked while it is locked.
    ///
    /// - Throws: ``WalletError/invalidState(_:document:)`` when it is open.
    public func access() async throws -> Access {
        let ffi = ffi
        return try await call { Access(try await ffi.access()) }
    }

    /// What it holds by type and issuer, readable without the PIN: what to have issued again when the PIN is forgotten.
    public func heldPapers() async throws -> [HeldPapers] {
        let ffi = ffi
        return try await call { try await ffi.heldPapers().map(HeldPapers.init) }
    }

    /// Opens it with the PIN.
    ///
    /// - Throws: ``WalletError/locked(_:retryAfter:triesLeft:)`` when the PIN is wrong or another must wait.
    public func unlock(pin: String? = nil) async throws {
        let ffi = ffi
        try await changing { try await ffi.unlock(pin: pin) }
    }

    /// Opens it again after ``closeByOwner()``.
    public func unlockClosed(pin: String? = nil) async throws {
        let ffi = ffi
        try await changing { try await ffi.unlockClosed(pin: pin) }
    }

    /// Opens it with the recovery code and sets a new PIN.
    public func recover(code: String, newPIN: String) async throws {
        let ffi = ffi
        try await changing { try await ffi.recover(code: code, newPin: newPIN) }
    }

    /// Closes it on the wish of its owner, for a telephone that is lent or lost; see ``unlockClosed(pin:)``.
    public func closeByOwner() async throws {
        let ffi = ffi
        try await changing { try await ffi.closeByOwner() }
    }

    /// Whether it has a PIN. While it is locked, ``access()`` says so.
    public var hasPIN: Bool {
        get throws { try call { try ffi.hasPin() } }
    }

    /// Whether it has a recovery code. While it is locked, ``access()`` says so.
    public var hasRecoveryCode: Bool {
        get throws { try call { try ffi.hasRecoveryCode() } }
    }

    /// Sets a PIN on a wallet that has none.
    public func setPIN(_ pin: String) async throws {
        let ffi = ffi
        try await call { try await ffi.setPin(pin: pin) }
    }

    /// Replaces the PIN.
    public func changePIN(from old: String, to new: String) async throws {
        let ffi = ffi
        try await call { try await ffi.changePin(old: old, new: new) }
    }

    /// Removes the PIN.
    public func removePIN(_ pin: String) async throws {
        let ffi = ffi
        try await call { try await ffi.removePin(pin: pin) }
    }

    /// Makes a recovery code, for the person to write down. It is not kept and cannot be shown again; an older one is worthless then.
    ///
    /// It runs to its end, also when its task is cancelled: a code that is set and that nobody has seen would lock the person out.
    public func setRecoveryCode(pin: String) async throws -> String {
        let ffi = ffi
        return try await callToEnd { try await ffi.setRecoveryCode(pin: pin) }
    }

    /// Makes the recovery code worthless.
    public func removeRecoveryCode() async throws {
        let ffi = ffi
        try await call { try await ffi.removeRecoveryCode() }
    }

    // MARK: - Documents

    /// The list of documents, now and whenever it changes. Ends with ``shutdown()``.
    ///
    /// That the wallet locked itself at a call is told by ``lockIfIdle()``: call it when one throws ``WalletError/locked(_:retryAfter:triesLeft:)``.
    ///
    /// Each loop over it has a stream of its own; one that is slow misses lists in between, never the last.
    public var documents: AsyncStream<DocumentList> {
        let stream = lists.subscribe(first: current())
        return stream
    }

    /// The list of documents.
    ///
    /// - Throws: ``WalletError/locked(_:retryAfter:triesLeft:)``, ``WalletError/storage(_:)``.
    public func listDocuments() throws -> DocumentList {
        try call { DocumentList(try ffi.documents()) }
    }

    /// One document with all of its claims.
    public func document(_ id: String) throws -> Document {
        try call { Document(try ffi.document(id: id)) }
    }

    /// Makes a key in the secure area, for an issuer to issue a document to.
    public func createDeviceKey(_ spec: KeySpec) async throws -> DeviceKey {
        let ffi = ffi
        return try await call { DeviceKey(try await ffi.createDeviceKey(spec: spec.ffi)) }
    }

    /// Verifies a document and keeps it: all of its copies, or nothing.
    ///
    /// - Parameters:
    ///   - copies: The copies, each with a device key of its own.
    ///   - trust: The authorities whose documents are taken.
    ///   - strictness: The rules that it is measured by.
    /// - Throws: ``WalletError/issuer(_:)`` when something in it is wrong, ``WalletError/untrusted(_:)`` when its issuer is
    ///   unknown, ``WalletError/expired(_:)`` when its time is over.
    public func importDocument(_ copies: [NewCopy], trust: TrustStore, strictness: Strictness = .iso) async throws -> Imported {
        let ffi = ffi
        return try await changing {
            Imported(
                try await ffi.importDocument(
                    copies: copies.map(\.ffi), trust: trust.ffi,
                    options: IdwalletFFI.ImportOptions(strictness: strictness.ffi)))
        }
    }

    /// Removes a document and destroys its keys. Returns how many keys the area could not destroy yet.
    @discardableResult
    public func remove(_ id: String) async throws -> Int {
        let ffi = ffi
        return try await changing { Int(try await ffi.remove(id: id)) }
    }

    /// Where the states of the documents can be asked. The app downloads them, see ``updateStatus(_:trust:)``.
    public func statusSources() throws -> [StatusSource] {
        try call { try ffi.statusSources().map(StatusSource.init) }
    }

    /// Takes a status list (CWT) that was downloaded, and returns the documents whose state changed.
    ///
    /// - Throws: ``WalletError/issuer(_:)`` for a list that cannot be believed; what is known stays as it was.
    @discardableResult
    public func updateStatus(_ list: Data, trust: TrustStore) throws -> [StatusChange] {
        let changed = try call { try ffi.updateStatus(list: list, trust: trust.ffi).map(StatusChange.init) }
        announce()
        return changed
    }

    /// What is doubtful about the documents: incomplete, out of date, twice, contradicting each other. With `trust`, signatures and
    /// issuers are checked anew.
    public func check(trust: TrustStore? = nil) throws -> [Finding] {
        try call { try ffi.check(trust: trust?.ffi).map(Finding.init) }
    }

    // MARK: - Presentation

    /// Starts a presentation: show ``Presentation/qrText`` to the reader.
    ///
    /// - Parameters:
    ///   - streamAddress: `host:port` where the app takes the connection, announced in the QR code; see ``StreamListener``.
    ///   - trust: The readers whose names are believed.
    public func present(trust: TrustStore, streamAddress: String) throws -> Presentation {
        try call {
            let options = IdwalletFFI.PresentOptions(streamAddress: streamAddress)
            return try Presentation(ffi.present(options: options, trust: trust.ffi), clock: clock) { [weak self] in self?.announce() }
        }
    }

    /// Answers a request that was filmed from a reader's screen with a ``FrameDecoder``.
    public func answerCamera(_ request: Data, trust: TrustStore) throws -> CameraPresentation {
        try call {
            CameraPresentation(try ffi.answerCamera(message: request, trust: trust.ffi)) { [weak self] in self?.announce() }
        }
    }

    // MARK: - History, copies, support

    /// Who asked for what, when, and what they got: names, never values.
    public func history() throws -> History {
        try call { History(try ffi.history()) }
    }

    /// The history as JSON, for its owner to keep or hand on.
    public func historyJSON() throws -> String {
        try call { try ffi.historyJson() }
    }

    /// Deletes the history, or what is older than a time, and returns how many entries. That it was deleted, and how much, stays.
    /// Only the owner should be able to.
    @discardableResult
    public func deleteHistory(before: Date? = nil) throws -> Int {
        try call { Int(try ffi.deleteHistory(before: before?.wholeSeconds)) }
    }

    /// Writes one sealed file, which must not exist yet, for the day the telephone is lost. When the task is cancelled, no file stays.
    ///
    /// - Throws: ``WalletError/backup(_:)`` when the passphrase is too weak, ``WalletError/storage(_:)``.
    public func export(to file: URL, passphrase: String, includeHistory: Bool = true) async throws -> Exported {
        let ffi = ffi
        return try await call(letGo: { _ in try? FileManager.default.removeItem(at: file) }) {
            Exported(try await ffi.exportFile(path: file.path, passphrase: passphrase, includeHistory: includeHistory))
        }
    }

    /// Opens a sealed file and says what restoring it would do. Nothing changes before ``RestorePlan/apply()``.
    ///
    /// - Throws: ``WalletError/backup(_:)`` when the passphrase or the file is wrong.
    public func planRestore(from file: URL, passphrase: String, trust: TrustStore) async throws -> RestorePlan {
        let ffi = ffi
        return try await call {
            RestorePlan(try await ffi.planRestore(path: file.path, passphrase: passphrase, trust: trust.ffi)) { [weak self] in self?.announce() }
        }
    }

    /// What support needs to know, JSON, without personal data.
    public func supportBundle() throws -> String {
        try call { try ffi.supportBundle() }
    }

    /// What protects this wallet, in a sentence for the person.
    public func protection() throws -> LocalizedText {
        try call { LocalizedText(try ffi.protection()) }
    }

    // MARK: - Inside

    private func current() -> DocumentList? {
        do {
            return try listDocuments()
        } catch WalletError.locked {
            return .locked
        } catch {
            return nil
        }
    }

    /// A call that may change the list of documents: that is told, whether or not the caller still waits.
    private func changing<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        try await call {
            let value = try await body()
            self.announce()
            return value
        }
    }

    func announce() {
        guard lists.hasListeners, let list = current() else { return }
        lists.send(list)
    }
}

/// What it takes to get into a wallet.
public struct Access: Sendable, Hashable {
    /// Whether a PIN is set and has to be entered.
    public let needsPIN: Bool
    /// Whether its owner has closed it: ``Wallet/unlockClosed(pin:)`` opens it.
    public let isClosed: Bool
    /// Whether an order holds it, because the device was reported lost.
    public let isHeld: Bool
    /// Whether there is a recovery code.
    public let hasRecoveryCode: Bool
    /// Wrong PINs that there may be before one costs a wait.
    public let triesLeft: Int
    /// Seconds to wait before the next try, in time that the device is on.
    public let retryAfter: TimeInterval

    init(_ ffi: IdwalletFFI.Access) {
        needsPIN = ffi.needsPin
        isClosed = ffi.isClosed
        isHeld = ffi.isHeld
        hasRecoveryCode = ffi.hasRecoveryCode
        triesLeft = Int(ffi.triesLeft)
        retryAfter = TimeInterval(ffi.retryAfterSeconds)
    }
}

/// Documents that are known of without the PIN.
public struct HeldPapers: Sendable, Hashable {
    /// The document type.
    public let docType: String
    /// Who issued them.
    public let issuer: String
    /// How many there are.
    public let count: Int

    init(_ ffi: IdwalletFFI.HeldPapers) {
        docType = ffi.docType
        issuer = ffi.issuer
        count = Int(ffi.count)
    }
}

/// Where the state of a document can be asked.
public struct StatusSource: Sendable, Hashable {
    /// The address of the status list.
    public let uri: String
    /// The media type to ask for.
    public let mediaType: String
    /// When what is known of it grows old; `nil` when nothing is known yet.
    public let due: Date?
    /// How many documents ask for it.
    public let documents: Int

    init(_ ffi: IdwalletFFI.StatusSource) {
        uri = ffi.uri
        mediaType = ffi.mediaType
        due = ffi.due.map(Date.init(seconds:))
        documents = Int(ffi.documents)
    }
}

/// A document whose state is another one now.
public struct StatusChange: Sendable, Hashable {
    /// The id of the document.
    public let document: String
    /// What it is now.
    public let state: DocumentState
    /// What to tell the owner.
    public let text: LocalizedText

    init(_ ffi: IdwalletFFI.StatusChange) {
        document = ffi.document
        state = DocumentState(ffi.state)
        text = LocalizedText(ffi.text)
    }
}
