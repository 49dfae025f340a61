import Foundation
import Idwallet

/// A secure area for tests, with P-256 keys whose private keys are 1, 2, 3… and a one-time number of 1, so that signing is an addition.
/// It protects nothing and follows every rule of the interface. Hooks let a test fail, hang or call back at any of its methods.
public final class TestArea: SecureArea, @unchecked Sendable {
    public typealias Hook = @Sendable () async throws -> Void

    private let fixtures: Fixtures
    private let lock = NSLock()
    private var hooks: [String: Hook] = [:]
    private var made: UInt8 = 0
    private var calls: [String] = []

    public init(_ fixtures: Fixtures = .shared) {
        self.fixtures = fixtures
    }

    /// Runs before the method of that name.
    public func at(_ method: String, _ hook: Hook?) {
        lock.lock()
        defer { lock.unlock() }
        hooks[method] = hook
    }

    public var called: [String] {
        lock.lock()
        defer { lock.unlock() }
        return calls
    }

    private func enter(_ method: String) async throws {
        try await note(method)?()
    }

    private func note(_ method: String) -> Hook? {
        lock.lock()
        defer { lock.unlock() }
        calls.append(method)
        return hooks[method]
    }

    private func next() -> UInt8 {
        lock.lock()
        defer { lock.unlock() }
        made += 1
        return made
    }

    public func capabilities() async throws -> AreaCapabilities {
        try await enter("capabilities")
        return AreaCapabilities(securityLevel: .secureElement, signCurves: [.p256], agreeCurves: [.p256], authentication: true)
    }

    public func createKey(_ spec: KeySpec) async throws -> CreatedKey {
        try await enter("createKey")
        guard spec.curve == .p256 else { throw SecureAreaError.unsupported }
        let number = next()
        guard number <= 3 else { throw SecureAreaError.full }
        return CreatedKey(id: Data([number]), publicKey: try fixtures.data("area-\(number).spki"))
    }

    public func publicKey(of key: Data) async throws -> Data {
        try await enter("publicKey")
        return try fixtures.data("area-\(number(key)).spki")
    }

    public func sign(_ data: Data, with key: Data) async throws -> Data {
        try await enter("sign")
        return Arithmetic.signature(digest: Arithmetic.sha256(data), privateKey: try number(key))
    }

    public func agree(with peer: Data, using key: Data) async throws -> Data {
        try await enter("agree")
        throw SecureAreaError.unsupported
    }

    public func wrap(_ secret: Data, context: Data) async throws -> Data {
        try await enter("wrap")
        return Arithmetic.sha256(context) + secret
    }

    public func unwrap(_ wrapped: Data, context: Data) async throws -> Data {
        try await enter("unwrap")
        guard wrapped.prefix(32) == Arithmetic.sha256(context) else { throw SecureAreaError.integrity }
        return Data(wrapped.dropFirst(32))
    }

    public func deleteKey(_ key: Data) async throws {
        try await enter("deleteKey")
    }

    private func number(_ key: Data) throws -> UInt8 {
        guard let number = key.first, key.count == 1 else { throw SecureAreaError.notFound }
        return number
    }
}

enum Arithmetic {
    typealias Number = [UInt32]  // eight words, most significant first

    static let order: Number = [
        0xffff_ffff, 0x0000_0000, 0xffff_ffff, 0xffff_ffff, 0xbce6_faad, 0xa717_9e84, 0xf3b9_cac2, 0xfc63_2551,
    ]
    /// The x coordinate of the generator: r of every signature whose one-time number is 1.
    static let generator: Number = [
        0x6b17_d1f2, 0xe12c_4247, 0xf8bc_e6e5, 0x63a4_40f2, 0x7703_7d81, 0x2deb_33a0, 0xf4a1_3945, 0xd898_c296,
    ]

