import Foundation
internal import IdwalletFFI

/// Everything that a call of this module throws, grouped by what the app has to do about it.
///
/// Each case carries an ``ErrorInfo`` with a stable code, the reaction that helps, and a text for the person.
public enum WalletError: Error, Sendable, Hashable {
    /// The person cancelled a prompt. Nothing was shown and nothing was lost.
    case userCancelled(ErrorInfo)
    /// The platform wants the person to authenticate before the key may be used.
    case userAuthRequired(ErrorInfo)
    /// A key is gone for good, for example because the biometry changed. The documents named need to be issued again.
    case keyInvalidated(ErrorInfo, documents: [String])
    /// The wallet is locked. `retryAfter`: seconds before another PIN is taken; `triesLeft`: PINs before the next wait.
    case locked(ErrorInfo, retryAfter: TimeInterval?, triesLeft: Int?)
    /// What the issuer sent is at fault.
    case issuer(ErrorInfo)
    /// What the reader sent, or its session, is at fault.
    case verifier(ErrorInfo)
    /// A signature is good but nobody whom this wallet trusts stands behind it.
    case untrusted(ErrorInfo)
    /// What the app passed, or a request that was received, makes no sense.
    case invalidRequest(ErrorInfo)
    /// A document or a session is over its time.
    case expired(ErrorInfo)
    /// The call does not fit the state: used after ``Wallet/shutdown()``, answered twice, a stale review. `document` names the one concerned.
    case invalidState(ErrorInfo, document: String?)
    /// The device or this version cannot do it.
    case unsupported(ErrorInfo)
    /// The vault could not be read or written.
    case storage(ErrorInfo)
    /// The exported file or its passphrase is wrong.
    case backup(ErrorInfo)
    /// A fault of this library or of a port of the app (one that threw what it did not declare). The process lives on.
    case `internal`(ErrorInfo)

    /// What every error has.
    public var info: ErrorInfo {
        switch self {
        case .userCancelled(let info), .userAuthRequired(let info), .keyInvalidated(let info, _), .locked(let info, _, _),
            .issuer(let info), .verifier(let info), .untrusted(let info), .invalidRequest(let info), .expired(let info),
            .invalidState(let info, _), .unsupported(let info), .storage(let info), .backup(let info), .internal(let info):
            return info
        }
    }

    /// The stable code, for example `W111`. Codes are never reused.
    public var code: String { info.code }
    /// What the app can do.
    public var reaction: Reaction { info.reaction }
    /// The sentence for the person. It holds no personal data.
    public var text: LocalizedText { info.text }
}

extension WalletError: LocalizedError {
    /// The sentence for the person in the language of the device.
    public var errorDescription: String? { text.localized }
    /// What happened, for the developer. It holds no personal data.
    public var failureReason: String? { info.detail }
}

/// What every ``WalletError`` carries.
public struct ErrorInfo: Sendable, Hashable {
    /// The stable code, for example `W111`.
    public let code: String
    /// What the app can do.
    public let reaction: Reaction
    /// The sentence for the person.
    public let text: LocalizedText
    /// What happened, for the developer; no personal data.
    public let detail: String

    init(_ ffi: IdwalletFFI.ErrorInfo) {
        code = ffi.code
        reaction = Reaction(ffi.reaction)
        text = LocalizedText(ffi.text)
        detail = ffi.detail
    }

    private init(code: String, reaction: Reaction, text: LocalizedText, detail: String) {
        self.code = code
        self.reaction = reaction
        self.text = text
        self.detail = detail
    }

    /// For what goes wrong between Swift and the library, where no error of the library's own exists.
    static func fault(_ detail: String) -> ErrorInfo {
        ErrorInfo(
            code: "W901", reaction: .contactSupport,
            text: LocalizedText(vi: "Lỗi bên trong ví. Không có gì được gửi.", en: "A fault inside the wallet. Nothing was sent."),
            detail: detail)
    }
}

/// What an app can do about an error.
public enum Reaction: String, Sendable, Hashable, CaseIterable {
    /// Nothing: the person wanted it so.
    case nothing
    /// Try again at once.
    case retry
    /// Try again after a while.
    case retryLater
    /// Let the person authenticate (biometry, device passcode), then try again.
    case authenticate
    /// Ask for the PIN of the wallet.
    case enterPin
    /// Unlock the wallet, which has no PIN.
    case unlock
    /// Ask for the card or token that holds the keys.
    case insertHardware
    /// Show the request again and ask again.
    case reviewAgain
    /// The reader has to do something.
    case askReader
    /// The issuer has to do something.
    case askIssuer
    /// The document has to be issued again.
    case askReissue
    /// Install a newer version of the app.
    case updateApp
    /// Free space on the device.
    case freeSpace
    /// Another process has the wallet open: close it.
    case closeOther
    /// The app may not read or write its folder.
    case mendAccess
    /// There is no wallet yet: create one.
    case createWallet
    /// Restore the exported file.
    case restoreBackup
    /// Contact support, with ``Wallet/supportBundle()``.
    case contactSupport

