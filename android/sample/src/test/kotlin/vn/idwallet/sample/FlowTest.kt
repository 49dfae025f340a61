package vn.idwallet.sample

import android.app.Activity
import android.content.Intent
import android.view.WindowManager
import android.widget.Button
import android.widget.CheckBox
import java.io.File
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import vn.idwallet.CameraOutcome
import vn.idwallet.ClaimValue
import vn.idwallet.FrameDecoder
import vn.idwallet.FrameEncoder
import vn.idwallet.MessageKind
import vn.idwallet.NewCopy
import vn.idwallet.Outcome
import vn.idwallet.PresentOptions
import vn.idwallet.PresentationState
import vn.idwallet.Reader
import vn.idwallet.ReaderIdentity
import vn.idwallet.ReaderRequest
import vn.idwallet.ReaderResult
import vn.idwallet.RequestedItem
import vn.idwallet.RequestedItems
import vn.idwallet.StreamCarrier
import vn.idwallet.TrustStore
import vn.idwallet.Wallet

/** The app's activities, worked as a person works them, against the real library; the other side is the same SDK. */
@RunWith(RobolectricTestRunner::class)
class FlowTest {
    private val scope = CoroutineScope(Dispatchers.IO)
    private var robot: Robot? = null

    private fun robot(trusts: Boolean = true) = Robot(trusts = trusts).also { robot = it }

    @After
    fun close() {
        robot?.close()
    }

    private fun trust() = TrustStore().apply {
        addIssuerAnchors(Fixtures.bytes("anchors.pem"))
        addReaderAnchors(Fixtures.bytes("reader-anchors.pem"))
    }

    private fun reader(identified: Boolean = true) = Reader(
        trust(), identity = if (identified) ReaderIdentity(Fixtures.bytes("reader.key"), Fixtures.bytes("reader.pem")) else null,
    )

    /** Name and religion: one that is ticked by itself at most, one that never is. */
    private val nameAndReligion = ReaderRequest.Elements(
        listOf(RequestedItems(ID, listOf(RequestedItem(NS, "full_name", true), RequestedItem(NS, "religion"), RequestedItem(NS, "no_such_thing")))),
    )

    private fun asks(qrText: String, request: ReaderRequest, reader: Reader = reader()): Deferred<ReaderResult> = scope.async {
        val session = reader.scan(qrText, request)
        session.run(StreamCarrier.connect(checkNotNull(session.streamAddress)))
    }

    private fun Robot.present(main: Activity): PresentActivity {
        touch(main, R.string.documents_present)
        val present = next<PresentActivity>(main)
        until("the code") { present.qrText != null }
        return present
    }

    private fun Robot.ticks(activity: Activity): Map<String, Boolean> =
        all(activity).filterIsInstance<CheckBox>().associate { it.text.lines().first() to it.isChecked }

    private fun <T> Robot.result(deferred: Deferred<T>): T {
        until("the other side") { deferred.isCompleted }
        return runBlocking { deferred.await() }
    }

    @Test
    fun `an owner takes a document in, looks at it, shows part of it, and finds that in the history`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        robot.sees(main, "Thẻ căn cước")
        robot.sees(main, "Bản điện tử có giá trị đến")

        robot.touch(main, "Thẻ căn cước")
        val document = robot.next<DocumentActivity>(main)
        robot.sees(document, "Họ, chữ đệm và tên")
        robot.sees(document, R.string.document_hidden)
        robot.touch(document, R.string.document_show_sensitive)
        robot.until("everything to be shown") { robot.words(document).none { it == document.getString(R.string.document_hidden) } }
        robot.leave(document)

