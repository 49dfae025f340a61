// Trust lists (VICAL) and status lists: made, and read.
import java.io.File
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlinx.io.bytestring.ByteString
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import org.multipaz.crypto.AsymmetricKey
import org.multipaz.crypto.X509CertChain
import org.multipaz.mdoc.vical.SignedVical
import org.multipaz.mdoc.vical.Vical
import org.multipaz.mdoc.vical.VicalCertificateInfo
import org.multipaz.revocation.StatusList
import org.multipaz.webtoken.WebTokenCheck

private fun signer(options: Options): AsymmetricKey.X509CertifiedExplicit {
    val key = privateKey(options.need("signer"))
    return AsymmetricKey.X509CertifiedExplicit(
        X509CertChain(certificates(options.need("chain"))), key, key.curve.defaultSigningAlgorithm,
    )
}

suspend fun trustList(options: Options): Answer {
    val signer = signer(options)
    val entries = certificates(options.need("entry")).map {
        VicalCertificateInfo(certificate = it, docTypes = listOf("org.iso.18013.5.1.mDL"), ski = ByteString(it.subjectKeyIdentifier!!))
    }
    val list = Vical("1.0", "Interop provider", now(), now() + 30.days, null, 1, entries, null, mapOf())
    val key = AsymmetricKey.anonymous(signer.privateKey, signer.privateKey.curve.defaultSigningAlgorithm)
    File(options.need("out")).writeBytes(SignedVical(list, signer.certChain).generate(key))
    return {}
}

suspend fun checkTrustList(options: Options): Answer {
    val signed = SignedVical.parse(options.bytes("list"), false)
    checkChain(signed.vicalProviderCertificateChain, certificates(options.need("anchor")))
    return {
        put("accepted", true)
        put("provider", signed.vical.vicalProvider)
        putJsonArray("entries") {
            for (entry in signed.vical.certificateInfos) addJsonObject {
                val digest = MessageDigest.getInstance("SHA-256").digest(entry.certificate.encoded.toByteArray())
                put("certificate", HexFormat.of().formatHex(digest))
                putJsonArray("doc_types") { entry.docTypes.forEach { add(it) } }
            }
        }
    }
}

suspend fun statusList(options: Options): Answer {
    val statuses = Json.parseToJsonElement(File(options.need("statuses")).readText()).jsonArray.map { it.jsonPrimitive.int }
    val bits = options.need("bits").toInt()
    val packed = ByteArray((statuses.size * bits + 7) / 8)
    statuses.forEachIndexed { i, status ->
        val at = i * bits
        packed[at / 8] = (packed[at / 8].toInt() or (status shl (at % 8))).toByte()
    }
    val token = StatusList(bits, packed).compress(12.hours).serializeAsCwt(signer(options), options.need("uri"))
    File(options.need("out")).writeBytes(token)
    return {}
}

/** The library checks the token against the certificate of its signer; that certificate's own chain is the caller's business. */
suspend fun checkStatusList(options: Options): Answer {
    val signer = certificates(options.need("chain"))
    checkChain(X509CertChain(signer), certificates(options.need("anchor")))
    val list = StatusList.fromCwt(options.bytes("list"), signer[0], mapOf(WebTokenCheck.SUB to options.need("uri")), now(), 30.days)
    return {
        put("accepted", true)
        putJsonArray("statuses") { for (i in 0 until options.need("count").toInt()) add(list[i]) }
    }
}
