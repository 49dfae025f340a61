package vn.idwallet.programs

import vn.idwallet.DocumentOutcome
import vn.idwallet.Reader
import vn.idwallet.ReaderIdentity
import vn.idwallet.ReaderPolicy
import vn.idwallet.ReaderRequest
import vn.idwallet.Report
import vn.idwallet.StreamCarrier
import vn.idwallet.TrustStore
import java.io.File
import java.time.Instant
import kotlin.system.exitProcess

/**
 * `reader --qr TEXT --anchors FILE --ask TEMPLATE_ID [--reader-key FILE --reader-chain FILE]`, or
 * `reader --response FILE --transcript FILE --anchors FILE [--crl FILE]`
 *
 * Reads from the holder whose QR code says TEXT, or verifies a response that was kept. The last line is a JSON object:
 * `{"accepted": bool, "reasons": [kinds], "checks": [failed checks], "claims": {doc type: [names]}}`. Exit status 0 also when it is
 * refused.
 */
object ReaderProgram {
    @JvmStatic
    fun main(words: Array<String>) = program {
        val arguments = Arguments(words)
        val trust = TrustStore().apply { addIssuerAnchors(File(arguments.required("--anchors")).readBytes()) }
        arguments["--crl"]?.let { trust.addCrls(File(it).readBytes(), Instant.now()) }
        val response = arguments["--response"]
        if (response == null) {
            meet(arguments, trust)
        } else {
            val reader = Reader(trust, ReaderPolicy(requireAllElements = false))
            val report = reader.verifyDeviceResponse(File(response).readBytes(), File(arguments.required("--transcript")).readBytes())
            say(verdict(report.accepted, listOf(report)))
        }
    }

    private suspend fun meet(arguments: Arguments, trust: TrustStore) {
        val identity = arguments["--reader-key"]?.let {
            ReaderIdentity(File(it).readBytes(), File(arguments.required("--reader-chain")).readBytes())
        }
        val session = Reader(trust, identity = identity).scan(arguments.required("--qr"), ReaderRequest.Template(arguments.required("--ask")))
        val address = session.streamAddress
        if (address == null) {
            System.err.println("the holder announces no stream")
            exitProcess(2)
        }
        val result = session.run(StreamCarrier.connect(address))
        say(verdict(result.accepted, result.reports))
    }

    private fun verdict(accepted: Boolean, reports: List<Report>): String {
        val reasons = reports.flatMap { it.reasons }
        val documents = reports.flatMap { it.documents }.mapNotNull { (it.outcome as? DocumentOutcome.Accepted)?.document }
        return json(
            mapOf(
                "accepted" to accepted,
                "reasons" to reasons.map { it.kind.word() }.distinct().sorted(),
                "checks" to reasons.mapNotNull { it.check }.distinct().sorted(),
                "claims" to documents.associate { document -> document.docType to document.claims.map { it.element }.sorted() },
            ),
        )
    }
}
