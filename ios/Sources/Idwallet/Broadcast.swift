import Foundation

/// Sends values to every `AsyncStream` that somebody listens to; each keeps the newest for a slow listener.
final class Broadcast<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var listeners: [UUID: AsyncStream<Value>.Continuation] = [:]
    private var isFinished = false
    private let policy: AsyncStream<Value>.Continuation.BufferingPolicy

    init(policy: AsyncStream<Value>.Continuation.BufferingPolicy = .bufferingNewest(1)) {
        self.policy = policy
    }

    var hasListeners: Bool {
        lock.lock()
        defer { lock.unlock() }
        return !listeners.isEmpty
    }

    func subscribe(first: Value?) -> AsyncStream<Value> {
        AsyncStream(bufferingPolicy: policy) { continuation in
            let id = UUID()
            if let first { continuation.yield(first) }
            lock.lock()
            let isOver = isFinished
            if !isOver { listeners[id] = continuation }
            lock.unlock()
            if isOver {
                continuation.finish()
                return
            }
            continuation.onTermination = { [weak self] _ in self?.forget(id) }
        }
    }

    func send(_ value: Value) {
        for listener in current() { listener.yield(value) }
    }

    func finish() {
        lock.lock()
        isFinished = true
        let all = Array(listeners.values)
        listeners = [:]
        lock.unlock()
        for listener in all { listener.finish() }
    }

    private func current() -> [AsyncStream<Value>.Continuation] {
        lock.lock()
        defer { lock.unlock() }
        return Array(listeners.values)
    }

    private func forget(_ id: UUID) {
        lock.lock()
        listeners[id] = nil
        lock.unlock()
    }
}
