import Foundation
internal import IdwalletFFI

/// A verifier that meets a phone: asks, receives, and verifies every byte, without a network.
public final class Reader: Sendable {
    let ffi: IdwalletFFI.Reader
    private let clock: any WalletClock

    /// A reader.
    ///
    /// - Parameters:
    ///   - trust: The issuers that it believes, with revocation and status lists.
    ///   - policy: How strict it is.
    ///   - identity: Who it is, if it tells the holder.
    ///   - clock: The clock of the device, unless a test brings another.
    /// - Throws: ``WalletError/invalidState(_:document:)`` for a key or chain that is none, or that do not belong together.
    public init(
        trust: TrustStore, policy: ReaderPolicy = ReaderPolicy(), identity: ReaderIdentity? = nil,
        clock: any WalletClock = SystemClock()
    ) throws {
        self.clock = clock
        ffi = try call {
            try IdwalletFFI.Reader(trust: trust.ffi, policy: policy.ffi, identity: identity?.ffi, clock: ClockBridge(clock))
        }
    }

    /// Begins a session with the holder whose QR code says `qrText`.
    ///
    /// - Throws: ``WalletError/verifier(_:)`` for a code that is not a holder's; ``WalletError/invalidState(_:document:)`` for a request that
    ///   asks for nothing, too much, or by a template that there is not.
    public func scan(_ qrText: String, request: ReaderRequest) throws -> ReaderSession {
        try call { ReaderSession(try ffi.scan(qrText: qrText, request: request.ffi), clock: clock) }
    }

    /// Begins a conversation from screen to screen: show ``CameraReader/message()`` with a ``FrameEncoder``.
    public func camera(_ request: ReaderRequest) throws -> CameraReader {
        try call { CameraReader(try ffi.camera(request: request.ffi)) }
    }

    /// Verifies a DeviceResponse that was received by other means.
    ///
    /// - Parameters:
    ///   - response: The DeviceResponse, CBOR.
    ///   - sessionTranscript: The SessionTranscript, CBOR.
    ///   - request: The DeviceRequest that it answers, CBOR; then an answer to something else is refused.
    /// - Throws: ``WalletError/invalidState(_:document:)`` when the bytes are none of these at all. Everything else is in the report.
    public func verify(response: Data, sessionTranscript: Data, request: Data? = nil) throws -> Report {
        try call {
            Report(try ffi.verifyDeviceResponse(response: response, sessionTranscript: sessionTranscript, request: request))
        }
    }

    /// Verifies a document as an issuer gives it to a holder. It proves no holder.
    ///
    /// - Parameters:
    ///   - issuerSigned: The IssuerSigned structure, CBOR.
    ///   - docType: The type that it has to be of, if one.
    /// - Throws: ``WalletError/invalidState(_:document:)`` when the bytes are no IssuerSigned at all.
    public func verify(issuerSigned: Data, docType: String? = nil) throws -> Report {
        try call { Report(try ffi.verifyIssuerSigned(issuerSigned: issuerSigned, docType: docType)) }
    }

    /// The requests that are ready made: age over 18, identity, and others.
    public static func requestTemplates() -> [RequestTemplate] {
        IdwalletFFI.requestTemplates().map(RequestTemplate.init)
    }
}

/// A request that is ready made.
public struct RequestTemplate: Sendable, Hashable, Identifiable {
    /// Its id, for ``ReaderRequest/template(_:)``.
    public let id: String
    /// Its name, for the person.
    public let title: LocalizedText

    init(_ ffi: IdwalletFFI.RequestTemplate) {
        id = ffi.id
        title = LocalizedText(ffi.title)
    }
}

/// What a reader asks.
public enum ReaderRequest: Sendable, Hashable {
    /// A template by its id. It asks for its first choice of documents; who has another one that serves, such as a driving licence for the age, is
    /// asked for that by ``elements(_:)``.
    case template(String)
    /// These elements of these documents.
    case elements([RequestedItems])

    var ffi: IdwalletFFI.ReaderRequest {
        switch self {
        case .template(let id): return .template(id: id)
        case .elements(let documents): return .elements(documents: documents.map(\.ffi))
        }
    }
}

/// What a reader asks of one document.
public struct RequestedItems: Sendable, Hashable {
    /// The document type.
    public let docType: String
    /// The elements, and whether the reader means to keep each.
    public let elements: [(ElementName, retain: Bool)]

    /// What a reader asks of one document.
    public init(docType: String, elements: [(ElementName, retain: Bool)]) {
        self.docType = docType
        self.elements = elements
    }

