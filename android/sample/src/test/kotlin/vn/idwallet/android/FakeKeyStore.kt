package vn.idwallet.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.io.InputStream
import java.io.OutputStream
import java.security.InvalidParameterException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreException
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.KeySpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyAgreement
import javax.crypto.KeyAgreementSpi
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactorySpi

/**
 * A stand-in for the Android key store, with keys in the memory of the test. It lets the code over the key store run, and records what
 * was asked of it; about hardware it proves nothing.
 */
object FakeKeys {
    class Entry(val spec: KeyGenParameterSpec, val pair: KeyPair?, val secret: SecretKey?)

    val entries = LinkedHashMap<String, Entry>()

    /** Whether StrongBox makes keys, or says that it is not there. */
    var strongBox = true

    /** Key pairs that it "makes" first: those to which documents of the fixtures are bound. */
    val ready = ArrayDeque<KeyPair>()

    /** What using a key of this name throws. */
    var failure: (String) -> Exception? = { null }

    fun install() {
        entries.clear()
        ready.clear()
        strongBox = true
        failure = { null }
        Security.removeProvider(FakeKeyStore.NAME)
        Security.addProvider(FakeKeyStore())
    }

    fun remove() = Security.removeProvider(FakeKeyStore.NAME)

    fun made(spec: KeyGenParameterSpec) {
        if (spec.isStrongBoxBacked && !strongBox) throw StrongBoxUnavailableException()
    }
}

class FakeKeyStore : Provider(NAME, "1.0", "a stand-in for tests") {
    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyPairGenerator.EC", Pairs::class.java.name)
        put("KeyGenerator.AES", Secrets::class.java.name)
        put("SecretKeyFactory.AES", Infos::class.java.name)
        put("KeyAgreement.ECDH", Agreement::class.java.name)
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? {
            FakeKeys.failure(alias)?.let { throw it } // Checked or not: the signature does not matter to the virtual machine.
            return FakeKeys.entries[alias]?.let { it.pair?.private ?: it.secret }
        }

        override fun engineGetCertificate(alias: String): Certificate? = FakeKeys.entries[alias]?.pair?.let { FakeCertificate(it.public) }
        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = FakeKeys.entries[alias]?.pair?.let { pair ->
            val one = FakeCertificate(pair.public)
            if (FakeKeys.entries.getValue(alias).spec.attestationChallenge == null) arrayOf(one) else arrayOf(one, one)
        }

        override fun engineDeleteEntry(alias: String) {
            FakeKeys.entries.remove(alias)
        }

        override fun engineGetCreationDate(alias: String) = Date(0)
        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<out Certificate>?) = throw KeyStoreException("no import")
        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<out Certificate>?) = throw KeyStoreException("no import")
        override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = throw KeyStoreException("no import")
        override fun engineAliases(): Enumeration<String> = Collections.enumeration(FakeKeys.entries.keys)
        override fun engineContainsAlias(alias: String) = alias in FakeKeys.entries
        override fun engineSize() = FakeKeys.entries.size
        override fun engineIsKeyEntry(alias: String) = alias in FakeKeys.entries
        override fun engineIsCertificateEntry(alias: String) = false
        override fun engineGetCertificateAlias(certificate: Certificate): String? = null
        override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    }

    class Pairs : KeyPairGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec
        override fun initialize(size: Int, random: SecureRandom?) = throw InvalidParameterException("a spec is needed")
        override fun initialize(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
            spec = parameters as KeyGenParameterSpec
        }

        override fun generateKeyPair(): KeyPair {
            FakeKeys.made(spec)
            val generator = KeyPairGenerator.getInstance("EC", other("KeyPairGenerator.EC")).apply { initialize(spec.algorithmParameterSpec) }
            val pair = FakeKeys.ready.removeFirstOrNull() ?: generator.generateKeyPair()
            return pair.also { FakeKeys.entries[spec.keystoreAlias] = FakeKeys.Entry(spec, it, null) }
        }
    }

    class Secrets : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec
        override fun engineInit(random: SecureRandom?) = throw InvalidParameterException("a spec is needed")
        override fun engineInit(size: Int, random: SecureRandom?) = throw InvalidParameterException("a spec is needed")
        override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
            spec = parameters as KeyGenParameterSpec
        }

        override fun engineGenerateKey(): SecretKey {
            FakeKeys.made(spec)
            val generator = KeyGenerator.getInstance("AES", other("KeyGenerator.AES")).apply { init(spec.keySize) }
            return generator.generateKey().also { FakeKeys.entries[spec.keystoreAlias] = FakeKeys.Entry(spec, null, it) }
        }
    }

    class Infos : SecretKeyFactorySpi() {
        override fun engineGetKeySpec(key: SecretKey, kind: Class<*>): KeySpec {
            val entry = FakeKeys.entries.values.first { it.secret == key }
            val level = if (entry.spec.isStrongBoxBacked) KeyProperties.SECURITY_LEVEL_STRONGBOX else KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
            val none = emptyArray<String>()
            return KeyInfo(
                entry.spec.keystoreAlias, true, KeyProperties.ORIGIN_GENERATED, entry.spec.keySize, null, null, null, entry.spec.purposes,
                none, none, none, none, false, 0, 0, false, false, false, false, false, false, level, KeyProperties.UNRESTRICTED_USAGE_COUNT,
            )
        }

        override fun engineGenerateSecret(spec: KeySpec?) = throw UnsupportedOperationException()
        override fun engineTranslateKey(key: SecretKey?) = throw UnsupportedOperationException()
    }

    class Agreement : KeyAgreementSpi() {
        private val inner = KeyAgreement.getInstance("ECDH", other("KeyAgreement.ECDH"))
        override fun engineInit(key: Key, random: SecureRandom?) = inner.init(key)
        override fun engineInit(key: Key, parameters: AlgorithmParameterSpec?, random: SecureRandom?) = inner.init(key)
        override fun engineDoPhase(key: Key, last: Boolean): Key? = inner.doPhase(key, last)
        override fun engineGenerateSecret(): ByteArray = inner.generateSecret()
        override fun engineGenerateSecret(into: ByteArray, offset: Int) = inner.generateSecret(into, offset)
        override fun engineGenerateSecret(algorithm: String): SecretKey = inner.generateSecret(algorithm)
    }

    /** A certificate that says nothing but its key. */
    class FakeCertificate(private val key: PublicKey) : Certificate("X.509") {
        override fun getEncoded(): ByteArray = key.encoded
        override fun getPublicKey(): PublicKey = key
        override fun verify(key: PublicKey?) = Unit
        override fun verify(key: PublicKey?, provider: String?) = Unit
        override fun toString() = "a stand-in"
    }

    companion object {
        const val NAME = "AndroidKeyStore"

        /** What the key store says of a key whose protection is gone. */
        fun lost() = UnrecoverableKeyException("User changed or deleted their auth credentials")

        private fun other(service: String) = Security.getProviders(service).first { it.name != NAME }
    }
}

