package vn.idwallet

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import vn.idwallet.programs.json
import java.io.File
import java.nio.file.Files
import java.time.Instant
import java.util.TreeMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** The scenarios of `tests/flows/scenarios`, the same in every language; writes what became of each. */
class ScenarioTest {
    private val files = File(System.getProperty("test.repository"), "tests/flows/scenarios").listFiles { file -> file.extension == "json" }
        .orEmpty().sorted()

    @Test
    fun `there are scenarios`() = assertTrue(files.isNotEmpty())

    @TestFactory
    fun scenarios(): List<DynamicTest> = files.map { file ->
        val scenario = Json.read(file.readText())
        dynamicTest("${file.nameWithoutExtension}: ${scenario["title"]}") {
            val done = runCatching { run(scenario) }
            results[file.nameWithoutExtension] = done.fold({ "passed" }, { "failed: ${it.message}" })
            done.getOrThrow()
        }
    }

    @Suppress("UNCHECKED_CAST")
    private fun run(scenario: Map<String, Any?>) {
        val folder = Files.createTempDirectory("idwallet").toFile()
        val stage = Stage(folder)
        try {
            (scenario["steps"] as List<Map<String, Any?>>).forEachIndexed { index, step ->
                try {
                    runBlocking { withTimeout(60.seconds) { stage.step(step) } }
                } catch (error: Throwable) {
                    throw AssertionError("step ${index + 1}, ${step["do"]}: ${error.message}", error)
                }
            }
        } finally {
            stage.close()
            folder.deleteRecursively()
        }
    }

    companion object {
        private val results = TreeMap<String, String>()

        @AfterAll
        @JvmStatic
        fun write() {
            val file = File(System.getProperty("test.results"))
            file.parentFile.mkdirs()
            file.writeText(json(results) + "\n")
        }
    }
}

/** An area whose first key is that of `area-1`, and which does not sign. */
private class OwnArea : SoftArea() {
    private val made = mutableListOf<ByteArray>()
    var signing: () -> SecureAreaException = { SecureAreaException.Unavailable() }

    override suspend fun capabilities() =
        AreaCapabilities(SecurityLevel.SOFTWARE, signCurves = listOf(Curve.P256), agreeCurves = emptyList())

    override suspend fun createKey(spec: KeySpec): CreatedKey {
        made += Fixtures.bytes("area-${made.size + 1}.spki")
        return CreatedKey(byteArrayOf(made.size.toByte()), made.last())
    }

    override suspend fun publicKey(id: ByteArray) = made[id[0] - 1]

    override suspend fun sign(id: ByteArray, data: ByteArray) = throw signing()
}

/** What became of a meeting with a reader: no report when there was no answer. */
private class Met(val report: Report?, val reader: String? = null)

private class Stage(private val folder: File) {
    private val began = TimeSource.Monotonic.markNow()
    private var passed = Duration.ZERO
    private val clock = Clock { Now(Instant.now().plusSeconds(passed.inWholeSeconds), began.elapsedNow() + 1000.seconds + passed) }
    private val export = File(folder, "export.idwallet")
    private var folders = 0
    private var area: OwnArea? = null
    private var wallet: Wallet? = null

    private val options get() = WalletOptions(area, clock)
    private val dir get() = File(folder, "wallet-$folders")
    private val open get() = wallet!!

    fun close() {
        wallet?.close()
        wallet = null
    }

    suspend fun step(step: Map<String, Any?>) {
        val result = runCatching { act(step) }
        val error = result.exceptionOrNull()
        @Suppress("UNCHECKED_CAST")
        val wanted = step["error"] as Map<String, String>?
        if (wanted == null) return result.getOrThrow()
        check(error is WalletException) { "${error ?: "no error"}, and not $wanted" }
        val isIt = error::class.simpleName == wanted["kind"] && (wanted["code"] ?: error.code) == error.code
        check(isIt) { "${error::class.simpleName} $error, and not $wanted" }
    }

