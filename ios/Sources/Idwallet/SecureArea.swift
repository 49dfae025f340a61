import Foundation
internal import IdwalletFFI

/// Where private keys live: the Secure Enclave, a token, or a file.
///
/// The wallet asks it to make keys and to use them; no private key ever crosses this interface. Every method may wait for
/// the person (a biometric prompt). Throw ``SecureAreaError``; anything else becomes ``WalletError/internal(_:)`` of the call
/// that needed the key, and `CancellationError` counts as ``SecureAreaError/userCancelled``.
public protocol SecureArea: Sendable {
    /// What this area can do.
    func capabilities() async throws -> AreaCapabilities
    /// Makes a key.
    func createKey(_ spec: KeySpec) async throws -> CreatedKey
    /// The public key as SubjectPublicKeyInfo in DER.
    func publicKey(of key: Data) async throws -> Data
    /// Signs `data` and returns an ECDSA-Sig-Value in DER (the area hashes, with SHA-256, SHA-384 or SHA-512 as the curve
    /// demands) or, for EdDSA, the signature of RFC 8032.
    func sign(_ data: Data, with key: Data) async throws -> Data
    /// The x coordinate of the Diffie-Hellman result with `peer`, a SubjectPublicKeyInfo in DER.
    func agree(with peer: Data, using key: Data) async throws -> Data
    /// Encrypts a secret so that only this area can read it again. `context` is associated data.
    func wrap(_ secret: Data, context: Data) async throws -> Data
    /// Decrypts what ``wrap(_:context:)`` gave. Another `context` throws ``SecureAreaError/integrity``.
    func unwrap(_ wrapped: Data, context: Data) async throws -> Data
    /// Destroys a key. A key that is not there is no error.
    func deleteKey(_ key: Data) async throws
    /// Makes a counter that only grows and returns its name. Areas without counters throw ``SecureAreaError/unsupported``.
    func createCounter() async throws -> Data
    /// The value of a counter.
    func readCounter(_ counter: Data) async throws -> UInt64
    /// Adds one to a counter and returns the new value.
    func incrementCounter(_ counter: Data) async throws -> UInt64
    /// Destroys a counter. A counter that is not there is no error.
    func deleteCounter(_ counter: Data) async throws
}

extension SecureArea {
    /// Throws ``SecureAreaError/unsupported``: most areas have no counters.
    public func createCounter() async throws -> Data { throw SecureAreaError.unsupported }
    /// Throws ``SecureAreaError/unsupported``.
    public func readCounter(_ counter: Data) async throws -> UInt64 { throw SecureAreaError.unsupported }
    /// Throws ``SecureAreaError/unsupported``.
    public func incrementCounter(_ counter: Data) async throws -> UInt64 { throw SecureAreaError.unsupported }
    /// Throws ``SecureAreaError/unsupported``.
    public func deleteCounter(_ counter: Data) async throws { throw SecureAreaError.unsupported }
}

/// What a ``SecureArea`` declares to go wrong.
public enum SecureAreaError: Error, Sendable, Hashable {
    /// The person cancelled the prompt.
    case userCancelled
    /// The person has to authenticate first.
    case authenticationRequired
    /// The key is gone for good.
    case keyInvalidated
    /// There is no such key or counter.
    case notFound
    /// The area does not answer now; it may later.
    case unavailable
    /// The card or token is not there.
    case hardwareAbsent
    /// No room for another key.
    case full
    /// The area cannot be written.
    case readOnly
    /// The area cannot do this.
    case unsupported
    /// What was wrapped has been changed, or is not ours.
    case integrity
    /// Anything else; the code is the platform's (an `OSStatus`).
    case failed(platformCode: Int32)
}

/// A curve.
public enum Curve: String, Sendable, Hashable, CaseIterable {
    /// NIST P-256.
    case p256
    /// NIST P-384.
    case p384
    /// NIST P-521.
    case p521
    /// brainpoolP256r1.
    case brainpoolP256r1
    /// brainpoolP320r1.
    case brainpoolP320r1
    /// brainpoolP384r1.
    case brainpoolP384r1
    /// brainpoolP512r1.
    case brainpoolP512r1
    /// Ed25519, signatures only.
    case ed25519
    /// Ed448, signatures only.
    case ed448
    /// X25519, key agreement only.
    case x25519
    /// X448, key agreement only.
    case x448

    init(_ ffi: IdwalletFFI.Curve) {
        switch ffi {
        case .p256: self = .p256
        case .p384: self = .p384
        case .p521: self = .p521
        case .brainpoolP256r1: self = .brainpoolP256r1
        case .brainpoolP320r1: self = .brainpoolP320r1
        case .brainpoolP384r1: self = .brainpoolP384r1
        case .brainpoolP512r1: self = .brainpoolP512r1
        case .ed25519: self = .ed25519
        case .ed448: self = .ed448
        case .x25519: self = .x25519
        case .x448: self = .x448
        }
    }

