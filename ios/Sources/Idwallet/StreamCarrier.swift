import Foundation
internal import IdwalletFFI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Messages over a TCP connection, as the engagement announces it with `streamAddress`.
///
/// Reading and writing block threads of their own, never those of Swift's tasks.
public final class StreamCarrier: Carrier, @unchecked Sendable {
    private let socket: Int32
    private let inbox = Mailbox<Data>()
    private let writes = DispatchQueue(label: "idwallet.stream.write")
    private let lock = NSLock()
    private var isClosed = false

    private init(socket: Int32) {
        self.socket = socket
        #if canImport(Darwin)
            var yes: Int32 = 1
            setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif
        let inbox = inbox
        Thread.detachNewThread { Self.read(from: socket, into: inbox) }
    }

    deinit {
        close()
        Glue.close(socket)
    }

    /// Connects to a holder, `host:port` as ``ReaderSession/streamAddress`` gives it.
    ///
    /// - Throws: ``StreamError``.
    public static func connect(to address: String) async throws -> StreamCarrier {
        let (host, port) = try split(address)
        return try await background {
            let descriptor = try Glue.open()
            var target = try Glue.address(host, port)
            let status = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glue.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard status == 0 else {
                let code = errno
                Glue.close(descriptor)
                throw StreamError(code: code)
            }
            return StreamCarrier(socket: descriptor)
        }
    }

    fileprivate static func over(_ descriptor: Int32) -> StreamCarrier {
        StreamCarrier(socket: descriptor)
    }

    fileprivate static func split(_ address: String) throws -> (String, UInt16) {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            throw StreamError(code: EINVAL)
        }
        return (String(address[..<colon]), port)
    }

    /// Sends one message.
    public func send(_ message: Data) async throws {
        let framed = try call { try encodeStreamMessage(data: message) }
        let socket = socket
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            writes.async {
                continuation.resume(with: Result { try Glue.write(framed, to: socket) })
            }
        }
    }

    /// Waits for the next message; `nil` when the other side has closed.
    public func receive() async throws -> Data? {
        switch await inbox.next() {
        case .value(let message): return message
        case .closed, .timedOut: return nil
        }
    }

    /// Closes the connection, after what was sent.
    public func close() {
        lock.lock()
        let wasClosed = isClosed
        isClosed = true
        lock.unlock()
        guard !wasClosed else { return }
        let socket = socket
        writes.async { Glue.shutdown(socket) }
        inbox.close()
    }

    private static func read(from socket: Int32, into inbox: Mailbox<Data>) {
        let decoder = IdwalletFFI.StreamDecoder()
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glue.read(socket, &buffer)
            guard count > 0 else { break }
            do {
                try decoder.push(data: Data(buffer[0..<count]))
                while let message = try decoder.pop() { inbox.post(message) }
            } catch {
                break
            }
        }
        inbox.close()
    }
}

/// A socket that waits for one reader.
public final class StreamListener: @unchecked Sendable {
    private let socket: Int32
    /// `host:port` where it listens, for ``Wallet/present(trust:streamAddress:)``.
    public let address: String

    /// Listens on `host:port`, an IPv4 address of this device; port 0 takes a free one.
    ///
    /// - Throws: ``StreamError``.
    public init(on address: String) throws {
        let (host, port) = try StreamCarrier.split(address)
        socket = try Glue.open()
        do {
            self.address = try Glue.listen(socket, host, port)
        } catch {
            Glue.close(socket)
            throw error
        }
    }

    deinit {
        Glue.close(socket)
    }

    /// Waits for a reader to connect.
    public func accept() async throws -> StreamCarrier {
        let listener = self
        return try await withTaskCancellationHandler {
            try await background {
                let descriptor = Glue.accept(listener.socket)
                guard descriptor >= 0 else { throw StreamError(code: errno) }
                return StreamCarrier.over(descriptor)
            }
        } onCancel: {
            Glue.shutdown(listener.socket)
        }
    }
}

extension StreamListener {
    /// The IPv4 addresses of this device in its networks, without the loopback.
    public static func localAddresses() -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [String] = []
        for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let entry, let raw = entry.pointee.ifa_addr, Int32(raw.pointee.sa_family) == AF_INET else { continue }
            let flags = Int32(bitPattern: UInt32(truncatingIfNeeded: entry.pointee.ifa_flags))
            guard flags & Flag.up != 0, flags & Flag.loopback == 0 else { continue }
            var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
            raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                _ = inet_ntop(AF_INET, &address.pointee.sin_addr, &text, socklen_t(INET_ADDRSTRLEN))
            }
            found.append(String(cString: text))
        }
        return found
    }
}

/// A connection that could not be made or broke.
public struct StreamError: Error, Sendable, Hashable, LocalizedError {
    /// The `errno` of the system.
    public let code: Int32

    /// An error of the system.
    public init(code: Int32) {
        self.code = code
    }

    /// The system's text for it.
    public var errorDescription: String? { String(cString: strerror(code)) }
}

/// `IFF_UP` and `IFF_LOOPBACK`, which are an enum on one system and numbers on the other.
private enum Flag {
    static let up: Int32 = 0x1
    static let loopback: Int32 = 0x8
}

private func background<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}

/// The calls of POSIX under names that do not collide with the methods here.
private enum Glue {
    static func open() throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw StreamError(code: errno) }
        return descriptor
    }

    static func address(_ host: String, _ port: UInt16) throws -> sockaddr_in {
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &result.sin_addr) == 1 else {
            throw StreamError(code: EADDRNOTAVAIL)
        }
        return result
    }

    static func listen(_ descriptor: Int32, _ host: String, _ port: UInt16) throws -> String {
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var local = try address(host, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw -> Int32 in
                guard systemBind(descriptor, raw, length) == 0, systemListen(descriptor, 1) == 0 else { return -1 }
                return getsockname(descriptor, raw, &length)
            }
        }
        guard status == 0 else { throw StreamError(code: errno) }
        return "\(host):\(UInt16(bigEndian: local.sin_port))"
    }

    static func write(_ data: Data, to descriptor: Int32) throws {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemSend(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw StreamError(code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    static func read(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
        recv(descriptor, &buffer, buffer.count, 0)
    }

    static func connect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
        systemConnect(descriptor, address, length)
    }

    static func accept(_ descriptor: Int32) -> Int32 {
        systemAccept(descriptor)
    }

    static func shutdown(_ descriptor: Int32) {
        systemShutdown(descriptor)
    }

    static func close(_ descriptor: Int32) {
        systemClose(descriptor)
    }
}

private func systemBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(descriptor, address, length)
}
private func systemListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 { listen(descriptor, backlog) }
private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}
private func systemAccept(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }
private func systemShutdown(_ descriptor: Int32) {
    #if canImport(Glibc)
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    #else
        _ = shutdown(descriptor, SHUT_RDWR)
    #endif
}
private func systemClose(_ descriptor: Int32) { _ = close(descriptor) }
private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
    #else
        send(descriptor, bytes, count, 0)
    #endif
}