    init(_ ffi: IdwalletFFI.Reaction) {
        switch ffi {
        case .nothing: self = .nothing
        case .retry: self = .retry
        case .retryLater: self = .retryLater
        case .authenticate: self = .authenticate
        case .enterPin: self = .enterPin
        case .unlock: self = .unlock
        case .insertHardware: self = .insertHardware
        case .reviewAgain: self = .reviewAgain
        case .askReader: self = .askReader
        case .askIssuer: self = .askIssuer
        case .askReissue: self = .askReissue
        case .updateApp: self = .updateApp
        case .freeSpace: self = .freeSpace
        case .closeOther: self = .closeOther
        case .mendAccess: self = .mendAccess
        case .createWallet: self = .createWallet
        case .restoreBackup: self = .restoreBackup
        case .contactSupport: self = .contactSupport
        }
    }
}

extension WalletError {
    /// Whatever came out of the library, as one of ours: a panic of the library and a fault of the bridge are ``internal(_:)``.
    init(from error: any Error) {
        guard let ffi = error as? IdwalletFFI.WalletError else {
            self = (error as? WalletError) ?? .internal(.fault(String(describing: type(of: error))))
            return
        }
        switch ffi {
        case .UserCancelled(let info): self = .userCancelled(ErrorInfo(info))
        case .UserAuthRequired(let info): self = .userAuthRequired(ErrorInfo(info))
        case .KeyInvalidated(let info, let documents): self = .keyInvalidated(ErrorInfo(info), documents: documents)
        case .Locked(let info, let seconds, let tries):
            self = .locked(ErrorInfo(info), retryAfter: seconds.map { TimeInterval($0) }, triesLeft: tries.map(Int.init))
        case .Issuer(let info): self = .issuer(ErrorInfo(info))
        case .Verifier(let info): self = .verifier(ErrorInfo(info))
        case .Untrusted(let info): self = .untrusted(ErrorInfo(info))
        case .InvalidRequest(let info): self = .invalidRequest(ErrorInfo(info))
        case .Expired(let info): self = .expired(ErrorInfo(info))
        case .InvalidState(let info, let document): self = .invalidState(ErrorInfo(info), document: document)
        case .Unsupported(let info): self = .unsupported(ErrorInfo(info))
        case .Storage(let info): self = .storage(ErrorInfo(info))
        case .Backup(let info): self = .backup(ErrorInfo(info))
        case .Internal(let info): self = .internal(ErrorInfo(info))
        }
    }
}

/// Runs a call into the library and throws its errors as ``WalletError``.
func call<T>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch {
        throw WalletError(from: error)
    }
}

/// Runs an asynchronous call into the library.
///
/// The library's future runs to its end by itself; a cancelled task stops waiting for it and throws `CancellationError`.
/// `letGo` gets a result that nobody waits for any more.
func call<T: Sendable>(
    letGo: (@Sendable (T) -> Void)? = nil, _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    let answer = OneAnswer<T>()
    let result: Result<T, any Error> = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            answer.wait(continuation)
            Task {
                do {
                    let value = try await body()
                    if !answer.give(.success(value)) { letGo?(value) }
                } catch {
                    answer.give(.failure(WalletError(from: error)))
                }
            }
        }
    } onCancel: {
        answer.give(.failure(CancellationError()))
    }
    return try result.get()
}

/// The same for a call whose result must not be lost: what it made is returned, also to a task that was cancelled meanwhile.
///
/// `onCancel` tells the library, where it has a way to stop; a call that it stopped throws `CancellationError`.
func callToEnd<T: Sendable>(
    onCancel: @escaping @Sendable () -> Void = {}, _ body: @Sendable () async throws -> T
) async throws -> T {
    do {
        return try await withTaskCancellationHandler(operation: body, onCancel: onCancel)
    } catch {
        try Task.checkCancellation()
        throw WalletError(from: error)
    }
}

/// The first of several answers, given to the one who waits.
private final class OneAnswer<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var continuation: CheckedContinuation<Result<T, any Error>, Never>?
    private var early: Result<T, any Error>?
    private var isDone = false

    func wait(_ continuation: CheckedContinuation<Result<T, any Error>, Never>) {
        lock.lock()
        if let early {
            self.early = nil
            lock.unlock()
            continuation.resume(returning: early)
            return
        }
        self.continuation = continuation
        lock.unlock()
    }

    /// Whether it is the first, and so the one that is taken.
    @discardableResult
    func give(_ result: Result<T, any Error>) -> Bool {
        lock.lock()
        guard !isDone else {
            lock.unlock()
            return false
        }
        isDone = true
        let waiting = continuation
        continuation = nil
        if waiting == nil { early = result }
        lock.unlock()
        waiting?.resume(returning: result)
        return true
    }
}
