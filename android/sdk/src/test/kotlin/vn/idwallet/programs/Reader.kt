package vn.idwallet.programs

import vn.idwallet.DocumentOutcome
import vn.idwallet.Reader
import vn.idwallet.ReaderIdentity
import vn.idwallet.ReaderRequest
import vn.idwallet.StreamCarrier
import vn.idwallet.TrustStore
import java.io.File
import kotlin.system.exitProcess

/**
 * `reader --qr TEXT --anchors FILE --ask TEMPLATE_ID [--reader-key FILE --reader-chain FILE]`
 *
 * Reads from the holder whose QR code says TEXT. The last line is a JSON object:
 * `{"accepted": bool, "reasons": [kinds], "claims": {doc type: [names]}}`. Exit status 0 also when it is refused.
 */
object ReaderProgram {
    @JvmStatic
    fun main(words: Array<String>) = program {
        val arguments = Arguments(words)
        val trust = TrustStore().apply { addIssuerAnchors(File(arguments.required("--anchors")).readBytes()) }
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
        val documents = result.reports.flatMap { it.documents }.mapNotNull { (it.outcome as? DocumentOutcome.Accepted)?.document }
        val report = mapOf(
            "accepted" to result.accepted,
            "reasons" to result.reports.flatMap { it.reasons }.map { it.kind.word() }.distinct().sorted(),
            "claims" to documents.associate { document -> document.docType to document.claims.map { it.element }.sorted() },
        )
        say(json(report))
    }
}
