package vn.idwallet.android

import android.app.KeyguardManager
import android.content.Context
import android.content.pm.PackageManager
import android.hardware.biometrics.BiometricPrompt.CryptoObject
import android.os.Build
import android.security.KeyStoreException
import android.security.keystore.BackendBusyException
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.security.GeneralSecurityException
import java.security.InvalidAlgorithmParameterException
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.SecureRandom
import java.security.Signature
import java.security.UnrecoverableKeyException
import java.security.spec.ECGenParameterSpec
import java.security.spec.X509EncodedKeySpec
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyAgreement
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactory
import javax.crypto.spec.GCMParameterSpec
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import vn.idwallet.AreaCapabilities
import vn.idwallet.Attestation
import vn.idwallet.Authentication
import vn.idwallet.CreatedKey
import vn.idwallet.Curve
import vn.idwallet.KeyPurpose
import vn.idwallet.KeySpec
import vn.idwallet.SecureArea
import vn.idwallet.SecureAreaException
import vn.idwallet.SecurityLevel

/**
 * Keys in the Android key store: in StrongBox where the device has it and it can make the key, else in the trusted execution
 * environment. Nothing is exported, nothing imported; there are no counters, because the key store has none.
 *
 * A key's name says its curve and what its use requires, so that no question to the key store is needed before its use.
 */