    /// What a reader asks of one document and does not mean to keep.
    public init(docType: String, elements: [ElementName]) {
        self.init(docType: docType, elements: elements.map { ($0, retain: false) })
    }

    /// Whether both ask for the same.
    public static func == (left: RequestedItems, right: RequestedItems) -> Bool {
        left.docType == right.docType && left.elements.elementsEqual(right.elements) { $0.0 == $1.0 && $0.retain == $1.retain }
    }

    /// Hashes type and elements.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(docType)
        for (name, retain) in elements {
            hasher.combine(name)
            hasher.combine(retain)
        }
    }

    var ffi: IdwalletFFI.RequestedItems {
        IdwalletFFI.RequestedItems(
            docType: docType,
            elements: elements.map {
                IdwalletFFI.RequestedItem(nameSpace: $0.nameSpace, element: $0.element, intentToRetain: $1)
            })
    }
}

/// How strict a reader is.
public struct ReaderPolicy: Sendable, Hashable {
    /// Which rules documents are measured by.
    public var strictness: Strictness
    /// How old its own lists may be, in seconds; `nil` for any age.
    public var maxSnapshotAge: TimeInterval?
    /// Whether the issuer's certificate must be known not to be revoked.
    public var requireRevocation: Bool
    /// Whether the document must be known not to be revoked.
    public var requireStatus: Bool
    /// Whether an answer that lacks something asked is refused.
    public var requireAllElements: Bool
    /// The lowest account level of the holder, when one is needed.
    public var accountLevel: Int?

    /// The rules of ISO/IEC 18013-5, and every element that was asked.
    public init(
        strictness: Strictness = .iso, maxSnapshotAge: TimeInterval? = nil, requireRevocation: Bool = false,
        requireStatus: Bool = false, requireAllElements: Bool = true, accountLevel: Int? = nil
    ) {
        self.strictness = strictness
        self.maxSnapshotAge = maxSnapshotAge
        self.requireRevocation = requireRevocation
        self.requireStatus = requireStatus
        self.requireAllElements = requireAllElements
        self.accountLevel = accountLevel
    }

    var ffi: IdwalletFFI.ReaderPolicy {
        IdwalletFFI.ReaderPolicy(
            strictness: strictness.ffi, maxSnapshotAgeSeconds: maxSnapshotAge.map { UInt64(max(0, $0.rounded())) },
            requireRevocation: requireRevocation, requireStatus: requireStatus, requireAllElements: requireAllElements,
            accountLevel: accountLevel.map { UInt8(clamping: $0) })
    }
}

/// Who a reader is.
public struct ReaderIdentity: Sendable {
    /// The private key, PKCS#8 in PEM or DER.
    public let privateKey: Data
    /// The certificates, leaf first, PEM.
    public let chain: Data

    /// Who a reader is.
    public init(privateKey: Data, chain: Data) {
        self.privateKey = privateKey
        self.chain = chain
    }

    var ffi: IdwalletFFI.ReaderIdentity {
        IdwalletFFI.ReaderIdentity(privateKey: privateKey, chain: chain)
    }
}

extension ReaderIdentity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the key.
    public var description: String { "ReaderIdentity" }
    /// Without the key.
    public var debugDescription: String { description }
    /// Without the key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The reader's side of one session with a phone.
public final class ReaderSession: Sendable {
    /// What the app does next.
    public enum Action: Sendable {
        /// Send this message over the carrier, then ask again.
        case send(Data)
        /// Wait for a message and hand it to ``ReaderSession/received(_:)``; when that time comes without one, ask again.
        case receive(until: Date)
        /// An answer is verified and the session is kept open: ``ReaderSession/ask(_:)`` or ``ReaderSession/finish()``.
        case decide(until: Date)
        /// It is over: close the carrier.
        case finished(Outcome)
    }

    /// Where a session stands, for the screen.
    public enum State: Sendable {
        /// The request is on its way.
        case asking
        /// The holder decides.
        case waiting
        /// It is over.
        case ended(Outcome)
    }

    /// How a session went.
    public struct Outcome: Sendable {
        /// One report for each request that was answered.
        public let reports: [Report]
        /// Why it ended.
        public let reason: EndReason
        /// The same for the person.
        public let text: LocalizedText
        /// Whether there was an answer and every answer is accepted.
        public var isAccepted: Bool { !reports.isEmpty && reports.allSatisfy(\.isAccepted) }
    }

    let ffi: IdwalletFFI.ReaderSession
    private let clock: any WalletClock
    private let broadcast = Broadcast<State>(policy: .unbounded)

    init(_ ffi: IdwalletFFI.ReaderSession, clock: any WalletClock) {
        self.ffi = ffi
        self.clock = clock
    }

