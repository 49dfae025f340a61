// The commands: each gives the fields of its answer, or throws.
import java.io.File
import kotlin.time.Clock
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Instant
import kotlinx.io.bytestring.ByteString
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject
import org.multipaz.asn1.ASN1Integer
import org.multipaz.cbor.Bstr
import org.multipaz.cbor.Cbor
import org.multipaz.cbor.DataItem
import org.multipaz.cbor.Tagged
import org.multipaz.cbor.buildCborMap
import org.multipaz.cbor.toDataItem
import org.multipaz.cose.Cose
import org.multipaz.cose.CoseNumberLabel
import org.multipaz.cose.CoseSign1
import org.multipaz.crypto.Algorithm
import org.multipaz.crypto.AsymmetricKey
import org.multipaz.crypto.Crypto
import org.multipaz.crypto.EcCurve
import org.multipaz.crypto.EcPrivateKey
import org.multipaz.crypto.EcPublicKey
import org.multipaz.crypto.X500Name
import org.multipaz.crypto.X509Cert
import org.multipaz.crypto.X509CertChain
import org.multipaz.documenttype.DocumentTypeRepository
import org.multipaz.mdoc.devicesigned.DeviceAuth
import org.multipaz.mdoc.devicesigned.buildDeviceNamespaces
import org.multipaz.mdoc.issuersigned.IssuerNamespaces
import org.multipaz.mdoc.issuersigned.buildIssuerNamespaces
import org.multipaz.mdoc.mso.MobileSecurityObject
import org.multipaz.mdoc.request.DeviceRequest
import org.multipaz.mdoc.request.buildDeviceRequest
import org.multipaz.mdoc.response.DeviceResponse
import org.multipaz.mdoc.response.buildDeviceResponse
import org.multipaz.mdoc.role.MdocRole
import org.multipaz.mdoc.sessionencryption.SessionEncryption
import org.multipaz.mdoc.util.MdocUtil

internal typealias Answer = JsonObjectBuilder.() -> Unit

internal val ALG = CoseNumberLabel(1)
private val X5CHAIN = CoseNumberLabel(33)

internal fun now() = Instant.fromEpochSeconds(Clock.System.now().epochSeconds)

internal fun jwk(path: String) = Json.parseToJsonElement(File(path).readText()).jsonObject

internal fun privateKey(path: String) = EcPrivateKey.fromJwk(jwk(path))

private fun publicKey(path: String) = EcPublicKey.fromJwk(JsonObject(jwk(path) - "d"))

internal fun certificates(path: String): List<X509Cert> =
    Regex("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----").findAll(File(path).readText()).map { X509Cert.fromPem(it.value) }.toList()

private fun transcript(options: Options): DataItem = Cbor.decode(options.bytes("transcript"))

private val NAMES = mapOf(
    "P-256" to EcCurve.P256, "P-384" to EcCurve.P384, "P-521" to EcCurve.P521, "brainpoolP256r1" to EcCurve.BRAINPOOLP256R1,
    "brainpoolP320r1" to EcCurve.BRAINPOOLP320R1, "brainpoolP384r1" to EcCurve.BRAINPOOLP384R1,
    "brainpoolP512r1" to EcCurve.BRAINPOOLP512R1, "Ed25519" to EcCurve.ED25519, "Ed448" to EcCurve.ED448,
    "X25519" to EcCurve.X25519, "X448" to EcCurve.X448,
)

