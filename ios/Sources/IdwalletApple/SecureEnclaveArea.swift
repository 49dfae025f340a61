#if canImport(CryptoKit) && canImport(Security) && canImport(LocalAuthentication)
    import CryptoKit
    import Foundation
    import Idwallet
    import LocalAuthentication
    import Security

    /// Keys in the Secure Enclave: P-256, used there, never to be had.
    ///
    /// The id of a key is the Enclave's own sealed form of it, which no other device can open; the vault keeps it, and to
    /// delete a key is to forget it. Prompts for Face ID, Touch ID or the passcode come from the system while a call waits;
    /// cancelling the task takes the prompt away.
    ///
    /// Secure Enclave keys cannot be attested by themselves: a key with an attestation challenge throws
    /// `SecureAreaError.unsupported`.
    public final class SecureEnclaveArea: SecureArea, @unchecked Sendable {
        private let reason: LocalizedText
        private let queue = DispatchQueue(label: "idwallet.enclave", attributes: .concurrent)
        private let lock = NSLock()
        /// One context for all keys that ask once in a while; the system remembers in it when it last asked.
        private var patient: (seconds: Int, context: LAContext)?

        /// An area whose prompts give `reason`.
        ///
        /// - Throws: `SecureAreaError.unavailable` where there is no Secure Enclave, as in most simulators.
        public init(
            reason: LocalizedText = LocalizedText(vi: "Xác nhận để dùng giấy tờ của bạn", en: "Confirm to use your documents")
        ) throws {
            guard SecureEnclave.isAvailable else { throw SecureAreaError.unavailable }
            self.reason = reason
        }

        /// P-256 for signatures and for agreement, with authentication, without attestation and counters.
        public func capabilities() async throws -> AreaCapabilities {
            AreaCapabilities(securityLevel: .secureElement, signCurves: [.p256], agreeCurves: [.p256], authentication: true)
        }

        /// Makes a key in the Enclave.
        public func createKey(_ spec: KeySpec) async throws -> CreatedKey {
            guard spec.curve == .p256, spec.attestationChallenge == nil else { throw SecureAreaError.unsupported }
            let kind: KeyName.Kind
            switch spec.purpose {
            case .sign: kind = .sign
            case .agree: kind = .agree
            case .signOrAgree: throw SecureAreaError.unsupported
            }
            let control = try Self.control(for: spec.authentication)
            return try await inBackground(nil) {
                switch kind {
                case .sign:
                    let key = try SecureEnclave.P256.Signing.PrivateKey(compactRepresentable: false, accessControl: control)
                    let name = KeyName(kind: kind, authentication: spec.authentication, sealed: key.dataRepresentation)
                    return CreatedKey(id: name.encoded, publicKey: key.publicKey.derRepresentation)
                case .agree:
                    let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(compactRepresentable: false, accessControl: control)
                    let name = KeyName(kind: kind, authentication: spec.authentication, sealed: key.dataRepresentation)
                    return CreatedKey(id: name.encoded, publicKey: key.publicKey.derRepresentation)
                }
            }
        }

        /// The public key; needs no prompt.
        public func publicKey(of key: Data) async throws -> Data {
            let name = try KeyName(key)
            return try await inBackground(nil) {
                switch name.kind {
                case .sign: return try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: name.sealed).publicKey.derRepresentation
                case .agree:
                    return try SecureEnclave.P256.KeyAgreement.PrivateKey(dataRepresentation: name.sealed).publicKey.derRepresentation
                }
            }
        }

        /// Signs with ECDSA over SHA-256.
        public func sign(_ data: Data, with key: Data) async throws -> Data {
            let name = try KeyName(key)
            guard name.kind == .sign else { throw SecureAreaError.unsupported }
            let context = context(for: name)
            return try await inBackground(context) {
                let key = try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: name.sealed, authenticationContext: context)
                return try key.signature(for: data).derRepresentation
            }
        }

        /// Agrees on a secret with `peer`.
        public func agree(with peer: Data, using key: Data) async throws -> Data {
            let name = try KeyName(key)
            guard name.kind == .agree else { throw SecureAreaError.unsupported }
            guard let peer = try? P256.KeyAgreement.PublicKey(derRepresentation: peer) else { throw SecureAreaError.unsupported }
            let context = context(for: name)
            return try await inBackground(context) {
                let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(dataRepresentation: name.sealed, authenticationContext: context)
                return try key.sharedSecretFromKeyAgreement(with: peer).withUnsafeBytes { Data($0) }
            }
        }

        /// Encrypts to a new key of the Enclave, which goes along in its sealed form.
        public func wrap(_ secret: Data, context: Data) async throws -> Data {
            let control = try Self.control(for: .deviceUnlocked)
            return try await inBackground(nil) {
                let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(compactRepresentable: false, accessControl: control)
                let once = P256.KeyAgreement.PrivateKey()
                let shared = try once.sharedSecretFromKeyAgreement(with: key.publicKey)
                let box = try AES.GCM.seal(secret, using: Self.wrappingKey(shared, once.publicKey), authenticating: context)
                guard let combined = box.combined else { throw SecureAreaError.failed(platformCode: 0) }
                return Wrapped(sealed: key.dataRepresentation, once: once.publicKey.x963Representation, box: combined).encoded
            }
        }

        /// Decrypts what `wrap` gave.
        public func unwrap(_ wrapped: Data, context: Data) async throws -> Data {
            let parts = try Wrapped(wrapped)
            return try await inBackground(nil) {
                let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(dataRepresentation: parts.sealed)
                guard let once = try? P256.KeyAgreement.PublicKey(x963Representation: parts.once),
                    let box = try? AES.GCM.SealedBox(combined: parts.box)
                else { throw SecureAreaError.integrity }
                let shared = try key.sharedSecretFromKeyAgreement(with: once)
                do {
                    return try AES.GCM.open(box, using: Self.wrappingKey(shared, once), authenticating: context)
                } catch {
                    throw SecureAreaError.integrity
                }
            }
        }

        /// Nothing to do: the key exists only in its id.
        public func deleteKey(_ key: Data) async throws {}

        // MARK: - Inside

        private static func wrappingKey(_ shared: SharedSecret, _ once: P256.KeyAgreement.PublicKey) -> SymmetricKey {
            shared.hkdfDerivedSymmetricKey(
                using: SHA256.self, salt: once.x963Representation, sharedInfo: Data("idwallet wrap 1".utf8), outputByteCount: 32)
        }

        private static func control(for authentication: KeyAuthentication) throws -> SecAccessControl {
            let accessible: CFString
            var flags: SecAccessControlCreateFlags = [.privateKeyUsage]
            switch authentication {
            case .none: accessible = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
            case .deviceUnlocked: accessible = kSecAttrAccessibleWhenUnlockedThisDeviceOnly
            case .everyUse, .within:
                accessible = kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly
                flags.insert(.userPresence)
            case .biometryEveryUse:
                accessible = kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly
                flags.insert(.biometryCurrentSet)
            }
            guard let control = SecAccessControlCreateWithFlags(nil, accessible, flags, nil) else { throw SecureAreaError.unsupported }
            return control
        }

        private func context(for name: KeyName) -> LAContext {
            if let seconds = name.patience {
                lock.lock()
                defer { lock.unlock() }
                if let patient, patient.seconds == seconds { return patient.context }
                let context = fresh()
                // The system allows five minutes at most.
                context.touchIDAuthenticationAllowableReuseDuration = min(TimeInterval(seconds), LATouchIDAuthenticationMaximumAllowableReuseDuration)
                patient = (seconds, context)
                return context
            }
            return fresh()
        }

        private func fresh() -> LAContext {
            let context = LAContext()
            context.localizedReason = reason.localized
            return context
        }

        /// Uses of a key block until the prompt is answered, so they get threads of their own.
        private func inBackground<T: Sendable>(_ context: LAContext?, _ body: @escaping () throws -> T) async throws -> T {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
                    queue.async {
                        do {
                            continuation.resume(returning: try body())
                        } catch {
                            continuation.resume(throwing: Self.declared(error))
                        }
                    }
                }
            } onCancel: { [self] in
                guard let context else { return }
                lock.lock()
                if patient?.context === context { patient = nil }
                lock.unlock()
                context.invalidate()
            }
        }

        static func declared(_ error: any Error) -> SecureAreaError {
            if let error = error as? SecureAreaError { return error }
            if let error = error as? LAError {
                switch error.code {
                case .userCancel, .appCancel, .systemCancel, .userFallback: return .userCancelled
                case .authenticationFailed, .notInteractive: return .authenticationRequired
                case .passcodeNotSet, .biometryNotEnrolled: return .keyInvalidated
                case .biometryLockout, .biometryNotAvailable: return .unavailable
                default: return .failed(platformCode: Int32(clamping: error.errorCode))
                }
            }
            let code = (error as NSError).code
            switch Int32(clamping: code) {
            case errSecUserCanceled: return .userCancelled
            case errSecAuthFailed: return .authenticationRequired
            case errSecInteractionNotAllowed: return .unavailable
            case errSecItemNotFound: return .keyInvalidated
            default: return .failed(platformCode: Int32(clamping: code))
            }
        }
    }

    /// What an id says: version, kind, seconds of patience, the sealed key.
    private struct KeyName {
        enum Kind: UInt8 {
            case sign = 1
            case agree = 2
        }

        let kind: Kind
        /// For how many seconds one authentication counts; `nil` when each use needs its own, or none at all.
        let patience: Int?
        let sealed: Data

        init(kind: Kind, authentication: KeyAuthentication, sealed: Data) {
            self.kind = kind
            if case .within(let seconds) = authentication { patience = min(max(seconds, 1), 0xffff) } else { patience = nil }
            self.sealed = sealed
        }

        init(_ encoded: Data) throws {
            let bytes = [UInt8](encoded)
            guard bytes.count > 4, bytes[0] == 1, let kind = Kind(rawValue: bytes[1]) else { throw SecureAreaError.notFound }
            self.kind = kind
            let seconds = Int(bytes[2]) << 8 | Int(bytes[3])
            patience = seconds == 0 ? nil : seconds
            sealed = Data(bytes[4...])
        }

        var encoded: Data {
            let seconds = patience ?? 0
            return Data([1, kind.rawValue, UInt8(seconds >> 8), UInt8(seconds & 0xff)]) + sealed
        }
    }

    /// What `wrap` gives: version, length of the sealed key, the key, the one-time public key, the box.
    private struct Wrapped {
        static let pointLength = 65
        let sealed: Data
        let once: Data
        let box: Data

        init(sealed: Data, once: Data, box: Data) {
            self.sealed = sealed
            self.once = once
            self.box = box
        }

        init(_ encoded: Data) throws {
            let bytes = [UInt8](encoded)
            guard bytes.count > 3, bytes[0] == 1 else { throw SecureAreaError.integrity }
            let end = 3 + (Int(bytes[1]) << 8 | Int(bytes[2]))
            guard bytes.count > end + Self.pointLength else { throw SecureAreaError.integrity }
            sealed = Data(bytes[3..<end])
            once = Data(bytes[end..<end + Self.pointLength])
            box = Data(bytes[(end + Self.pointLength)...])
        }

        var encoded: Data {
            Data([1, UInt8(sealed.count >> 8 & 0xff), UInt8(sealed.count & 0xff)]) + sealed + once + box
        }
    }
#endif