        val present = robot.present(main)
        robot.sees(present, R.string.present_qr)
        val asked = asks(checkNotNull(present.qrText), nameAndReligion)
        robot.sees(present, R.string.consent_title)
        robot.sees(present, "Cửa hàng góc phố")
        robot.sees(present, R.string.consent_retain)
        robot.sees(present, R.string.consent_missing)
        val ticks = robot.ticks(present)
        assertEquals("$ticks", 2, ticks.size)
        assertFalse("a sensitive element is ticked: $ticks", ticks.getValue("Tôn giáo"))
        if (!ticks.getValue("Họ, chữ đệm và tên")) robot.touch(present, "Họ, chữ đệm và tên")
        robot.sees(present, present.resources.getQuantityString(R.plurals.consent_approve, 1, 1))
        robot.touch(present, present.resources.getQuantityString(R.plurals.consent_approve, 1, 1))
        robot.sees(present, R.string.present_shared)

        val report = robot.result(asked).reports.single()
        val given = report.documents.single()
        // What was not given makes the reader refuse, since it asked for it; what was given is what was ticked, and no more.
        assertFalse(report.accepted)
        assertEquals(listOf("request_match"), report.reasons.mapNotNull { it.check }.distinct())
        assertEquals(ID, given.claimedType)
        robot.leave(present)