    deinit {
        ffi.finish()
        broadcast.finish()
    }

    /// `host:port` of the holder's ``StreamListener``, when the engagement has one.
    public var streamAddress: String? {
        get throws { try call { try ffi.streamAddress() } }
    }

    /// Where the session stands, as it goes. Ends with the session.
    public var states: AsyncStream<State> {
        broadcast.subscribe(first: .asking)
    }

    /// Runs the whole session over a carrier, and closes the carrier. Cancelling the task ends the session; the holder is told.
    ///
    /// - Throws: `CancellationError`; ``WalletError`` for faults of this side. A bad answer is a report, not an error.
    public func run(over carrier: any Carrier) async throws -> Outcome {
        let events = Mailbox<SessionEvent>()
        let pump = SessionEvent.pump(carrier, into: events)
        defer {
            ffi.finish()
            broadcast.finish()
            pump.cancel()
            carrier.close()
        }
        return try await withTaskCancellationHandler {
            try await drive(carrier, events)
        } onCancel: {
            events.post(.cancelled)
        }
    }

    private func drive(_ carrier: any Carrier, _ events: Mailbox<SessionEvent>) async throws -> Outcome {
        var isLost = false
        while true {
            switch try nextAction() {
            case .send(let message):
                do {
                    try await carrier.send(message)
                    broadcast.send(.waiting)
                } catch {
                    isLost = true
                    ffi.connectionLost()
                }
            case .receive where isLost: ffi.finish()
            case .receive(let until):
                switch await events.next(within: until.timeIntervalSince(try call { try clock.now().date })) {
                case .timedOut: continue
                case .value(.message(let message)): try received(message)
                case .value(.lost):
                    isLost = true
                    ffi.connectionLost()
                case .closed, .value: ffi.finish()
                }
            case .decide: ffi.finish()
            case .finished(let outcome):
                broadcast.send(.ended(outcome))
                try Task.checkCancellation()
                return outcome
            }
        }
    }

    /// What to do next.
    public func nextAction() throws -> Action {
        switch try call({ try ffi.nextAction() }) {
        case .send(let data): return .send(data)
        case .receive(let until): return .receive(until: Date(seconds: until))
        case .decide(let until): return .decide(until: Date(seconds: until))
        case .finished(let reports, let reason, let text):
            return .finished(Outcome(reports: reports.map(Report.init), reason: EndReason(reason), text: LocalizedText(text)))
        }
    }

    /// Takes a message from the carrier; an answer is verified here. A message that is refused ends the session.
    public func received(_ message: Data) throws {
        try call { try ffi.received(data: message) }
    }

    /// Asks for more in the same session, after ``keepOpen()``.
    public func ask(_ request: ReaderRequest) throws {
        try call { try ffi.ask(request: request.ffi) }
    }

    /// Does not end the session after an answer; ``nextAction()`` then gives ``Action/decide(until:)``.
    public func keepOpen() throws {
        try call { try ffi.keepOpen() }
    }

    /// The DeviceResponse of the last answer, CBOR, as received. What was not asked with intent to retain may not be kept.
    public func lastResponse() throws -> Data? {
        try call { try ffi.lastResponse() }
    }

    /// The SessionTranscript, CBOR; the same for all answers.
    public func sessionTranscript() throws -> Data {
        try call { try ffi.sessionTranscript() }
    }

    /// Ends the session; the holder is told.
    public func finish() {
        ffi.finish()
    }

    /// Tells the session that the carrier broke off.
    public func connectionLost() {
        ffi.connectionLost()
    }
}

/// The reader's side from screen to screen: one request, one answer.
public final class CameraReader: Sendable {
    /// What came of it.
    public enum Outcome: Sendable {
        /// An answer, verified.
        case report(Report)
        /// No answer; the text is for the person. Nobody vouches for it.
        case noAnswer(LocalizedText)
    }

    private let ffi: IdwalletFFI.CameraReader

    init(_ ffi: IdwalletFFI.CameraReader) {
        self.ffi = ffi
    }

    /// The request, to be shown with a ``FrameEncoder`` of the kind ``MessageKind/request``.
    public func message() throws -> Data {
        try call { try ffi.message() }
    }

    /// When the request is worth nothing any more.
    public func until() throws -> Date {
        try call { Date(seconds: try ffi.until()) }
    }

    /// Takes the answer that was filmed with a ``FrameDecoder``, and verifies it. There is one try.
    public func received(_ answer: Data) throws -> Outcome {
        switch try call({ try ffi.received(data: answer) }) {
        case .verified(let report): return .report(Report(report))
        case .noAnswer(let text): return .noAnswer(LocalizedText(text))
        }
    }
}
