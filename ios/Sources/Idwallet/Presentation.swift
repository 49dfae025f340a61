import Foundation
internal import IdwalletFFI

/// The holder's side of one session with a reader.
///
/// The short way is ``run(over:decide:)``. An app with a loop of its own uses ``nextStep()`` and what it names.
public final class Presentation: Sendable {
    /// What the app does next.
    public enum Step: Sendable, Hashable {
        /// Send this message over the carrier, then ask again.
        case send(Data)
        /// Wait for a message and hand it to ``Presentation/received(_:)``; when that time comes without one, ask again.
        case receive(until: Date)
        /// A request is there: call ``Presentation/resolve()``.
        case resolve
        /// The person's turn; when that time comes, ask again.
        case decide(until: Date)
        /// The session is over: close the carrier. The text is for the person.
        case terminated(EndReason, LocalizedText)
    }

    /// Where a session stands, for the screen.
    public enum State: Sendable, Hashable {
        /// No reader yet, or none of its requests.
        case waiting
        /// The person has to decide.
        case deciding(Review)
        /// The answer is being signed.
        case answering
        /// The answer is on its way.
        case answered(Answer)
        /// It is over.
        case ended(EndReason, LocalizedText)
    }

    /// What the person decided.
    public enum Decision: Sendable, Hashable {
        /// Give this. `end: false` keeps the session open for another request.
        case approve(Approval, end: Bool = true)
        /// Give nothing. The reader is not told why.
        case decline
    }

    /// How a session went.
    public struct Outcome: Sendable, Hashable {
        /// What was given, by request; empty when nothing was.
        public let answers: [Answer]
        /// Why it ended.
        public let reason: EndReason
        /// The same for the person.
        public let text: LocalizedText
        /// Whether the connection was lost before the reader said anything: the code is still good, and ``Presentation/run(over:decide:)``
        /// may be called again with the reader's next connection.
        public let mayReconnect: Bool
    }

    /// What the QR code for the reader says.
    public let qrText: String

    let ffi: IdwalletFFI.Presentation
    private let clock: any WalletClock
    private let changed: @Sendable () -> Void
    private let broadcast = Broadcast<State>(policy: .unbounded)
    /// Where the loop of ``run(over:decide:)`` waits, so that ``cancel()`` wakes it.
    private let waiting = Held<Mailbox<SessionEvent>>()

    init(_ ffi: IdwalletFFI.Presentation, clock: any WalletClock, changed: @escaping @Sendable () -> Void) throws {
        self.ffi = ffi
        self.clock = clock
        self.changed = changed
        qrText = try ffi.qrText()
    }

    deinit {
        ffi.cancel()
        broadcast.finish()
    }

    /// Where the session stands, as it goes. Ends with the session.
    public var states: AsyncStream<State> {
        broadcast.subscribe(first: .waiting)
    }

    /// Runs the whole session over a carrier, and closes the carrier.
    ///
    /// Cancelling the task ends the session: the reader is told, and nothing more is given.
    ///
    /// - Parameters:
    ///   - carrier: The connection to the reader.
    ///   - decide: Shows the review to the person and returns what they decided. Called for each request.
    ///     When it throws, nothing is given and the error comes out here.
    /// - Returns: How it went. A session that broke off or was refused is an outcome too; see ``Outcome/reason``.
    /// - Throws: ``WalletError`` when the answer could not be made; `CancellationError`; what `decide` throws.
    public func run(
        over carrier: any Carrier, decide: @escaping @Sendable (Review) async throws -> Decision
    ) async throws -> Outcome {
        let events = Mailbox<SessionEvent>()
        let pump = SessionEvent.pump(carrier, into: events)
        let ffi = ffi
        var isOver = true
        waiting.set(events)
        defer {
            waiting.set(nil)
            if isOver {
                // Nothing after its end; whatever came in between ends it here.
                ffi.cancel()
                broadcast.finish()
            }
            pump.cancel()
            carrier.close()
        }
        let outcome = try await withTaskCancellationHandler {
            try await drive(carrier, events, decide)
        } onCancel: {
            ffi.cancel()
            events.post(.cancelled)
        }
        isOver = !outcome.mayReconnect
        return outcome
    }

    private func drive(
        _ carrier: any Carrier, _ events: Mailbox<SessionEvent>, _ decide: @escaping @Sendable (Review) async throws -> Decision
    ) async throws -> Outcome {
        var answers: [Answer] = []
        var failure: (any Error)?
        var deciding: Task<Void, Never>?
        var isLost = false
        defer { deciding?.cancel() }

        while true {
            switch try nextStep() {
            case .send(let message):
                do {
                    try await carrier.send(message)
                } catch {
                    isLost = true
                    ffi.connectionLost()
                }
            case .resolve:
                do {
                    let review = try resolve()
                    broadcast.send(.deciding(review))
                    deciding?.cancel()
                    deciding = Task {
                        do {
                            events.post(.decided(review, try await decide(review)))
                        } catch {
                            events.post(.undecided(error))
                        }
                    }
                } catch {
                    failure = error
                    // A faulty request has had its answer; a wallet that cannot look ends the session.
                    if case WalletError.invalidRequest = error {} else { ffi.cancel() }
                }
            case .receive where isLost:
                return Outcome(
                    answers: answers, reason: .connectionLost,
                    text: LocalizedText(
                        vi: "Mất kết nối trước khi bắt đầu. Máy đọc có thể kết nối lại.",
                        en: "The connection was lost before it began. The reader may connect again."),
                    mayReconnect: true)
            case .receive(let until), .decide(let until):
                switch await events.next(within: until.timeIntervalSince(try call { try clock.now().date })) {
                case .timedOut: continue
                case .closed: ffi.cancel()
                case .value(.message(let message)):
                    do {
                        try received(message)
                    } catch {
                        failure = failure ?? error
                    }
                case .value(.lost):
                    isLost = true
                    ffi.connectionLost()
                case .value(.cancelled): ffi.cancel()
                case .value(.undecided(let error)):
                    failure = error
                    ffi.cancel()
                case .value(.decided(let review, let decision)):
                    do {
                        if let answer = try await carryOut(decision, review) { answers.append(answer) }
                    } catch {
                        failure = error
                        ffi.cancel()
                    }
                }
            case .terminated(let reason, let text):
                broadcast.send(.ended(reason, text))
                try Task.checkCancellation()
                if let failure { throw failure }
                return Outcome(answers: answers, reason: reason, text: text, mayReconnect: false)
            }
        }
    }