public class AndroidKeyStoreArea(
    context: Context,
    /** Asks the person; `null` in a process without a screen, where keys that need a person cannot be used. */
    private val presence: UserPresence? = null,
    /** The beginning of the names of this area's keys. Two areas of one app need two. */
    private val prefix: String = "vn.idwallet",
) : SecureArea {
    private val hasStrongBox = context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)
    private val keyguard = context.getSystemService(KeyguardManager::class.java)
    private val random = SecureRandom()

    /** StrongBox runs few operations at once, and two prompts at once confuse a person. */
    private val using = Mutex()
    private val wrapping = Mutex()

    override suspend fun capabilities(): AreaCapabilities = mapped {
        AreaCapabilities(
            securityLevel = wrappingKey().level(),
            signCurves = listOf(Curve.P256, Curve.P384, Curve.P521),
            agreeCurves = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) listOf(Curve.P256) else emptyList(),
            attestation = true,
            authentication = presence != null && keyguard?.isDeviceSecure == true,
        )
    }

    override suspend fun createKey(spec: KeySpec): CreatedKey = mapped {
        val kind = KeyKind.of(spec) ?: throw SecureAreaException.Unsupported()
        if (kind.needsPerson && keyguard?.isDeviceSecure != true) throw SecureAreaException.AuthenticationRequired()
        val alias = kind.alias(prefix, random)
        try {
            generate(alias, kind, spec)
            currentCoroutineContext().ensureActive()
            val chain = store().getCertificateChain(alias)?.map { it.encoded }.orEmpty()
            CreatedKey(
                id = alias.encodeToByteArray(),
                publicKey = publicKeyOf(alias),
                attestation = if (spec.attestationChallenge != null && chain.size > 1) Attestation.AndroidKey(chain) else null,
            )
        } catch (error: Throwable) {
            runCatching { store().deleteEntry(alias) }
            throw error
        }
    }

    override suspend fun publicKey(id: ByteArray): ByteArray = mapped { publicKeyOf(id.decodeToString()) }

    override suspend fun sign(id: ByteArray, data: ByteArray): ByteArray = mapped {
        val kind = kindOf(id)
        using.withLock {
            val signature = Signature.getInstance(kind.curve.signature)
            confirmed(kind, { signature.initSign(privateKey(id)) }) { CryptoObject(signature) }
            signature.update(data)
            signature.sign()
        }
    }

    override suspend fun agree(id: ByteArray, peer: ByteArray): ByteArray = mapped {
        val kind = kindOf(id)
        using.withLock {
            val agreement = KeyAgreement.getInstance("ECDH", PROVIDER)
            confirmed(kind, { agreement.init(privateKey(id)) }) { throw SecureAreaException.Unsupported() }
            agreement.doPhase(KeyFactory.getInstance("EC").generatePublic(X509EncodedKeySpec(peer)), true)
            agreement.generateSecret()
        }
    }

    override suspend fun wrap(context: ByteArray, secret: ByteArray): ByteArray = mapped {
        val cipher = Cipher.getInstance(WRAP)
        // The key store chooses the nonce, and refuses one from outside.
        cipher.init(Cipher.ENCRYPT_MODE, wrappingKey())
        cipher.updateAAD(context)
        val sealed = cipher.doFinal(secret)
        byteArrayOf(cipher.iv.size.toByte()) + cipher.iv + sealed
    }

    override suspend fun unwrap(context: ByteArray, wrapped: ByteArray): ByteArray = mapped {
        val nonce = wrapped.firstOrNull()?.toInt() ?: throw SecureAreaException.Integrity()
        if (nonce != NONCE || wrapped.size < 1 + NONCE + TAG) throw SecureAreaException.Integrity()
        val key = store().getKey(wrapAlias, null) as? SecretKey ?: throw SecureAreaException.NotFound()
        val cipher = Cipher.getInstance(WRAP)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG * 8, wrapped, 1, NONCE))
        cipher.updateAAD(context)
        cipher.doFinal(wrapped, 1 + NONCE, wrapped.size - 1 - NONCE)
    }

    override suspend fun deleteKey(id: ByteArray): Unit = mapped {
        val alias = id.decodeToString()
        if (KeyKind.parse(prefix, alias) != null) store().deleteEntry(alias)
    }

    // Inside -----------------------------------------------------------------------------------------------------------

    private val wrapAlias = "$prefix.wrap"

    private fun generate(alias: String, kind: KeyKind, spec: KeySpec) {
        val attempt = { strongBox: Boolean ->
            KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER).run {
                initialize(kind.parameters(alias, spec.attestationChallenge, strongBox))
                generateKeyPair()
            }
        }
        firstInStrongBox(kind.curve == KeyCurve.P256, attempt)
    }

    /** StrongBox may be full, or may not know what is asked for; devices say so with different exceptions. */
    private fun <T> firstInStrongBox(canHold: Boolean, attempt: (Boolean) -> T): T {
        if (!hasStrongBox || !canHold) return attempt(false)
        return try {
            attempt(true)
        } catch (_: StrongBoxUnavailableException) {
            attempt(false)
        } catch (_: ProviderException) {
            attempt(false)
        } catch (_: InvalidAlgorithmParameterException) {
            attempt(false)
        }
    }

    private suspend fun wrappingKey(): SecretKey = wrapping.withLock {
        store().getKey(wrapAlias, null) as? SecretKey ?: firstInStrongBox(true) { strongBox ->
            KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).run {
                init(
                    KeyGenParameterSpec.Builder(wrapAlias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                        .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                        .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                        .setKeySize(WRAP_BITS)
                        .setIsStrongBoxBacked(strongBox)
                        .build(),
                )
                generateKey()
            }
        }
    }

    private fun SecretKey.level(): SecurityLevel {
        val info = SecretKeyFactory.getInstance(algorithm, PROVIDER).getKeySpec(this, KeyInfo::class.java) as KeyInfo
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) {
            @Suppress("DEPRECATION")
            return if (info.isInsideSecureHardware) SecurityLevel.TRUSTED_ENVIRONMENT else SecurityLevel.SOFTWARE
        }
        return when (info.securityLevel) {
            KeyProperties.SECURITY_LEVEL_STRONGBOX -> SecurityLevel.SECURE_ELEMENT
            KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT, KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE -> SecurityLevel.TRUSTED_ENVIRONMENT
            else -> SecurityLevel.SOFTWARE
        }
    }

    /** Has the person confirm the operation that [begin] began, if the key wants it. */
    private suspend fun confirmed(kind: KeyKind, begin: () -> Unit, operation: () -> CryptoObject) {
        when (kind.guard) {
            KeyGuard.NONE, KeyGuard.UNLOCKED -> begin()
            KeyGuard.EVERY_USE, KeyGuard.BIOMETRY -> {
                begin()
                ask(operation(), kind.guard == KeyGuard.BIOMETRY)
            }
            KeyGuard.WITHIN -> try {
                begin()
            } catch (_: UserNotAuthenticatedException) {
                ask(null, false)
                begin()
            }
        }
    }

    private suspend fun ask(operation: CryptoObject?, biometryOnly: Boolean) =
        (presence ?: throw SecureAreaException.AuthenticationRequired()).confirm(operation, biometryOnly)

    private fun store(): KeyStore = KeyStore.getInstance(PROVIDER).apply { load(null) }

    private fun kindOf(id: ByteArray): KeyKind = KeyKind.parse(prefix, id.decodeToString()) ?: throw SecureAreaException.NotFound()

    private fun privateKey(id: ByteArray): PrivateKey =
        store().getKey(id.decodeToString(), null) as? PrivateKey ?: throw SecureAreaException.NotFound()

    private fun publicKeyOf(alias: String): ByteArray {
        if (KeyKind.parse(prefix, alias) == null) throw SecureAreaException.NotFound()
        return store().getCertificate(alias)?.publicKey?.encoded ?: throw SecureAreaException.NotFound()
    }

    /** The key store's exceptions as those of the contract. */
    private inline fun <T> mapped(block: () -> T): T = try {
        block()
    } catch (error: KeyPermanentlyInvalidatedException) {
        throw SecureAreaException.KeyInvalidated(error)
    } catch (error: UserNotAuthenticatedException) {
        throw SecureAreaException.AuthenticationRequired(error)
    } catch (error: AEADBadTagException) {
        throw SecureAreaException.Integrity(error)
    } catch (error: UnrecoverableKeyException) {
        // What the key store says of a key whose protection is gone when it is loaded rather than used: it hands on the text alone.
        val lost = error.cause is KeyPermanentlyInvalidatedException || error.message == LOST
        throw if (lost) SecureAreaException.KeyInvalidated(error) else failed(error)
    } catch (error: GeneralSecurityException) {
        throw failed(error)
    } catch (error: ProviderException) {
        throw failed(error)
    }

    private fun failed(error: Exception): SecureAreaException {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && error is BackendBusyException) return SecureAreaException.Unavailable(error)
        val cause = generateSequence<Throwable>(error) { it.cause }.take(MOST_CAUSES).firstOrNull { it is KeyStoreException }
        val code = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) (cause as? KeyStoreException)?.numericErrorCode else null
        return SecureAreaException.Failed(code ?: 0, error)
    }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val WRAP = "AES/GCM/NoPadding"
        const val WRAP_BITS = 256
        const val NONCE = 12
        const val TAG = 16
        const val MOST_CAUSES = 8
        const val LOST = "User changed or deleted their auth credentials"
    }
}