        robot.touch(main, R.string.history_title)
        val history = robot.next<HistoryActivity>(main)
        robot.sees(history, R.string.history_intact)
        robot.sees(history, "Cửa hàng góc phố")
        robot.sees(history, "Tôn giáo")
        assertTrue(robot.words(history).single { "Bạn đưa" in it }.let { "Họ, chữ đệm và tên" in it && "Tôn giáo" !in it })
    }

    @Test
    fun `what was agreed to is what a reader gets`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        val present = robot.present(main)
        val asked = asks(checkNotNull(present.qrText), ReaderRequest.Elements(listOf(RequestedItems(ID, listOf(RequestedItem(NS, "full_name"))))))
        robot.sees(present, R.string.consent_title)
        if (!robot.ticks(present).values.single()) robot.touch(present, "Họ, chữ đệm và tên")
        robot.touch(present, present.resources.getQuantityString(R.plurals.consent_approve, 1, 1))
        val outcome = robot.result(asked).reports.single().outcome
        val claims = (outcome as Outcome.Accepted).documents.single().claims
        assertEquals(listOf("full_name"), claims.map { it.element })
        assertTrue((claims.single().value as ClaimValue.Text).value.isNotEmpty())
    }

    @Test
    fun `a decline gives nothing, and says so`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        val present = robot.present(main)
        val asked = asks(checkNotNull(present.qrText), nameAndReligion)
        robot.touch(present, R.string.consent_decline)
        robot.sees(present, R.string.present_shared_nothing)
        assertTrue(robot.result(asked).reports.none { it.accepted })
    }

    @Test
    fun `a reader that does not say who it is has no name on the screen, and the screen counts what is ticked`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        val present = robot.present(main)
        asks(checkNotNull(present.qrText), nameAndReligion, reader(identified = false))
        robot.sees(present, R.string.consent_title)
        assertTrue(robot.words(present).none { "Cửa hàng" in it })
        robot.ticks(present).filterValues { it }.keys.forEach { robot.touch(present, it) }
        robot.sees(present, R.string.consent_unticked)
        robot.sees(present, R.string.consent_nothing)
        robot.touch(present, "Tôn giáo")
        robot.sees(present, present.resources.getQuantityString(R.plurals.consent_approve, 1, 1))
    }

    @Test
    fun `from screen to screen, in both directions, through two cameras`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.import(main, "citizen-identity.1")
        robot.touch(main, R.string.documents_present)
        val present = robot.next<PresentActivity>(main)
        robot.touch(present, R.string.present_camera)
        val answer = robot.next<CameraAnswerActivity>(present)
        robot.leave(present)

        val other = reader()
        val exchange = runBlocking { other.camera(ReaderRequest.Elements(listOf(RequestedItems(ID, listOf(RequestedItem(NS, "full_name")))))) }
        val request = FrameEncoder(MessageKind.REQUEST, exchange.screenMessage)
        robot.camera.see("https://example.org/another-code-in-the-picture")
        for (index in 1..request.fragments + 8) robot.camera.see(request.frame(index * 2))
        robot.sees(answer, R.string.consent_title)
        if (!robot.ticks(answer).values.single()) robot.touch(answer, "Họ, chữ đệm và tên")
        robot.touch(answer, answer.resources.getQuantityString(R.plurals.consent_approve, 1, 1))
        robot.sees(answer, R.string.camera_show)

        val frames = checkNotNull(answer.encoder)
        val decoder = FrameDecoder(MessageKind.RESPONSE)
        var index = 0
        while (decoder.data == null) decoder.push(frames.frame(index++))
        val outcome = runBlocking { exchange.received(checkNotNull(decoder.data)) }
        assertTrue("$outcome", (outcome as CameraOutcome.Verified).report.accepted)
    }

    @Test
    fun `a wrong PIN counts down and makes the owner wait, the right one opens`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.touch(main, R.string.settings_title)
        val settings = robot.next<SettingsActivity>(main)
        robot.touch(settings, R.string.settings_lock)
        var pin = robot.next<PinActivity>(settings)
        robot.sees(pin, R.string.pin_unlock_explain)

        robot.type(pin, "111119")
        robot.touch(pin, R.string.pin_unlock_go)
        robot.sees(pin, "Mã lỗi")
        robot.type(pin, Fixtures.PIN)
        robot.touch(pin, R.string.pin_unlock_go)
        robot.until("the door to open") { pin.isFinishing }
        robot.leave(pin)

        robot.touch(settings, R.string.settings_lock)
        pin = robot.next(settings)
        robot.sees(pin, R.string.pin_unlock_explain)
        val waits = "Thử lại sau"
        fun button() = robot.all(pin).filterIsInstance<Button>().single { it.text == pin.getString(R.string.pin_unlock_go) }
        fun mustWait() = robot.words(pin).any { waits in it }
        repeat(MOST_TRIES) {
            if (mustWait()) return@repeat
            robot.type(pin, "111119")
            robot.touch(pin, R.string.pin_unlock_go)
            robot.until("an answer") { mustWait() || button().isEnabled }
        }
        assertTrue("nobody has to wait", mustWait())
        assertFalse("the button can be pressed while the owner has to wait", button().isEnabled)
        robot.until("the wait to end") { button().isEnabled }
    }

    /** A holder without an app: a wallet that answers everything it is asked. */
    private fun holder(folder: File): Pair<String, Deferred<PresentationState>> = runBlocking {
        val wallet = Wallet.create(File(folder, "holder"))
        wallet.importDocument(listOf(NewCopy(Fixtures.bytes("citizen-identity.1.cbor"), Fixtures.bytes("citizen-identity.1.key"))), trust())
        val door = StreamCarrier.listen("127.0.0.1:0")
        val presentation = wallet.present(trust(), PresentOptions(door.address))
        presentation.qrText to scope.async {
            val answering = async {
                val deciding = presentation.state.first { it is PresentationState.Deciding } as PresentationState.Deciding
                presentation.respond(deciding.review, presentation.everything())
            }
            presentation.run(door.accept()).also { answering.await(); wallet.close() }
        }
    }

    private fun Robot.check(): ReaderActivity {
        val reader = open(ReaderActivity::class.java)
        touch(reader, "Kiểm tra đủ 18 tuổi")
        touch(reader, R.string.reader_scan)
        return reader
    }

    @Test
    fun `the reader accepts a genuine document, and shows the face to compare`() {
        val robot = robot()
        val (qrText, ended) = holder(robot.app.cacheDir)
        val reader = robot.check()
        robot.camera.see("not a wallet")
        robot.sees(reader, R.string.reader_not_code)
        robot.camera.see(qrText)
        robot.sees(reader, R.string.verdict_accepted)
        robot.sees(reader, "Đã đủ 18 tuổi")
        robot.sees(reader, R.string.verdict_compare)
        robot.result(ended)
    }

    @Test
    fun `the reader refuses a document of an issuer that it does not know, with the reason, and shows nothing of it`() {
        val robot = robot(trusts = false)
        val (qrText, ended) = holder(robot.app.cacheDir)
        val reader = robot.check()
        robot.camera.see(qrText)
        robot.sees(reader, R.string.verdict_refused)
        robot.sees(reader, R.string.verdict_why)
        assertTrue(robot.words(reader).none { it == "Đã đủ 18 tuổi" || it == reader.getString(R.string.verdict_compare) })
        robot.sees(reader, "18013-5")
        robot.result(ended)
    }

    @Test
    fun `the reader tells when the other phone cannot be reached`() {
        val robot = robot()
        val qrText = runBlocking {
            val wallet = Wallet.create(File(robot.app.cacheDir, "gone"))
            wallet.present(trust(), PresentOptions("127.0.0.1:1")).qrText.also { wallet.close() }
        }
        val reader = robot.check()
        robot.camera.see(qrText)
        robot.sees(reader, R.string.reader_no_connection)
        robot.sees(reader, R.string.reader_what)
    }

    @Test
    fun `the language is Vietnamese until the owner chooses English`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.touch(main, R.string.settings_title)
        val settings = robot.next<SettingsActivity>(main)
        robot.sees(settings, "Ngôn ngữ")
        robot.touch(settings, "English")
        robot.until("the screen to be made anew") { settings.isDestroyed }
        val again = robot.open(SettingsActivity::class.java, Intent(robot.app, SettingsActivity::class.java))
        robot.sees(again, "How this wallet is protected")
        assertEquals("My documents", again.getString(R.string.documents_title))
    }

    @Test
    fun `screens with documents are kept out of screenshots`() {
        val robot = robot()
        val main = robot.makeWallet()
        assertNotEquals(0, main.window.attributes.flags and WindowManager.LayoutParams.FLAG_SECURE)
    }

    @Test
    fun `a file that is no document is refused with a code, and the wallet stays as it was`() {
        val robot = robot()
        val main = robot.makeWallet()
        robot.touch(main, R.string.documents_add)
        val import = robot.next<ImportActivity>(main)
        val file = android.net.Uri.parse("content://files/holiday.jpg")
        shadowOf(robot.app.contentResolver).registerInputStreamSupplier(file) { byteArrayOf(1, 2, 3).inputStream() }
        robot.touch(import, R.string.import_pick)
        shadowOf(import).receiveResult(shadowOf(import).nextStartedActivityForResult.intent, Activity.RESULT_OK, Intent().setData(file))
        robot.touch(import, R.string.import_go)
        robot.sees(import, "Mã lỗi W")
        robot.leave(import)
        robot.sees(main, R.string.documents_empty)
    }

    @Test
    fun `the vault lies where the backup rules leave it out`() {
        val robot = robot()
        robot.makeWallet()
        val vault = File(robot.app.filesDir, "idwallet")
        assertTrue(vault.list().orEmpty().isNotEmpty())
        val rules = robot.app.resources.getXml(R.xml.idwallet_data_extraction_rules)
        var excluded = 0
        while (rules.next() != org.xmlpull.v1.XmlPullParser.END_DOCUMENT) {
            if (rules.name == "exclude" && rules.eventType == org.xmlpull.v1.XmlPullParser.START_TAG &&
                rules.getAttributeValue(ANDROID_NONE, "domain") == "file" && rules.getAttributeValue(ANDROID_NONE, "path") == "idwallet/"
            ) excluded++
        }
        assertEquals("cloud and cable", 2, excluded)
    }

    private companion object {
        const val ID = "org.iso.23220.photoID.1"
        const val NS = "vn.id.1"
        const val MOST_TRIES = 10
        val ANDROID_NONE: String? = null
    }
}