    var ffi: IdwalletFFI.Curve {
        switch self {
        case .p256: return .p256
        case .p384: return .p384
        case .p521: return .p521
        case .brainpoolP256r1: return .brainpoolP256r1
        case .brainpoolP320r1: return .brainpoolP320r1
        case .brainpoolP384r1: return .brainpoolP384r1
        case .brainpoolP512r1: return .brainpoolP512r1
        case .ed25519: return .ed25519
        case .ed448: return .ed448
        case .x25519: return .x25519
        case .x448: return .x448
        }
    }
}

/// What a key may do.
public enum KeyPurpose: String, Sendable, Hashable, CaseIterable {
    /// Sign.
    case sign
    /// Agree on a secret.
    case agree
    /// Both.
    case signOrAgree

    init(_ ffi: IdwalletFFI.KeyPurpose) {
        switch ffi {
        case .sign: self = .sign
        case .agree: self = .agree
        case .signOrAgree: self = .signOrAgree
        }
    }

    var ffi: IdwalletFFI.KeyPurpose {
        switch self {
        case .sign: return .sign
        case .agree: return .agree
        case .signOrAgree: return .signOrAgree
        }
    }
}

/// What the person has to do before a key works.
public enum KeyAuthentication: Sendable, Hashable {
    /// Nothing.
    case none
    /// The device is unlocked.
    case deviceUnlocked
    /// Biometry or the device passcode, each time.
    case everyUse
    /// Biometry, each time; the key dies when the enrolled biometry changes.
    case biometryEveryUse
    /// Biometry or the device passcode within the last so many seconds.
    case within(seconds: Int)

    init(_ ffi: IdwalletFFI.Authentication) {
        switch ffi {
        case .none: self = .none
        case .deviceUnlocked: self = .deviceUnlocked
        case .everyUse: self = .everyUse
        case .biometryEveryUse: self = .biometryEveryUse
        case .within(let seconds): self = .within(seconds: Int(seconds))
        }
    }

    var ffi: IdwalletFFI.Authentication {
        switch self {
        case .none: return .none
        case .deviceUnlocked: return .deviceUnlocked
        case .everyUse: return .everyUse
        case .biometryEveryUse: return .biometryEveryUse
        case .within(let seconds): return .within(seconds: UInt32(clamping: seconds))
        }
    }
}

/// The key that is wanted.
public struct KeySpec: Sendable, Hashable {
    /// Its curve.
    public let curve: Curve
    /// What it may do.
    public let purpose: KeyPurpose
    /// What the person has to do before it works.
    public let authentication: KeyAuthentication
    /// What the attestation has to repeat, when the issuer wants one.
    public let attestationChallenge: Data?

    /// A key to ask for.
    public init(curve: Curve, purpose: KeyPurpose, authentication: KeyAuthentication = .none, attestationChallenge: Data? = nil) {
        self.curve = curve
        self.purpose = purpose
        self.authentication = authentication
        self.attestationChallenge = attestationChallenge
    }

    init(_ ffi: IdwalletFFI.KeySpec) {
        curve = Curve(ffi.curve)
        purpose = KeyPurpose(ffi.purpose)
        authentication = KeyAuthentication(ffi.authentication)
        attestationChallenge = ffi.attestationChallenge
    }

    var ffi: IdwalletFFI.KeySpec {
        IdwalletFFI.KeySpec(
            curve: curve.ffi, purpose: purpose.ffi, authentication: authentication.ffi, attestationChallenge: attestationChallenge)
    }
}

/// A key that was made.
public struct CreatedKey: Sendable, Hashable {
    /// How the area will find it again. At most a few hundred bytes; the vault keeps it.
    public let id: Data
    /// SubjectPublicKeyInfo in DER.
    public let publicKey: Data
    /// Proof of where the key lives, when one was asked for.
    public let attestation: KeyAttestation?

    /// A key that was made.
    public init(id: Data, publicKey: Data, attestation: KeyAttestation? = nil) {
        self.id = id
        self.publicKey = publicKey
        self.attestation = attestation
    }
}

/// Proof of where a key lives.
public enum KeyAttestation: Sendable, Hashable {
    /// Android Key Attestation: the certificate chain, leaf first, DER.
    case androidKey(certificates: [Data])
    /// An App Attest attestation object.
    case appleAppAttest(object: Data)
    /// The statement of a software area, which proves nothing about hardware.
    case software(proof: Data)

    init(_ ffi: IdwalletFFI.Attestation) {
        switch ffi {
        case .androidKey(let certificates): self = .androidKey(certificates: certificates)
        case .appleAppAttest(let object): self = .appleAppAttest(object: object)
        case .software(let proof): self = .software(proof: proof)
        }
    }

    var ffi: IdwalletFFI.Attestation {
        switch self {
        case .androidKey(let certificates): return .androidKey(certificates: certificates)
        case .appleAppAttest(let object): return .appleAppAttest(object: object)
        case .software(let proof): return .software(proof: proof)
        }
    }
}