/** The curves that key stores have. */
internal enum class KeyCurve(val curve: Curve, val standardName: String, val digest: String, val signature: String) {
    P256(Curve.P256, "secp256r1", KeyProperties.DIGEST_SHA256, "SHA256withECDSA"),
    P384(Curve.P384, "secp384r1", KeyProperties.DIGEST_SHA384, "SHA384withECDSA"),
    P521(Curve.P521, "secp521r1", KeyProperties.DIGEST_SHA512, "SHA512withECDSA"),
}

/** What the use of a key requires. */
internal enum class KeyGuard { NONE, UNLOCKED, EVERY_USE, BIOMETRY, WITHIN }

/** What a key is, as far as its name says. */
internal class KeyKind(val curve: KeyCurve, val guard: KeyGuard, private val agrees: Boolean = false, private val seconds: Int = 0) {
    val needsPerson: Boolean get() = guard != KeyGuard.NONE && guard != KeyGuard.UNLOCKED

    fun alias(prefix: String, random: SecureRandom): String {
        val bytes = ByteArray(NAME).also(random::nextBytes)
        return "$prefix.${curve.name}.${guard.name}." + bytes.joinToString("") { "%02x".format(it) }
    }

    fun parameters(alias: String, challenge: ByteArray?, strongBox: Boolean): KeyGenParameterSpec {
        val both = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
        val purpose = if (agrees) KeyProperties.PURPOSE_AGREE_KEY else KeyProperties.PURPOSE_SIGN
        val builder = KeyGenParameterSpec.Builder(alias, purpose)
            .setAlgorithmParameterSpec(ECGenParameterSpec(curve.standardName))
            .setIsStrongBoxBacked(strongBox)
        if (!agrees) builder.setDigests(curve.digest)
        if (challenge != null) builder.setAttestationChallenge(challenge)
        when (guard) {
            KeyGuard.NONE -> Unit
            KeyGuard.UNLOCKED -> builder.setUnlockedDeviceRequired(true)
            KeyGuard.EVERY_USE -> builder.setUserAuthenticationRequired(true).setUserAuthenticationParameters(0, both)
            KeyGuard.BIOMETRY -> builder.setUserAuthenticationRequired(true)
                .setUserAuthenticationParameters(0, KeyProperties.AUTH_BIOMETRIC_STRONG)
                .setInvalidatedByBiometricEnrollment(true)
            KeyGuard.WITHIN -> builder.setUserAuthenticationRequired(true).setUserAuthenticationParameters(seconds, both)
        }
        return builder.build()
    }

    companion object {
        private const val NAME = 16

        /** `null` for what a key store cannot promise. */
        fun of(spec: KeySpec): KeyKind? {
            val curve = KeyCurve.entries.find { it.curve == spec.curve } ?: return null
            val agrees = spec.purpose == KeyPurpose.AGREE
            // One key for both uses is not to be had, and agreement only since Android 12.
            if (spec.purpose == KeyPurpose.SIGN_OR_AGREE) return null
            if (agrees && (curve != KeyCurve.P256 || Build.VERSION.SDK_INT < Build.VERSION_CODES.S)) return null
            val guard = when (val authentication = spec.authentication) {
                Authentication.None -> KeyGuard.NONE
                Authentication.DeviceUnlocked -> KeyGuard.UNLOCKED
                Authentication.EveryUse -> KeyGuard.EVERY_USE
                Authentication.BiometryEveryUse -> KeyGuard.BIOMETRY
                is Authentication.Within -> if (authentication.seconds > 0) KeyGuard.WITHIN else return null
            }
            // A prompt cannot be bound to a key agreement on every supported version.
            if (agrees && (guard == KeyGuard.EVERY_USE || guard == KeyGuard.BIOMETRY)) return null
            return KeyKind(curve, guard, agrees, (spec.authentication as? Authentication.Within)?.seconds ?: 0)
        }

        /** What the key of this name is; `null` when the name is not of this area. */
        fun parse(prefix: String, alias: String): KeyKind? {
            val parts = alias.removePrefix("$prefix.").takeIf { it != alias }?.split('.') ?: return null
            if (parts.size != 3 || parts[2].length != 2 * NAME) return null
            val curve = KeyCurve.entries.find { it.name == parts[0] } ?: return null
            val guard = KeyGuard.entries.find { it.name == parts[1] } ?: return null
            return KeyKind(curve, guard)
        }
    }
}
