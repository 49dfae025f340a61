package vn.idwallet

/** A curve of a key. */
public enum class Curve {
    /** NIST P-256; what hardware has. */
    P256,

    /** NIST P-384. */
    P384,

    /** NIST P-521. */
    P521,

    /** brainpoolP256r1. */
    BRAINPOOL_P256R1,

    /** brainpoolP320r1. */
    BRAINPOOL_P320R1,

    /** brainpoolP384r1. */
    BRAINPOOL_P384R1,

    /** brainpoolP512r1. */
    BRAINPOOL_P512R1,

    /** Ed25519: signs only. */
    ED25519,

    /** Ed448: signs only. */
    ED448,

    /** X25519: agrees only. */
    X25519,

    /** X448: agrees only. */
    X448,
}

/** What a key may be used for. A key either signs or agrees in its life, never both. */
public enum class KeyPurpose {
    /** ECDSA or EdDSA signatures. */
    SIGN,

    /** Key agreement. */
    AGREE,

    /** Either, fixed by the wallet at first use; for hardware that can do both with one key. */
    SIGN_OR_AGREE,
}

/** What the hardware requires before it uses a key. */
public sealed interface Authentication {
    /** Nothing but an unlocked app. */
    public data object None : Authentication

    /** The device must be unlocked. */
    public data object DeviceUnlocked : Authentication

    /** The person proves presence, by biometry or the device's passcode, for every use. */
    public data object EveryUse : Authentication

    /** Presence, by biometry only, for every use; newly enrolled biometry invalidates the key. */
    public data object BiometryEveryUse : Authentication

    /** Presence within the last [seconds]. */
    public data class Within(
        /** How long one proof of presence counts. */
        public val seconds: Int,
    ) : Authentication
}

/** Where the keys of an area live. */
public enum class SecurityLevel {
    /** In the memory of the app: for tests, servers and old devices. */
    SOFTWARE,

    /** In a trusted execution environment. */
    TRUSTED_ENVIRONMENT,

    /** In a separate secure processor (StrongBox, Secure Enclave). */
    SECURE_ELEMENT,
}

/** What an area's counters hold against. */
public enum class Counters {
    /** It has none: a vault that is put back whole cannot be told from the current one. */
    NONE,

    /** They lie in a file of their own: a vault that is put back is noticed, unless that file is put back with it. */
    FILE,

    /** They lie in hardware, or elsewhere out of reach of who can write the owner's files. */
    HARDWARE,
}

/** What an area can do. */
public data class AreaCapabilities(
    /** Where its keys live. */
    public val securityLevel: SecurityLevel,
    /** Curves of keys that sign. */
    public val signCurves: List<Curve>,
    /** Curves of keys that agree. */
    public val agreeCurves: List<Curve>,
    /** Whether one key may be made for either use. */
    public val signOrAgree: Boolean = false,
    /** Whether it gives attestations. */
    public val attestation: Boolean = false,
    /** Whether it can require a person's presence. */
    public val authentication: Boolean = false,
    /** What its counters hold against, if it has any. */
    public val counters: Counters = Counters.NONE,
)

/** A key to be made. */
public data class KeySpec(
    /** The curve. Hardware often has P-256 only. */
    public val curve: Curve = Curve.P256,
    /** What the key will do. */
    public val purpose: KeyPurpose = KeyPurpose.SIGN,
    /** What its use requires. */
    public val authentication: Authentication = Authentication.None,
    /** The issuer's nonce, when an attestation of the key is wanted. */
    public val attestationChallenge: ByteArray? = null,
)

/** The platform's evidence of where a key lives. */
public sealed interface Attestation {
    /** Android key attestation. */
    public data class AndroidKey(
        /** DER certificates, the key's first. */
        public val certificates: List<ByteArray>,
    ) : Attestation

    /** Apple App Attest. */
    public data class AppleAppAttest(
        /** The attestation object, CBOR. */
        public val attestationObject: ByteArray,
    ) : Attestation

    /** A key in software: no hardware vouches for it. */
    public data class Software(
        /** The key's own signature over the challenge, which proves that it exists and nothing about where. */
        public val proof: ByteArray,
    ) : Attestation
}

/** A key that was made. */
public data class CreatedKey(
    /** Its name in the area: the area's choice, stable over restarts and updates of the app. */
    public val id: ByteArray,
    /** Its public half, as a DER `SubjectPublicKeyInfo`. */
    public val publicKey: ByteArray,
    /** Evidence of where the key lives; only if a challenge was given and the area can attest. */
    public val attestation: Attestation? = null,
)

/** Why an area did not do what it was asked to. The subclasses are reactions: what the wallet makes of it. */
public sealed class SecureAreaException private constructor(text: String, cause: Throwable?) : Exception(text, cause) {
    /** The person closed the prompt. Not an error to report. */
    public class UserCancelled(cause: Throwable? = null) : SecureAreaException("the person cancelled", cause)