    private suspend fun act(step: Map<String, Any?>) {
        fun text(name: String) = step[name] as String
        fun number(name: String) = (step[name] as Long).toInt()
        when (val what = text("do")) {
            "create" -> {
                area = if (step["area"] == "own") OwnArea() else null
                wallet = Wallet.create(dir, step["pin"] as String?, options)
            }
            "reopen" -> {
                close()
                wallet = Wallet.open(dir, options)
            }
            "forget" -> {
                close()
                folders++
            }
            "device-key" -> open.createDeviceKey()
            "area" -> area!!.signing = when (text("sign")) {
                "KeyInvalidated" -> { -> SecureAreaException.KeyInvalidated() }
                "UserCancelled" -> { -> SecureAreaException.UserCancelled() }
                else -> error("an error that the runner does not know: ${text("sign")}")
            }
            "import" -> import(text("document"))
            "list" -> same("documents", step["count"], open.refresh().documents.size.toLong())
            "show" -> {
                val view = open.document(open.refresh().documents[number("index")].id)
                check(view.claims.first { it.element == text("claim") }.shown.en.isNotEmpty()) { "the claim shows nothing" }
            }
            "remove" -> open.remove(open.refresh().documents[number("index")].id)
            "lock" -> open.lock()
            "unlock" -> open.unlock(step["pin"] as String?)
            "wait" -> passed += number("seconds").seconds
            "history" -> {
                val history = open.history()
                same("outcomes", step["outcomes"], history.entries.map { it.outcome.name.lowercase() })
                check(history.intact) { "the history is not intact" }
            }
            "damage" -> {
                close()
                val file = File(dir, "vault.db")
                val bytes = file.readBytes()
                for (at in number("offset") until number("offset") + number("bytes")) bytes[at] = (bytes[at].toInt() xor 0xff).toByte()
                file.writeBytes(bytes)
            }
            "export" -> open.export(export, text("passphrase"))
            "restore" -> {
                val restored = open.planRestore(export, text("passphrase"), Fixtures.issuers()).apply()
                same("restored", step["count"], restored.added.size.toLong())
            }
            "present" -> {
                val met = if (step["by"] == "camera") camera(step) else meet(step)
                step["reader"]?.let { same("reader", (it as String).lowercase(), met.reader) }
                judge(step, met)
            }
            "cancel" -> check(leave(step) { it.presentation.cancel() }.report == null) { "there was an answer" }
            "lose" -> check(leave(step) { it.link.reader.close() }.report == null) { "there was an answer" }
            "verify" -> judge(step, verify(step))
            else -> error("a step that the runner does not know: $what")
        }
    }

    private suspend fun import(document: String) {
        val bytes = Fixtures.bytes("$document.cbor")
        val copy = if (area != null) {
            NewCopy(bytes)
        } else {
            // What is wrong with a document is not its key.
            val own = File(Fixtures.dir, "$document.key")
            NewCopy(bytes, if (own.exists()) own.readBytes() else Fixtures.bytes("driving-licence.key"))
        }
        open.importDocument(listOf(copy), Fixtures.issuers())
    }

    private fun readerOf(step: Map<String, Any?>): Reader {
        val name = step["identity"] as String? ?: "reader"
        val identity = if (name == "none") null else ReaderIdentity(Fixtures.bytes("$name.key"), Fixtures.bytes("$name.pem"))
        return Reader(Fixtures.issuers(), ReaderPolicy(requireAllElements = step["strict"] == true), identity, clock)
    }

    private fun request(step: Map<String, Any?>) = ReaderRequest.Template(step["ask"] as String)

    private suspend fun meet(step: Map<String, Any?>): Met = meeting(open, request(step), readerOf(step)) { meeting ->
        val review = meeting.review()
        val approval = approval(step, review, { meeting.presentation.everything() }, { meeting.presentation.preselected() })
        try {
            if (approval.choices.isEmpty()) meeting.presentation.decline(end = false) else meeting.presentation.respond(review, approval, end = false)
        } catch (error: WalletException) {
            meeting.presentation.cancel()
            throw error
        } finally {
            meeting.ended()
        }
        Met(meeting.reader.await().reports.firstOrNull(), review.requests.first().reader.state.name.lowercase())
    }

