// imports: Security LocalAuthentication
import Foundation
import LocalAuthentication
import Security

public protocol HashFunction: Sendable {}
public struct SHA256: HashFunction {}

public struct SymmetricKey: ContiguousBytes, Sendable {
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { fatalError() }
}

public struct SharedSecret: ContiguousBytes, Sendable {
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { fatalError() }
    public func hkdfDerivedSymmetricKey<H: HashFunction, Salt: DataProtocol, SI: DataProtocol>(
        using hashFunction: H.Type, salt: Salt, sharedInfo: SI, outputByteCount: Int
    ) -> SymmetricKey { fatalError() }
}

public enum AES {
    public enum GCM {
        public struct SealedBox: Sendable {
            public var combined: Data? { fatalError() }
            public init<D: DataProtocol>(combined: D) throws { fatalError() }
        }
        public static func seal<P: DataProtocol, A: DataProtocol>(
            _ message: P, using key: SymmetricKey, authenticating: A
        ) throws -> SealedBox { fatalError() }
        public static func open<A: DataProtocol>(_ box: SealedBox, using key: SymmetricKey, authenticating: A) throws -> Data { fatalError() }
    }
}

public enum P256: Sendable {
    public enum Signing: Sendable {
        public struct ECDSASignature: Sendable { public var derRepresentation: Data { fatalError() } }
        public struct PublicKey: Sendable { public var derRepresentation: Data { fatalError() } }
    }
    public enum KeyAgreement: Sendable {
        public struct PublicKey: Sendable {
            public init<D: RandomAccessCollection>(derRepresentation: D) throws where D.Element == UInt8 { fatalError() }
            public init<D: ContiguousBytes>(x963Representation: D) throws { fatalError() }
            public var derRepresentation: Data { fatalError() }
            public var x963Representation: Data { fatalError() }
        }
        public struct PrivateKey: Sendable {
            public init(compactRepresentable: Bool = true) { fatalError() }
            public var publicKey: PublicKey { fatalError() }
            public func sharedSecretFromKeyAgreement(with share: PublicKey) throws -> SharedSecret { fatalError() }
        }
    }
}

public enum SecureEnclave: Sendable {
    public static var isAvailable: Bool { fatalError() }
    public enum P256: Sendable {
        public enum Signing: Sendable {
            public struct PrivateKey: Sendable {
                public init(
                    compactRepresentable: Bool = true, accessControl: SecAccessControl, authenticationContext: LAContext? = nil
                ) throws { fatalError() }
                public init(dataRepresentation: Data, authenticationContext: LAContext? = nil) throws { fatalError() }
                public var dataRepresentation: Data { fatalError() }
                public var publicKey: CryptoKit.P256.Signing.PublicKey { fatalError() }
                public func signature<D: DataProtocol>(for data: D) throws -> CryptoKit.P256.Signing.ECDSASignature { fatalError() }
            }
        }
        public enum KeyAgreement: Sendable {
            public struct PrivateKey: Sendable {
                public init(
                    compactRepresentable: Bool = true, accessControl: SecAccessControl, authenticationContext: LAContext? = nil
                ) throws { fatalError() }
                public init(dataRepresentation: Data, authenticationContext: LAContext? = nil) throws { fatalError() }
                public var dataRepresentation: Data { fatalError() }
                public var publicKey: CryptoKit.P256.KeyAgreement.PublicKey { fatalError() }
                public func sharedSecretFromKeyAgreement(with share: CryptoKit.P256.KeyAgreement.PublicKey) throws -> SharedSecret { fatalError() }
            }
        }
    }
}