fun capabilities(): Answer = {
    val supported = NAMES.filterValues { it in Crypto.supportedCurves }
    fun JsonObjectBuilder.curves(name: String, which: (EcCurve) -> Boolean) =
        putJsonArray(name) { supported.filterValues(which).keys.forEach { add(it) } }
    put("name", "multipaz")
    put("version", "0.101.0")
    putJsonObject("issue") {
        curves("curves") { it.supportsSigning }
        curves("device_curves") { true }
        put("own_pki", true)
    }
    putJsonObject("verify") {
        curves("issuer_curves") { it.supportsSigning }
        curves("signature") { it.supportsSigning }
        curves("mac") { it.supportsKeyAgreement }
        for (check in listOf("chain", "digests", "device_auth", "issuer_only", "several")) put(check, true)
    }
    putJsonObject("respond") {
        curves("signature") { it.supportsSigning }
        curves("mac") { it.supportsKeyAgreement }
        put("several", true)
    }
    putJsonObject("request") {
        put("plain", true)
        curves("reader_auth") { it.supportsSigning }
        curves("reader_auth_all") { it.supportsSigning }
    }
    putJsonObject("check_request") {
        curves("reader_auth") { it.supportsSigning }
        curves("reader_auth_all") { it.supportsSigning }
        put("chain", true)
    }
    putJsonObject("session") { curves("curves") { it.supportsKeyAgreement } }
    for (part in listOf("trust_list", "check_trust_list")) putJsonObject(part) { curves("curves") { it.supportsSigning } }
    for (part in listOf("status_list", "check_status_list")) putJsonObject(part) {
        curves("curves") { it.supportsSigning }
        putJsonArray("bits") { for (bits in listOf(1, 2, 4, 8)) add(bits) }
    }
}

private class Authorities(val signer: EcPrivateKey, val chain: List<X509Cert>, val anchors: List<X509Cert>)

private suspend fun ownAuthorities(curve: EcCurve): Authorities {
    val start = now() - 3.days
    // ISO 18013-5 B.1: certificates are signed with ECDSA, also those of EdDSA keys.
    val rootCurve = if (curve == EcCurve.ED25519 || curve == EcCurve.ED448) EcCurve.P256 else curve
    val rootKey = Crypto.createEcPrivateKey(rootCurve)
    val algorithm = rootCurve.defaultSigningAlgorithmFullySpecified
    val root = MdocUtil.generateIacaCertificate(
        AsymmetricKey.anonymous(rootKey, algorithm), X500Name.fromName("CN=multipaz interop IACA,C=VN"), ASN1Integer.fromRandom(128),
        start, start + 3650.days, "https://issuer.example", "https://issuer.example/crl",
    )
    val signer = Crypto.createEcPrivateKey(curve)
    val ds = MdocUtil.generateDsCertificate(
        AsymmetricKey.X509CertifiedExplicit(X509CertChain(listOf(root)), rootKey, algorithm), signer.publicKey,
        X500Name.fromName("CN=multipaz interop DS,C=VN"), ASN1Integer.fromRandom(128), start, start + 400.days,
    )
    return Authorities(signer, listOf(ds), listOf(root))
}

suspend fun issue(options: Options): Answer {
    val authorities = if (options.has("signer")) {
        Authorities(privateKey(options.need("signer")), certificates(options.need("chain")), certificates(options.need("anchor")))
    } else {
        ownAuthorities(NAMES[options.get("curve") ?: "P-256"] ?: throw Unsupported("unknown curve"))
    }
    val data = options.json("data")
    val docType = data.getValue("docType").jsonPrimitive.content
    val namespaces = buildIssuerNamespaces {
        for ((namespace, elements) in data.getValue("namespaces").jsonObject) {
            addNamespace(namespace) { for ((name, value) in elements.jsonObject) addDataElement(name, toDataItem(value)) }
        }
    }
    val signed = now() - 1.hours
    val mso = MobileSecurityObject(
        "1.0", docType, signed, signed, signed + 365.days, null, Algorithm.SHA256, namespaces.getValueDigests(Algorithm.SHA256),
        publicKey(options.need("device-key")), listOf(), mapOf(), mapOf(), null,
    )
    val algorithm = authorities.signer.curve.defaultSigningAlgorithm
    val issuerAuth = Cose.coseSign1Sign(
        AsymmetricKey.anonymous(authorities.signer, algorithm),
        Cbor.encode(Tagged(24, Bstr(Cbor.encode(mso.toDataItem())))), true,
        mapOf(ALG to algorithm.coseAlgorithmIdentifier!!.toDataItem()),
        mapOf(X5CHAIN to X509CertChain(authorities.chain).toCoseX5Chain(false)),
    )
    val out = options.need("out")
    val issuerSigned = buildCborMap {
        put("nameSpaces", namespaces.toDataItem())
        put("issuerAuth", issuerAuth.toDataItem())
    }
    File("$out/issuer_signed.cbor").writeBytes(Cbor.encode(issuerSigned))
    val anchor = File("$out/anchor.pem")
    options.get("anchor")?.let { File(it).copyTo(anchor, overwrite = true) } ?: anchor.writeText(authorities.anchors[0].toPem() + "\n")
    File("$out/ds.pem").writeText(authorities.chain[0].toPem() + "\n")
    return {}
}

