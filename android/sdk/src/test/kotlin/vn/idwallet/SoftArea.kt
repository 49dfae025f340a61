package vn.idwallet

import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.SecureRandom
import java.security.Signature
import java.security.interfaces.ECPrivateKey
import java.security.spec.ECFieldFp
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.X509EncodedKeySpec
import java.util.Base64
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong
import javax.crypto.Cipher
import javax.crypto.KeyAgreement
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/**
 * A secure area in the memory of the test, with what a test wants to go wrong. [ready] are private keys, PKCS #8, that it "makes" first: those
 * to which the documents of the fixtures are bound.
 */
open class SoftArea(ready: List<ByteArray> = emptyList()) : SecureArea {
    private val random = SecureRandom()
    private val secret = SecretKeySpec(ByteArray(32).also(random::nextBytes), "AES")
    private val keys = ConcurrentHashMap<String, KeyPair>()
    private val counters = ConcurrentHashMap<String, AtomicLong>()
    private val ready = ArrayDeque(ready)

    /** Runs before every use of a key. */
    @Volatile var beforeSigning: suspend () -> Unit = {}

    /** How often a key was used. */
    val uses = AtomicLong()

    /** Forgets a key, as a device does when its lock screen changes. */
    fun invalidateAll() = keys.clear().also { invalidated = true }

    @Volatile private var invalidated = false

    override suspend fun capabilities() = AreaCapabilities(
        SecurityLevel.SOFTWARE, listOf(Curve.P256), listOf(Curve.P256), signOrAgree = true, counters = Counters.FILE,
    )

    override suspend fun createKey(spec: KeySpec): CreatedKey {
        if (spec.curve != Curve.P256) throw SecureAreaException.Unsupported()
        val pair = synchronized(ready) { ready.removeFirstOrNull() }?.let(::pairOf)
            ?: KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1"), random) }.generateKeyPair()
        val id = ByteArray(8).also(random::nextBytes)
        keys[id.toHex()] = pair
        return CreatedKey(id, pair.public.encoded)
    }

    override suspend fun publicKey(id: ByteArray): ByteArray = key(id).public.encoded

    override suspend fun sign(id: ByteArray, data: ByteArray): ByteArray {
        beforeSigning()
        uses.incrementAndGet()
        return Signature.getInstance("SHA256withECDSA").run { initSign(key(id).private); update(data); sign() }
    }

    override suspend fun agree(id: ByteArray, peer: ByteArray): ByteArray {
        beforeSigning()
        uses.incrementAndGet()
        val other = KeyFactory.getInstance("EC").generatePublic(X509EncodedKeySpec(peer))
        return KeyAgreement.getInstance("ECDH").run { init(key(id).private); doPhase(other, true); generateSecret() }
    }

    override suspend fun wrap(context: ByteArray, secret: ByteArray): ByteArray {
        val nonce = ByteArray(12).also(random::nextBytes)
        return nonce + cipher(Cipher.ENCRYPT_MODE, nonce, context).doFinal(secret)
    }

    override suspend fun unwrap(context: ByteArray, wrapped: ByteArray): ByteArray = try {
        cipher(Cipher.DECRYPT_MODE, wrapped.copyOf(12), context).doFinal(wrapped, 12, wrapped.size - 12)
    } catch (error: java.security.GeneralSecurityException) {
        throw SecureAreaException.Integrity(error)
    }

    override suspend fun deleteKey(id: ByteArray) {
        keys.remove(id.toHex())
    }

    override suspend fun createCounter(): ByteArray = ByteArray(8).also(random::nextBytes).also { counters[it.toHex()] = AtomicLong() }

    override suspend fun readCounter(id: ByteArray): Long = counter(id).get()

    override suspend fun incrementCounter(id: ByteArray): Long = counter(id).incrementAndGet()

    override suspend fun deleteCounter(id: ByteArray) {
        counters.remove(id.toHex())
    }

    private fun counter(id: ByteArray) = counters[id.toHex()] ?: throw SecureAreaException.NotFound()

    private fun key(id: ByteArray) =
        keys[id.toHex()] ?: throw if (invalidated) SecureAreaException.KeyInvalidated() else SecureAreaException.NotFound()

    private fun cipher(mode: Int, nonce: ByteArray, context: ByteArray) =
        Cipher.getInstance("AES/GCM/NoPadding").apply { init(mode, secret, GCMParameterSpec(128, nonce)); updateAAD(context) }
}

internal fun ByteArray.toHex(): String = joinToString("") { "%02x".format(it) }

/** The DER in a PEM text, or the DER itself. */
private fun der(pemOrDer: ByteArray): ByteArray {
    val text = String(pemOrDer, Charsets.ISO_8859_1)
    return if (!text.startsWith("-----")) pemOrDer else Base64.getMimeDecoder().decode(text.lines().filter { !it.startsWith("-----") }.joinToString(""))
}

/** The key pair of a private key of P-256: the JDK does not derive the public half, so it is multiplied here. */
private fun pairOf(pkcs8: ByteArray): KeyPair {
    val factory = KeyFactory.getInstance("EC")
    val private: PrivateKey = factory.generatePrivate(PKCS8EncodedKeySpec(der(pkcs8)))
    val spec = AlgorithmParameters.getInstance("EC").run { init(ECGenParameterSpec("secp256r1")); getParameterSpec(ECParameterSpec::class.java) }
    val public = factory.generatePublic(ECPublicKeySpec(multiply(spec.generator, (private as ECPrivateKey).s, spec), spec))
    return KeyPair(public, private)
}

private fun multiply(point: ECPoint, by: BigInteger, spec: ECParameterSpec): ECPoint {
    var sum = ECPoint.POINT_INFINITY
    for (bit in by.bitLength() - 1 downTo 0) {
        sum = add(sum, sum, spec)
        if (by.testBit(bit)) sum = add(sum, point, spec)
    }
    return sum
}

private fun add(a: ECPoint, b: ECPoint, spec: ECParameterSpec): ECPoint {
    if (a == ECPoint.POINT_INFINITY) return b
    if (b == ECPoint.POINT_INFINITY) return a
    val p = (spec.curve.field as ECFieldFp).p
    val slope = if (a == b) {
        (BigInteger.valueOf(3) * a.affineX.pow(2) + spec.curve.a) * (a.affineY.shiftLeft(1)).modInverse(p)
    } else {
        (b.affineY - a.affineY) * (b.affineX - a.affineX).modInverse(p)
    }
    val x = (slope.pow(2) - a.affineX - b.affineX).mod(p)
    return ECPoint(x, (slope * (a.affineX - x) - a.affineY).mod(p))
}