    private suspend fun leave(step: Map<String, Any?>, how: suspend (Meeting) -> Unit): Met =
        meeting(open, request(step), readerOf(step)) { meeting ->
            meeting.review()
            how(meeting)
            meeting.ended()
            Met(meeting.reader.await().reports.firstOrNull())
        }

    private suspend fun camera(step: Map<String, Any?>): Met {
        val session = readerOf(step).camera(request(step))
        val phone = open.answerCamera(filmed(MessageKind.REQUEST, session.screenMessage), Fixtures.issuers())
        val review = phone.resolve()
        val approval = approval(step, review, { phone.everything() }, { phone.preselected() })
        val answer = if (approval.choices.isEmpty()) phone.decline() else phone.respond(review, approval)
        val outcome = session.received(filmed(MessageKind.RESPONSE, answer.screenMessage))
        return Met((outcome as? CameraOutcome.Verified)?.report, review.requests.first().reader.state.name.lowercase())
    }

    /** Every second frame is lost. */
    private fun filmed(kind: MessageKind, message: ByteArray): ByteArray {
        val (encoder, decoder) = FrameEncoder(kind, message) to FrameDecoder(kind)
        var index = 0
        while (!decoder.push(encoder.frame(index)).complete) index += 2
        return decoder.data!!
    }

    private suspend fun verify(step: Map<String, Any?>): Met {
        val response = step["response"] as String
        val transcript = step["transcript"] as String? ?: response
        val trust = Fixtures.issuers().apply { addCrls(Fixtures.bytes("demo/${step["crl"]}"), clock.now().time) }
        val reader = Reader(trust, ReaderPolicy(requireAllElements = false), clock = clock)
        return Met(
            reader.verifyDeviceResponse(Fixtures.bytes("demo/$response.response.cbor"), Fixtures.bytes("demo/$transcript.transcript.cbor")),
        )
    }

    private suspend fun approval(
        step: Map<String, Any?>, review: Review, everything: suspend () -> Approval, preselected: suspend () -> Approval,
    ): Approval = when (val wanted = step["approve"]) {
        "everything" -> everything()
        "preselected" -> preselected()
        is List<*> -> Approval(
            review.requests.withIndex().mapNotNull { (index, request) ->
                val candidate = request.candidates.firstOrNull() ?: return@mapNotNull null
                val names = candidate.elements.map { it.asked.name }.filter { it.element in wanted }
                if (names.isEmpty()) null else ApprovedDocument(index, candidate.document, names)
            },
        )
        else -> Approval(emptyList())
    }

    @Suppress("UNCHECKED_CAST")
    private fun judge(step: Map<String, Any?>, met: Met) {
        val wanted = step["expect"] as Map<String, Any?>
        val report = met.report
        val documents = report?.documents.orEmpty().mapNotNull { (it.outcome as? DocumentOutcome.Accepted)?.document }
        val kinds = report?.reasons?.map { it.kind.name.split('_').joinToString("") { word -> word.lowercase().replaceFirstChar(Char::uppercase) } }
            ?: listOf("Response")
        val checks = report?.reasons.orEmpty().mapNotNull { it.check }
        same("accepted", wanted["accepted"], report?.accepted ?: false)
        (wanted["claims"] as List<String>?)?.let { same("claims", it.sorted(), documents.flatMap { it.claims }.map { it.element }.sorted()) }
        for (kind in wanted["kinds"] as List<String>? ?: emptyList()) check(kind in kinds) { "reasons $kinds without $kind" }
        wanted["check"]?.let { check(it in checks) { "refused by $checks and not $it" } }
    }

    private fun same(what: String, wanted: Any?, got: Any?) = check(wanted == got) { "$what: $got, and not $wanted" }
}