/** The chain of the message to one of the anchors: the caller's business in this library, with its own validation. */
internal suspend fun checkChain(chain: X509CertChain, anchors: List<X509Cert>) {
    val anchor = anchors.firstOrNull { it.subject == chain.certificates.last().issuer } ?: throw Refused("no path to an anchor")
    X509CertChain(chain.certificates + anchor).validate(now(), true, true, true)
}

private fun JsonObjectBuilder.elements(namespaces: IssuerNamespaces) = putJsonObject("elements") {
    for ((namespace, items) in namespaces.data) {
        putJsonObject(namespace) { for (item in items.values) put(item.dataElementIdentifier, toValue(item.dataElementValue)) }
    }
}

suspend fun verify(options: Options): Answer {
    val response = DeviceResponse.fromDataItem(Cbor.decode(options.bytes("response")))
    val readerKey = options.get("reader-key")?.let(::privateKey)
    val request = options.get("request")?.let { DeviceRequest.fromDataItem(Cbor.decode(File(it).readBytes())) }
    request?.verifyReaderAuthentication(transcript(options))
    response.verify(
        transcript(options), readerKey?.let { AsymmetricKey.anonymous(it, it.curve.defaultKeyAgreementAlgorithm) }, request,
        DocumentTypeRepository(), now(),
    )
    for (document in response.documents) checkChain(document.issuerCertChain, certificates(options.need("anchor")))
    return {
        put("accepted", true)
        putJsonArray("documents") {
            for (document in response.documents) addJsonObject {
                put("doc_type", document.docType)
                put("device_auth", if (document.deviceAuth is DeviceAuth.Mac) "mac" else "signature")
                elements(document.issuerNamespaces)
            }
        }
    }
}

/** The library has no call for the issuer's part alone: its parts, in the order of ISO 18013-5 9.3.1. */
suspend fun verifyIssuerSigned(options: Options): Answer {
    val issuerSigned = Cbor.decode(options.bytes("issuer-signed"))
    val issuerAuth: CoseSign1 = issuerSigned["issuerAuth"].asCoseSign1
    val chain = issuerAuth.unprotectedHeaders[X5CHAIN]!!.asX509CertChain
    checkChain(chain, certificates(options.need("anchor")))
    val signer = chain.certificates[0].ecPublicKey
    Cose.coseSign1Check(signer, null, issuerAuth, signer.curve.defaultSigningAlgorithm)
    val mso = MobileSecurityObject.fromDataItem(Cbor.decode(issuerAuth.payload!!).asTaggedEncodedCbor)
    val namespaces = IssuerNamespaces.fromDataItem(issuerSigned["nameSpaces"])
    for ((namespace, digests) in namespaces.getValueDigests(mso.digestAlgorithm)) {
        for ((id, digest) in digests) if (mso.valueDigests[namespace]?.get(id) != digest) throw Refused("digest $id of $namespace")
    }
    if (mso.docType != options.need("doctype")) throw Refused("docType ${mso.docType}")
    if (now() < mso.validFrom || now() > mso.validUntil) throw Refused("out of its validity")
    return {
        put("accepted", true)
        putJsonArray("documents") {
            addJsonObject {
                put("doc_type", mso.docType)
                put("device_auth", JsonNull)
                elements(namespaces)
            }
        }
    }
}