    private func carryOut(_ decision: Decision, _ review: Review) async throws -> Answer? {
        switch decision {
        case .approve(let approval, let end):
            broadcast.send(.answering)
            return try await respond(to: review, approval, end: end)
        case .decline:
            try decline()
            return nil
        }
    }

    // MARK: - Step by step

    /// What to do next.
    public func nextStep() throws -> Step {
        switch try call({ try ffi.nextStep() }) {
        case .send(let data): return .send(data)
        case .receive(let until): return .receive(until: Date(seconds: until))
        case .resolve: return .resolve
        case .decide(let until): return .decide(until: Date(seconds: until))
        case .terminated(let reason, let text): return .terminated(EndReason(reason), LocalizedText(text))
        }
    }

    /// Takes a message from the carrier. One that is refused ends the session; ``nextStep()`` says so.
    public func received(_ message: Data) throws {
        try call { try ffi.received(data: message) }
    }

    /// Finds what is asked, by whom, and which documents answer it.
    ///
    /// - Throws: ``WalletError/invalidRequest(_:)`` for a faulty request (the reader is told), ``WalletError/locked(_:retryAfter:triesLeft:)``.
    public func resolve() throws -> Review {
        try call { Review(try ffi.resolve()) }
    }

    /// The review that waits for an answer, if one does.
    public func review() throws -> Review? {
        try call { try ffi.review().map(Review.init) }
    }

    /// The choice to start the consent screen with: sensitive elements are off.
    public func preselected() throws -> Approval {
        try call { Approval(try ffi.preselected()) }
    }

    /// The choice of everything that is asked and there.
    public func everything() throws -> Approval {
        try call { Approval(try ffi.everything()) }
    }

    /// What the choice reveals beside itself.
    public func givesAway(_ approval: Approval) throws -> [LocalizedText] {
        try call { try ffi.givesAway(approval: approval.ffi).map(LocalizedText.init) }
    }

    /// Signs and sends what the person approved. Cancelling the task ends the session and throws `CancellationError`; an answer that
    /// was made before it ended is returned all the same, because the history has it as shown.
    ///
    /// - Throws: ``WalletError/invalidState(_:document:)`` when the review is not of the request that waits;
    ///   ``WalletError/userCancelled(_:)``, ``WalletError/userAuthRequired(_:)``, ``WalletError/keyInvalidated(_:documents:)`` from
    ///   the secure area. After those three the review stays open and the person may try again.
    public func respond(to review: Review, _ approval: Approval, end: Bool = true) async throws -> Answer {
        let ffi = ffi
        let answer = try await callToEnd(onCancel: { ffi.cancel() }) {
            Answer(try await ffi.respond(handle: review.handle, approval: approval.ffi, end: end))
        }
        broadcast.send(.answered(answer))
        changed()
        return answer
    }

    /// Gives nothing, in the bytes of a wallet that has none of it.
    @discardableResult
    public func decline(end: Bool = true) throws -> Answer {
        try call { Answer(try ffi.decline(end: end)) }
    }

    /// Ends the session, whatever its state. The reader is told at the next ``nextStep()``.
    public func cancel() {
        ffi.cancel()
        waiting.get()?.post(.cancelled)
    }

    /// Tells the session that the carrier broke off.
    public func connectionLost() {
        ffi.connectionLost()
        waiting.get()?.post(.lost)
    }
}

/// A reference that threads share.
private final class Held<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value?

    func set(_ new: Value?) {
        lock.lock()
        defer { lock.unlock() }
        value = new
    }

    func get() -> Value? {
        lock.lock()
        defer { lock.unlock() }
        return value
    }
}

/// What happens to a session while it waits.
enum SessionEvent: Sendable {
    case message(Data)
    case lost
    case cancelled
    case decided(Review, Presentation.Decision)
    case undecided(any Error)

    /// Reads the carrier into the queue until it ends.
    static func pump(_ carrier: any Carrier, into events: Mailbox<SessionEvent>) -> Task<Void, Never> {
        Task {
            while !Task.isCancelled {
                guard let message = try? await carrier.receive() else { break }
                events.post(.message(message))
            }
            events.post(.lost)
        }
    }
}

/// Why a session ended.
public enum EndReason: String, Sendable, Hashable, CaseIterable {
    /// This side was done.
    case finished
    /// The other side was done.
    case finishedByPeer
    /// The holder gave nothing.
    case declined
    /// The other side could not read a message.
    case peerError
    /// A message of the other side was refused.
    case refused
    /// Nothing happened for too long.
    case timedOut
    /// This side ended it early.
    case cancelled
    /// The carrier broke off.
    case connectionLost

    init(_ ffi: IdwalletFFI.EndReason) {
        switch ffi {
        case .finished: self = .finished
        case .finishedByPeer: self = .finishedByPeer
        case .declined: self = .declined
        case .peerError: self = .peerError
        case .refused: self = .refused
        case .timedOut: self = .timedOut
        case .cancelled: self = .cancelled
        case .connectionLost: self = .connectionLost
        }
    }
}