    /** The person must authenticate, or unlock the device, first; try again after that. */
    public class AuthenticationRequired(cause: Throwable? = null) : SecureAreaException("the person must authenticate first", cause)

    /** The key is gone for good, because biometry changed or the device lock was removed: the document has to be issued anew. */
    public class KeyInvalidated(cause: Throwable? = null) : SecureAreaException("the key was invalidated by the device", cause)

    /** There is no key of this name. */
    public class NotFound(cause: Throwable? = null) : SecureAreaException("no such key", cause)

    /** The hardware does not answer now; a later attempt may succeed. */
    public class Unavailable(cause: Throwable? = null) : SecureAreaException("the key store is not available", cause)

    /** There is no such hardware here: waiting does not help. */
    public class HardwareAbsent(cause: Throwable? = null) : SecureAreaException("the key store's hardware is not there", cause)

    /** There is no room left for what the area has to write; nothing was changed. */
    public class Full(cause: Throwable? = null) : SecureAreaException("no room left for the key store's files", cause)

    /** What the area has to write lies where it may not be written; nothing was changed. */
    public class ReadOnly(cause: Throwable? = null) : SecureAreaException("the key store's files cannot be written", cause)

    /** The area cannot do this at all. */
    public class Unsupported(cause: Throwable? = null) : SecureAreaException("the key store cannot do this", cause)

    /** A wrapped secret was altered, or was wrapped for another context or by another area. */
    public class Integrity(cause: Throwable? = null) : SecureAreaException("the wrapped secret does not authenticate", cause)

    /** Anything else. */
    public class Failed(
        /** The platform's own code; means nothing to the wallet. */
        public val platformCode: Int,
        cause: Throwable? = null,
    ) : SecureAreaException("the key store failed (platform code $platformCode)", cause)
}

/**
 * A store of keys and secrets that the device protects: what an app implements over its platform's hardware.
 *
 * - A private key never leaves the area: [createKey] makes it inside, nothing exports it.
 * - Every method may ask a person and may take as long as the person does.
 * - A coroutine that is cancelled is a cancelled operation: the prompt closes, nothing is left half done, a key whose creation
 *   was cancelled is deleted.
 * - Methods are called from several threads and several may run at once; an area may queue them.
 * - Every method throws [SecureAreaException] and nothing else; what else it throws reaches the caller of the wallet as
 *   [WalletException.Internal].
 */
public interface SecureArea {
    /** What the area can do. Asks nobody. */
    public suspend fun capabilities(): AreaCapabilities

    /**
     * Makes a key inside the area.
     *
     * @throws SecureAreaException.Unsupported for what the hardware does not have: the area never gives less than was asked for.
     */
    public suspend fun createKey(spec: KeySpec): CreatedKey

    /**
     * The public half of the key [id], as a DER `SubjectPublicKeyInfo`. Asks nobody.
     *
     * @throws SecureAreaException.NotFound when there is no such key, [SecureAreaException.KeyInvalidated] when it is gone for good.
     */
    public suspend fun publicKey(id: ByteArray): ByteArray

    /**
     * Signs [data] with the key [id]; the area hashes. ECDSA: a DER `ECDSA-Sig-Value` over the SHA-256, 384 or 512 that goes with the
     * curve. EdDSA: the signature of RFC 8032.
     */
    public suspend fun sign(id: ByteArray, data: ByteArray): ByteArray

    /** The secret shared with [peer], a DER `SubjectPublicKeyInfo` on the key's curve: the x coordinate alone. */
    public suspend fun agree(id: ByteArray, peer: ByteArray): ByteArray

    /**
     * Encrypts [secret] under a key that never leaves the area. [context] is associated data: [unwrap] must be given the same bytes,
     * and the area compares them inside.
     */
    public suspend fun wrap(context: ByteArray, secret: ByteArray): ByteArray

    /**
     * Decrypts what [wrap] gave.
     *
     * @throws SecureAreaException.Integrity when the bytes or the context are others.
     */
    public suspend fun unwrap(context: ByteArray, wrapped: ByteArray): ByteArray

    /** Deletes the key [id] for good; deleting one that is not there succeeds. */
    public suspend fun deleteKey(id: ByteArray)

    /** Makes a counter at a value of the area's choice and gives its name. */
    public suspend fun createCounter(): ByteArray = throw SecureAreaException.Unsupported()

    /** The value of the counter [id]. */
    public suspend fun readCounter(id: ByteArray): Long = throw SecureAreaException.Unsupported()

    /** Raises the counter [id] by one and gives the new value, which is durable when this returns. There is no way to lower it. */
    public suspend fun incrementCounter(id: ByteArray): Long = throw SecureAreaException.Unsupported()

    /** Deletes the counter [id] for good; deleting one that is not there succeeds. */
    public suspend fun deleteCounter(id: ByteArray): Unit = throw SecureAreaException.Unsupported()
}