/// What a ``SecureArea`` can do.
public struct AreaCapabilities: Sendable, Hashable {
    /// What protects the keys.
    public enum SecurityLevel: String, Sendable, Hashable, CaseIterable {
        /// Only the file system.
        case software
        /// A separate world of the main processor.
        case trustedEnvironment
        /// A separate chip, as the Secure Enclave is.
        case secureElement
    }

    /// Where counters live.
    public enum Counters: String, Sendable, Hashable, CaseIterable {
        /// There are none.
        case none
        /// In a file, which a copy of the disk brings back.
        case file
        /// In hardware.
        case hardware
    }

    /// What protects the keys.
    public let securityLevel: SecurityLevel
    /// The curves it signs on.
    public let signCurves: [Curve]
    /// The curves it agrees on.
    public let agreeCurves: [Curve]
    /// Whether one key may do both.
    public let signOrAgree: Bool
    /// Whether it can prove where a key lives.
    public let attestation: Bool
    /// Whether it can demand that the person authenticates.
    public let authentication: Bool
    /// Where its counters live.
    public let counters: Counters

    /// What an area can do.
    public init(
        securityLevel: SecurityLevel, signCurves: [Curve], agreeCurves: [Curve], signOrAgree: Bool = false,
        attestation: Bool = false, authentication: Bool = false, counters: Counters = .none
    ) {
        self.securityLevel = securityLevel
        self.signCurves = signCurves
        self.agreeCurves = agreeCurves
        self.signOrAgree = signOrAgree
        self.attestation = attestation
        self.authentication = authentication
        self.counters = counters
    }

    var ffi: IdwalletFFI.AreaCapabilities {
        let level: IdwalletFFI.SecurityLevel
        switch securityLevel {
        case .software: level = .software
        case .trustedEnvironment: level = .trustedEnvironment
        case .secureElement: level = .secureElement
        }
        let counter: IdwalletFFI.Counters
        switch counters {
        case .none: counter = .none
        case .file: counter = .file
        case .hardware: counter = .hardware
        }
        return IdwalletFFI.AreaCapabilities(
            securityLevel: level, signCurves: signCurves.map(\.ffi), agreeCurves: agreeCurves.map(\.ffi),
            signOrAgree: signOrAgree, attestation: attestation, authentication: authentication, counters: counter)
    }
}

/// The app's area as the library sees it.
final class AreaBridge: IdwalletFFI.SecureArea {
    private let area: any SecureArea

    init(_ area: any SecureArea) {
        self.area = area
    }

    func capabilities() async throws -> IdwalletFFI.AreaCapabilities {
        try await declared { try await self.area.capabilities().ffi }
    }

    func createKey(spec: IdwalletFFI.KeySpec) async throws -> IdwalletFFI.CreatedKey {
        let wanted = KeySpec(spec)
        return try await declared {
            let key = try await self.area.createKey(wanted)
            return IdwalletFFI.CreatedKey(id: key.id, publicKey: key.publicKey, attestation: key.attestation?.ffi)
        }
    }

    func publicKey(id: Data) async throws -> Data { try await declared { try await self.area.publicKey(of: id) } }
    func sign(id: Data, data: Data) async throws -> Data { try await declared { try await self.area.sign(data, with: id) } }
    func agree(id: Data, peer: Data) async throws -> Data { try await declared { try await self.area.agree(with: peer, using: id) } }
    func wrap(context: Data, secret: Data) async throws -> Data {
        try await declared { try await self.area.wrap(secret, context: context) }
    }
    func unwrap(context: Data, wrapped: Data) async throws -> Data {
        try await declared { try await self.area.unwrap(wrapped, context: context) }
    }
    func deleteKey(id: Data) async throws { try await declared { try await self.area.deleteKey(id) } }
    func createCounter() async throws -> Data { try await declared { try await self.area.createCounter() } }
    func readCounter(id: Data) async throws -> UInt64 { try await declared { try await self.area.readCounter(id) } }
    func incrementCounter(id: Data) async throws -> UInt64 { try await declared { try await self.area.incrementCounter(id) } }
    func deleteCounter(id: Data) async throws { try await declared { try await self.area.deleteCounter(id) } }

    /// Declared errors cross as themselves; any other crosses as it is, and the library makes an internal error of it.
    private func declared<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as SecureAreaError {
            throw error.ffi
        } catch is CancellationError {
            throw IdwalletFFI.SecureAreaError.UserCancelled
        }
    }
}

extension SecureAreaError {
    fileprivate var ffi: IdwalletFFI.SecureAreaError {
        switch self {
        case .userCancelled: return .UserCancelled
        case .authenticationRequired: return .AuthenticationRequired
        case .keyInvalidated: return .KeyInvalidated
        case .notFound: return .NotFound
        case .unavailable: return .Unavailable
        case .hardwareAbsent: return .HardwareAbsent
        case .full: return .Full
        case .readOnly: return .ReadOnly
        case .unsupported: return .Unsupported
        case .integrity: return .Integrity
        case .failed(let code): return .Failed(platformCode: code)
        }
    }
}