suspend fun respond(options: Options): Answer {
    val transcript = transcript(options)
    val request = DeviceRequest.fromDataItem(Cbor.decode(options.bytes("request")))
    request.verifyReaderAuthentication(transcript)
    val readerKey = options.get("reader-key")?.let(::publicKey)
    val credentials = options.all("issuer-signed").map { Cbor.decode(File(it).readBytes()) }
    val keys = options.all("device-key").map(::privateKey)
    val types = options.all("doctype")
    val released = credentials.mapIndexed { i, credential ->
        val asked = request.docRequests.first { it.docType == types[i] }.nameSpaces
        val all = IssuerNamespaces.fromDataItem(credential["nameSpaces"])
        val items = all.data.mapValues { (namespace, items) -> items.filterKeys { it in asked[namespace].orEmpty() } }
        IssuerNamespaces(items.filterValues { it.isNotEmpty() })
    }
    val response = buildDeviceResponse(transcript, 0, readerKey, "1.0") {
        credentials.forEachIndexed { i, credential ->
            val curve = keys[i].curve
            val use = if (options.has("mac")) curve.defaultKeyAgreementAlgorithm else curve.defaultSigningAlgorithmFullySpecified
            val device = AsymmetricKey.anonymous(keys[i], use)
            addDocument(types[i], credential["issuerAuth"].asCoseSign1, released[i], buildDeviceNamespaces { }, device, mapOf())
        }
    }
    File(options.need("out")).writeBytes(Cbor.encode(response.toDataItem()))
    return {
        putJsonObject("elements") {
            for ((namespace, items) in released.flatMap { it.data.entries }) putJsonArray(namespace) { items.keys.forEach { add(it) } }
        }
    }
}

suspend fun request(options: Options): Answer {
    val ask = options.json("ask")
    val signer = options.get("signer")?.let {
        val key = privateKey(it)
        val chain = X509CertChain(certificates(options.need("chain")))
        AsymmetricKey.X509CertifiedExplicit(chain, key, key.curve.defaultSigningAlgorithmFullySpecified)
    }
    val request = buildDeviceRequest(transcript(options)) {
        for ((docType, namespaces) in ask) {
            val wanted = namespaces.jsonObject.mapValues { (_, elements) -> elements.jsonObject.mapValues { it.value.jsonPrimitive.boolean } }
            if (signer == null || options.has("all")) addDocRequest(docType, wanted, null) else addDocRequest(docType, wanted, null, signer)
        }
        if (signer != null && options.has("all")) addReaderAuthAll(signer)
    }
    File(options.need("out")).writeBytes(Cbor.encode(request.toDataItem()))
    return {}
}

suspend fun checkRequest(options: Options): Answer {
    val encoded = Cbor.decode(options.bytes("request"))
    val request = DeviceRequest.fromDataItem(encoded)
    // Throws for the first signature that does not hold; the states are only to be seen after it.
    request.verifyReaderAuthentication(transcript(options))
    val anchors = options.get("anchor")?.let(::certificates)
    suspend fun state(auth: CoseSign1?): String {
        if (auth == null) return "absent"
        val chain = (auth.unprotectedHeaders[X5CHAIN] ?: auth.protectedHeaders[X5CHAIN])!!.asX509CertChain
        return if (anchors == null || runCatching { checkChain(chain, anchors) }.isSuccess) "valid" else "untrusted"
    }
    val each = request.docRequests.map { it to state(it.readerAuth) }
    val every = state(request.readerAuthAll.firstOrNull())
    return {
        putJsonObject("asked") {
            for (doc in request.docRequests) putJsonObject(doc.docType) {
                for ((namespace, elements) in doc.nameSpaces) {
                    putJsonObject(namespace) { for ((name, retain) in elements) put(name, retain) }
                }
            }
        }
        putJsonArray("reader_auth") {
            for ((doc, state) in each) addJsonObject {
                put("doc_type", doc.docType)
                put("state", state)
            }
        }
        put("reader_auth_all", every)
    }
}

suspend fun session(options: Options): Answer {
    val role = if (options.need("role") == "reader") MdocRole.MDOC_READER else MdocRole.MDOC
    val encryption = SessionEncryption(
        role, privateKey(options.need("own-key")), publicKey(options.need("peer-key")), options.bytes("transcript"), true,
    )
    val out = options.need("out")
    val sent = options.all("send")
    sent.forEachIndexed { i, path ->
        File("$out/sent-${i + 1}.cbor").writeBytes(encryption.encryptMessage(File(path).readBytes(), null))
    }
    val received = options.all("receive")
    received.forEachIndexed { i, path ->
        val (plaintext, _) = encryption.decryptMessage(File(path).readBytes())
        File("$out/received-${i + 1}.bin").writeBytes(plaintext ?: throw Refused("no data"))
    }
    return {
        put("sent", sent.size)
        put("received", received.size)
    }
}
