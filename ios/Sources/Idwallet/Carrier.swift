import Foundation
internal import IdwalletFFI

/// What carries whole messages between a holder and a reader: a socket, Bluetooth, a test.
///
/// A carrier knows nothing of what it carries.
public protocol Carrier: Sendable {
    /// Sends one message.
    func send(_ message: Data) async throws
    /// Waits for the next message; `nil` when the other side has closed. Ends when its task is cancelled or after ``close()``.
    func receive() async throws -> Data?
    /// Closes it. May be called more than once.
    func close()
}

/// Two carriers in one process, each the other's far end. For tests and previews.
public final class MemoryCarrier: Carrier {
    private let incoming: Mailbox<Data>
    private let outgoing: Mailbox<Data>

    private init(incoming: Mailbox<Data>, outgoing: Mailbox<Data>) {
        self.incoming = incoming
        self.outgoing = outgoing
    }

    /// Two ends that are connected.
    public static func pair() -> (MemoryCarrier, MemoryCarrier) {
        let there = Mailbox<Data>()
        let back = Mailbox<Data>()
        return (MemoryCarrier(incoming: back, outgoing: there), MemoryCarrier(incoming: there, outgoing: back))
    }

    /// Puts the message into the other end's queue. Lost when that end is closed.
    public func send(_ message: Data) async throws {
        outgoing.post(message)
    }

    /// Waits for the next message; `nil` after ``close()`` on either end.
    public func receive() async throws -> Data? {
        switch await incoming.next() {
        case .value(let message): return message
        case .closed, .timedOut: return nil
        }
    }

    /// Closes both ends; what was sent before is still received.
    public func close() {
        incoming.close()
        outgoing.close()
    }
}

/// A queue that one task waits on, with a deadline.
final class Mailbox<Value: Sendable>: @unchecked Sendable {
    enum Next: Sendable {
        case value(Value)
        case closed
        case timedOut
    }

    private let lock = NSLock()
    private var values: [Value] = []
    private var isClosed = false
    private var waiting: (id: UUID, continuation: CheckedContinuation<Next, Never>)?

    func post(_ value: Value) {
        lock.lock()
        guard !isClosed else {
            lock.unlock()
            return
        }
        if let waiter = waiting {
            waiting = nil
            lock.unlock()
            waiter.continuation.resume(returning: .value(value))
        } else {
            values.append(value)
            lock.unlock()
        }
    }

    func close() {
        lock.lock()
        isClosed = true
        let waiter = waiting
        waiting = nil
        lock.unlock()
        waiter?.continuation.resume(returning: .closed)
    }

    /// The next value; a cancelled task counts as closed. At most one task may wait.
    func next(within seconds: TimeInterval? = nil) async -> Next {
        let id = UUID()
        let timer = seconds.map { limit in
            Task { [weak self] in
                try? await Task.sleep(nanoseconds: UInt64(min(max(limit, 0), 86_400) * 1e9))
                if !Task.isCancelled { self?.wake(id, with: .timedOut) }
            }
        }
        defer { timer?.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                lock.lock()
                if !values.isEmpty {
                    let value = values.removeFirst()
                    lock.unlock()
                    continuation.resume(returning: .value(value))
                } else if isClosed || Task.isCancelled {
                    lock.unlock()
                    continuation.resume(returning: .closed)
                } else if let limit = seconds, limit <= 0 {
                    lock.unlock()
                    continuation.resume(returning: .timedOut)
                } else {
                    waiting = (id, continuation)
                    lock.unlock()
                }
            }
        } onCancel: {
            wake(id, with: .closed)
        }
    }

    private func wake(_ id: UUID, with next: Next) {
        lock.lock()
        guard let waiter = waiting, waiter.id == id else {
            lock.unlock()
            return
        }
        waiting = nil
        lock.unlock()
        waiter.continuation.resume(returning: next)
    }
}
