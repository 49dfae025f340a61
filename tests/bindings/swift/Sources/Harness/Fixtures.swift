import Foundation
import Idwallet

/// What tests/flows/fixtures made.
public struct Fixtures: Sendable {
    public let folder: URL

    public static let shared: Fixtures = {
        guard let path = ProcessInfo.processInfo.environment["IDWALLET_FIXTURES"] else {
            fatalError("IDWALLET_FIXTURES names the folder that tests/flows/fixtures made; `run` sets it")
        }
        return Fixtures(folder: URL(fileURLWithPath: path))
    }()

    public func data(_ name: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent(name))
    }

    /// Issuers and readers of the demo.
    public func trust() throws -> TrustStore {
        let trust = TrustStore()
        try trust.addIssuerAnchors(data("anchors.pem"))
        try trust.addReaderAnchors(data("reader-anchors.pem"))
        return trust
    }

    public func copy(_ kind: String) throws -> NewCopy {
        NewCopy(issuerSigned: try data("\(kind).cbor"), deviceKey: try data("\(kind).key"))
    }

    public func identity() throws -> ReaderIdentity {
        ReaderIdentity(privateKey: try data("reader.key"), chain: try data("reader.pem"))
    }
}

/// A new folder, which stays until the process ends.
public func newFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("idwallet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return folder
}

/// A clock that a test sets.
public final class TestClock: WalletClock, @unchecked Sendable {
    private let lock = NSLock()
    private var shift: TimeInterval = 0
    private var failure: (any Error)?
    private let start: TimeInterval?

    /// With `uptime`, the device was started so many seconds ago.
    public init(uptime: TimeInterval? = nil) {
        start = uptime.map { SystemClock().now().uptime - $0 }
    }

    public func advance(_ seconds: TimeInterval) {
        lock.lock()
        defer { lock.unlock() }
        shift += seconds
    }

    public func fail(_ error: (any Error)?) {
        lock.lock()
        defer { lock.unlock() }
        failure = error
    }

    public func now() throws -> Moment {
        lock.lock()
        defer { lock.unlock() }
        if let failure { throw failure }
        let now = SystemClock().now()
        return Moment(date: now.date + shift, uptime: now.uptime - (start ?? 0) + shift)
    }
}

/// Lines that the library logged.
public final class TestLog: LogSink, @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [LogRecord] = []

    public init() {}

    public var records: [LogRecord] {
        lock.lock()
        defer { lock.unlock() }
        return lines
    }

    public func log(_ record: LogRecord) {
        lock.lock()
        defer { lock.unlock() }
        lines.append(record)
    }
}

/// Counts, from any thread.
public final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    public init() {}

    public var value: Int {
        lock.lock()
        defer { lock.unlock() }
        return count
    }

    public func add() {
        lock.lock()
        defer { lock.unlock() }
        count += 1
    }
}
