package vn.idwallet.android

import android.app.Application
import android.app.KeyguardManager
import android.content.pm.PackageManager
import android.hardware.biometrics.BiometricPrompt
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.UserNotAuthenticatedException
import java.io.File
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.X509EncodedKeySpec
import javax.crypto.KeyAgreement
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Assert.fail
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import vn.idwallet.Attestation
import vn.idwallet.Authentication
import vn.idwallet.Curve
import vn.idwallet.KeyPurpose
import vn.idwallet.KeySpec
import vn.idwallet.SecureAreaException
import vn.idwallet.SecurityLevel
import vn.idwallet.Wallet
import vn.idwallet.WalletException
import vn.idwallet.WalletOptions

/** The code over the key store, with a stand-in below it. That hardware does what is asked of it is for a device to show. */
@RunWith(RobolectricTestRunner::class)
@Config(application = Application::class)
class AndroidKeyStoreAreaTest {
    private val app = RuntimeEnvironment.getApplication()
    private val asked = mutableListOf<Pair<BiometricPrompt.CryptoObject?, Boolean>>()
    private var presence = UserPresence { operation, biometryOnly -> asked += operation to biometryOnly }
    private val area get() = AndroidKeyStoreArea(app, { operation, only -> presence.confirm(operation, only) })

    @Before
    fun install() {
        FakeKeys.install()
        shadowOf(app.packageManager).setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, true)
        shadowOf(app.getSystemService(KeyguardManager::class.java)).setIsDeviceSecure(true)
    }

    @After
    fun remove() = FakeKeys.remove()

    private inline fun <reified E : Throwable> fails(block: () -> Unit): E {
        try {
            block()
        } catch (error: Throwable) {
            if (error is E) return error
            throw AssertionError("$error instead of ${E::class.simpleName}", error)
        }
        fail("nothing instead of ${E::class.simpleName}")
        throw AssertionError()
    }

    private fun spec(id: ByteArray) = FakeKeys.entries.getValue(id.decodeToString()).spec

    private fun verifies(publicKey: ByteArray, data: ByteArray, signature: ByteArray) = Signature.getInstance("SHA256withECDSA").run {
        initVerify(KeyFactory.getInstance("EC").generatePublic(X509EncodedKeySpec(publicKey)))
        update(data)
        verify(signature)
    }

    @Test
    fun `a key is made in StrongBox, or outside it when StrongBox says no`(): Unit = runBlocking {
        assertTrue(spec(area.createKey(KeySpec()).id).isStrongBoxBacked)
        FakeKeys.strongBox = false
        assertFalse(spec(area.createKey(KeySpec()).id).isStrongBoxBacked)
        // StrongBox has P-256 alone.
        FakeKeys.strongBox = true
        assertFalse(spec(area.createKey(KeySpec(Curve.P384)).id).isStrongBoxBacked)
    }

    @Test
    fun `the area says what its own key is protected by`(): Unit = runBlocking {
        assertEquals(SecurityLevel.SECURE_ELEMENT, area.capabilities().securityLevel)
        FakeKeys.install()
        FakeKeys.strongBox = false
        assertEquals(SecurityLevel.TRUSTED_ENVIRONMENT, area.capabilities().securityLevel)
        assertTrue(area.capabilities().authentication)
        shadowOf(app.getSystemService(KeyguardManager::class.java)).setIsDeviceSecure(false)
        assertFalse(area.capabilities().authentication)
    }

    @Test
    fun `each authentication becomes what the key store is asked for`(): Unit = runBlocking {
        fun made(authentication: Authentication) = spec(runBlocking { area.createKey(KeySpec(authentication = authentication)) }.id)
        val both = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
        made(Authentication.None).run { assertFalse(isUserAuthenticationRequired); assertFalse(isUnlockedDeviceRequired) }
        made(Authentication.DeviceUnlocked).run { assertFalse(isUserAuthenticationRequired); assertTrue(isUnlockedDeviceRequired) }
        made(Authentication.EveryUse).run {
            assertTrue(isUserAuthenticationRequired)
            assertEquals(0, userAuthenticationValidityDurationSeconds)
            assertEquals(both, userAuthenticationType)
        }
        made(Authentication.BiometryEveryUse).run {
            assertEquals(KeyProperties.AUTH_BIOMETRIC_STRONG, userAuthenticationType)
            assertTrue(isInvalidatedByBiometricEnrollment)
        }
        made(Authentication.Within(30)).run {
            assertEquals(30, userAuthenticationValidityDurationSeconds)
            assertEquals(both, userAuthenticationType)
        }
        assertEquals("only signing", KeyProperties.PURPOSE_SIGN, made(Authentication.None).purposes)
    }

    @Test
    fun `an attestation comes with a challenge and not without`(): Unit = runBlocking {
        val challenge = byteArrayOf(1, 2, 3)
        val key = area.createKey(KeySpec(attestationChallenge = challenge))
        assertArrayEquals(challenge, spec(key.id).attestationChallenge)
        assertEquals(2, (key.attestation as Attestation.AndroidKey).certificates.size)
        assertNull(area.createKey(KeySpec()).attestation)
    }

    @Test
    fun `it signs, and asks the person exactly when the key wants it`(): Unit = runBlocking {
        val data = "bytes".encodeToByteArray()
        val free = area.createKey(KeySpec())
        assertTrue(verifies(free.publicKey, data, area.sign(free.id, data)))
        assertTrue(asked.isEmpty())
        val guarded = area.createKey(KeySpec(authentication = Authentication.BiometryEveryUse))
        assertTrue(verifies(area.publicKey(guarded.id), data, area.sign(guarded.id, data)))
        val (operation, biometryOnly) = asked.single()
        assertTrue("the very operation is confirmed", operation?.signature != null && biometryOnly)
    }

    @Test
    fun `a confirmation that counts for some time is asked for once it has run out`(): Unit = runBlocking {
        val key = area.createKey(KeySpec(authentication = Authentication.Within(30)))
        var expired = true
        // The key store throws it when the key is used; the stand-in when it is loaded, which is the same moment here.
        FakeKeys.failure = { if (expired) UserNotAuthenticatedException().also { expired = false } else null }
        area.sign(key.id, byteArrayOf(1))
        assertEquals(listOf(null to false), asked)
    }

    @Test
    fun `a closed prompt, a lost key and a key that is not there are told apart`(): Unit = runBlocking {
        val key = area.createKey(KeySpec(authentication = Authentication.EveryUse))
        presence = UserPresence { _, _ -> throw SecureAreaException.UserCancelled() }
        fails<SecureAreaException.UserCancelled> { area.sign(key.id, byteArrayOf(1)) }
        fails<SecureAreaException.AuthenticationRequired> { AndroidKeyStoreArea(app).sign(key.id, byteArrayOf(1)) }
        FakeKeys.failure = { KeyPermanentlyInvalidatedException() }
        fails<SecureAreaException.KeyInvalidated> { area.sign(key.id, byteArrayOf(1)) }
        FakeKeys.failure = { FakeKeyStore.lost() }
        fails<SecureAreaException.KeyInvalidated> { area.sign(key.id, byteArrayOf(1)) }
        FakeKeys.failure = { java.security.UnrecoverableKeyException("the key store is busy") }
        fails<SecureAreaException.Failed> { area.sign(key.id, byteArrayOf(1)) }
        FakeKeys.failure = { null }
        fails<SecureAreaException.NotFound> { area.sign("another".encodeToByteArray(), byteArrayOf(1)) }
        area.deleteKey(key.id)
        area.deleteKey(key.id)
        fails<SecureAreaException.NotFound> { area.publicKey(key.id) }
    }

    @Test
    fun `what a key store cannot promise is refused and not weakened`() {
        val impossible = listOf(
            KeySpec(Curve.ED25519), KeySpec(purpose = KeyPurpose.SIGN_OR_AGREE), KeySpec(Curve.P384, KeyPurpose.AGREE),
            KeySpec(purpose = KeyPurpose.AGREE, authentication = Authentication.EveryUse), KeySpec(authentication = Authentication.Within(0)),
        )
        impossible.forEach { fails<SecureAreaException.Unsupported> { runBlocking { area.createKey(it) } } }
        shadowOf(app.getSystemService(KeyguardManager::class.java)).setIsDeviceSecure(false)
        fails<SecureAreaException.AuthenticationRequired> { runBlocking { area.createKey(KeySpec(authentication = Authentication.EveryUse)) } }
        assertTrue(FakeKeys.entries.isEmpty())
    }

    @Test
    fun `it agrees`(): Unit = runBlocking {
        val key = area.createKey(KeySpec(purpose = KeyPurpose.AGREE))
        val peer = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        val expected = KeyAgreement.getInstance("ECDH").run {
            init(peer.private)
            doPhase(KeyFactory.getInstance("EC").generatePublic(X509EncodedKeySpec(key.publicKey)), true)
            generateSecret()
        }
        assertArrayEquals(expected, area.agree(key.id, peer.public.encoded))
    }

    @Test
    fun `a wrapped secret opens in its own context alone`(): Unit = runBlocking {
        val context = "vault".encodeToByteArray()
        val secret = "secret".encodeToByteArray()
        val wrapped = area.wrap(context, secret)
        assertArrayEquals(secret, area.unwrap(context, wrapped))
        assertNotEquals("each wrapping has its own nonce", wrapped.toList(), area.wrap(context, secret).toList())
        fails<SecureAreaException.Integrity> { area.unwrap("other".encodeToByteArray(), wrapped) }
        for (at in wrapped.indices) {
            val altered = wrapped.copyOf().also { it[at] = (it[at].toInt() xor 1).toByte() }
            fails<SecureAreaException.Integrity> { area.unwrap(context, altered) }
        }
        for (length in 0 until wrapped.size) fails<SecureAreaException.Integrity> { area.unwrap(context, wrapped.copyOf(length)) }
        FakeKeys.entries.clear()
        fails<SecureAreaException.NotFound> { area.unwrap(context, wrapped) }
    }

    @Test
    fun `a wallet lives in it, and its device keys never leave it`(): Unit = runBlocking {
        val folder = File(app.cacheDir, "wallet")
        val options = WalletOptions(secureArea = area, clock = AndroidClock)
        Wallet.create(folder, options = options).use { wallet ->
            val key = wallet.createDeviceKey(KeySpec(authentication = Authentication.EveryUse))
            assertTrue(FakeKeys.entries.values.any { it.pair?.public?.encoded.contentEquals(key.publicKey) && it.spec.isUserAuthenticationRequired })
        }
        Wallet.open(folder, options).close()
        FakeKeys.entries.clear()
        val error = fails<WalletException> { Wallet.open(folder, options).close() }
        assertTrue("$error", error.text.vi.isNotEmpty())
    }
}