    /// s = digest + r · privateKey modulo the order.
    static func signature(digest: Data, privateKey: UInt8) -> Data {
        var s = reduce(words(digest), carry: 0)
        for _ in 0..<privateKey { s = add(s, generator) }
        let body = integer(generator) + integer(s)
        return Data([0x30, UInt8(body.count)]) + body
    }

    private static func integer(_ number: Number) -> Data {
        var bytes = Data(number.flatMap { [UInt8($0 >> 24 & 0xff), UInt8($0 >> 16 & 0xff), UInt8($0 >> 8 & 0xff), UInt8($0 & 0xff)] })
        while bytes.count > 1, bytes[bytes.startIndex] == 0 { bytes = bytes.dropFirst() }
        if bytes[bytes.startIndex] & 0x80 != 0 { bytes = Data([0]) + bytes }
        return Data([0x02, UInt8(bytes.count)]) + bytes
    }

    private static func words(_ data: Data) -> Number {
        let bytes = [UInt8](data)
        return (0..<8).map {
            UInt32(bytes[$0 * 4]) << 24 | UInt32(bytes[$0 * 4 + 1]) << 16 | UInt32(bytes[$0 * 4 + 2]) << 8 | UInt32(bytes[$0 * 4 + 3])
        }
    }

    private static func add(_ a: Number, _ b: Number) -> Number {
        var sum = a
        var carry: UInt64 = 0
        for place in (0..<8).reversed() {
            let total = UInt64(a[place]) + UInt64(b[place]) + carry
            sum[place] = UInt32(truncatingIfNeeded: total)
            carry = total >> 32
        }
        return reduce(sum, carry: carry)
    }

    private static func reduce(_ number: Number, carry: UInt64) -> Number {
        guard carry == 1 || !number.lexicographicallyPrecedes(order) else { return number }
        var difference = number
        var borrow: Int64 = 0
        for place in (0..<8).reversed() {
            let total = Int64(number[place]) - Int64(order[place]) - borrow
            difference[place] = UInt32(truncatingIfNeeded: total)
            borrow = total < 0 ? 1 : 0
        }
        return difference
    }

    /// FIPS 180-4; the constants are computed from the primes.
    static func sha256(_ data: Data) -> Data {
        var state: [UInt32] = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
        var padded = [UInt8](data) + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        let bits = UInt64(data.count) * 8
        padded += (0..<8).reversed().map { UInt8(bits >> (UInt64($0) * 8) & 0xff) }
        for block in stride(from: 0, to: padded.count, by: 64) {
            var w = (0..<16).map { (i: Int) -> UInt32 in
                let at = block + i * 4
                return UInt32(padded[at]) << 24 | UInt32(padded[at + 1]) << 16 | UInt32(padded[at + 2]) << 8 | UInt32(padded[at + 3])
            }
            for i in 16..<64 {
                let a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
                let b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
                w.append(w[i - 16] &+ a &+ w[i - 7] &+ b)
            }
            var v = state
            for i in 0..<64 {
                let s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)
                let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
                let t1 = v[7] &+ s1 &+ choice &+ constants[i] &+ w[i]
                let s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
                v = [t1 &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
            }
            for i in 0..<8 { state[i] = state[i] &+ v[i] }
        }
        return Data(state.flatMap { [UInt8($0 >> 24 & 0xff), UInt8($0 >> 16 & 0xff), UInt8($0 >> 8 & 0xff), UInt8($0 & 0xff)] })
    }

    private static func rotate(_ x: UInt32, _ by: UInt32) -> UInt32 { x >> by | x << (32 - by) }
    private static let primes: [Int] = {
        var found: [Int] = []
        var n = 2
        while found.count < 64 {
            if !found.contains(where: { n % $0 == 0 }) { found.append(n) }
            n += 1
        }
        return found
    }()
    private static let constants: [UInt32] = primes.map { fraction(cbrt(Double($0))) }
    private static func fraction(_ x: Double) -> UInt32 { UInt32((x - x.rounded(.down)) * 4_294_967_296) }
}
