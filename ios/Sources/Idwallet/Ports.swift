import Foundation
internal import IdwalletFFI

/// The time, as the wallet sees it. ``SystemClock`` is the right one for every app; tests bring their own.
public protocol WalletClock: Sendable {
    /// The time now. What it throws becomes ``WalletError/internal(_:)`` of the call that asked.
    func now() throws -> Moment
}

/// A moment on two clocks.
public struct Moment: Sendable, Hashable {
    /// The calendar time. The person can change it.
    public let date: Date
    /// Time since the device started, in seconds. Nobody can change it, so waits after wrong PINs are measured by it.
    public let uptime: TimeInterval

    /// A moment; `uptime` in seconds since the device started, sleep included where the platform offers it.
    public init(date: Date, uptime: TimeInterval) {
        self.date = date
        self.uptime = uptime
    }
}

/// The clocks of the device.
public struct SystemClock: WalletClock {
    /// The clocks of the device.
    public init() {}

    /// The time now.
    public func now() -> Moment {
        Moment(date: Date(), uptime: Self.uptime)
    }

    private static var uptime: TimeInterval {
        var time = timespec()
        #if os(Linux)
            clock_gettime(CLOCK_BOOTTIME, &time)
        #else
            // On Apple's systems this clock goes on in sleep.
            clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return TimeInterval(time.tv_sec) + TimeInterval(time.tv_nsec) / 1e9
    }
}

/// Where the library writes what may interest the developer. It never gets a value of a document, a PIN or a key.
public protocol LogSink: Sendable {
    /// Takes one record. Called from any thread; it should return soon.
    func log(_ record: LogRecord)
}

/// One line of the log.
public struct LogRecord: Sendable, Hashable {
    /// How much it matters.
    public enum Level: String, Sendable, Hashable, CaseIterable {
        /// Something happened as it should.
        case info
        /// Something was refused or did not fit.
        case warning
        /// Something failed.
        case error
    }

    /// How much it matters.
    public let level: Level
    /// The call of the library that wrote it.
    public let call: String
    /// The code of the error, where there is one.
    public let code: String?
    /// What happened; no personal data.
    public let detail: String

    init(_ ffi: IdwalletFFI.LogRecord) {
        switch ffi.level {
        case .info: level = .info
        case .warning: level = .warning
        case .error: level = .error
        }
        call = ffi.call
        code = ffi.code
        detail = ffi.detail
    }
}

final class ClockBridge: IdwalletFFI.Clock {
    private let clock: any WalletClock

    init(_ clock: any WalletClock) {
        self.clock = clock
    }

    func now() throws -> IdwalletFFI.Now {
        let moment: Moment
        do {
            moment = try clock.now()
        } catch {
            throw IdwalletFFI.PortError.Failed(detail: String(describing: type(of: error)))
        }
        let millis = UInt64(exactly: (max(moment.uptime, 0) * 1000).rounded(.down)) ?? 0
        return IdwalletFFI.Now(unixSeconds: moment.date.wholeSeconds, uptimeMillis: millis)
    }
}

final class LogBridge: IdwalletFFI.LogSink {
    private let sink: any LogSink

    init(_ sink: any LogSink) {
        self.sink = sink
    }

    func log(record: IdwalletFFI.LogRecord) throws {
        sink.log(LogRecord(record))
    }
}
