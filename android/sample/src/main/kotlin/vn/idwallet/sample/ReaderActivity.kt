package vn.idwallet.sample

import android.view.View
import android.widget.RadioButton
import java.io.IOException
import kotlinx.coroutines.Job
import vn.idwallet.CameraOutcome
import vn.idwallet.CameraReader
import vn.idwallet.FrameDecoder
import vn.idwallet.FrameEncoder
import vn.idwallet.MessageKind
import vn.idwallet.Reader
import vn.idwallet.ReaderRequest
import vn.idwallet.ReaderSession
import vn.idwallet.StreamCarrier
import vn.idwallet.WalletException
import vn.idwallet.requestTemplates

/** The other side: choose what to ask for, scan, read the verdict. It needs no wallet and no network but the phone opposite. */
class ReaderActivity : ScanningActivity() {
    override val needsWallet = false
    private var template = requestTemplates().map { it.id }.let { ids -> ids.find { it == "age-over-18" } ?: ids.first() }
    private var running: Job? = null

    /** The request that is shown, for tests. */
    var encoder: FrameEncoder? = null
        private set

    override fun onCreate(state: android.os.Bundle?) {
        super.onCreate(state)
        choose()
    }

    private fun choose() {
        running?.cancel()
        show(ui.readerScreen(template, { template = it }, ::finish, onScan = { begin { byCode() } }, onCamera = { begin { byCamera() } }))
    }

    private fun begin(block: suspend () -> Unit) {
        running?.cancel()
        running = launch { block() }
    }

    private fun reader() = Reader(app.holder.trust, clock = app.holder.environmentOf.clock)

    private suspend fun byCode() {
        val reader = reader()
        val session: ReaderSession = scan(R.string.reader_title, R.string.reader_scan_hint) { text, say ->
            try {
                reader.scan(text, ReaderRequest.Template(template))
            } catch (_: WalletException.Verifier) {
                say(ui.string(R.string.reader_not_code))
                null
            }
        } ?: return
        val address = session.streamAddress
        if (address == null) {
            choose()
            return showProblem(ui.banner(Tone.WARN, null, ui.string(R.string.reader_no_address)))
        }
        show(ui.screen(ui.string(R.string.reader_title), ::choose, ui.column(ui.banner(Tone.CALM, ui.string(R.string.reader_waiting), null))))
        val result = try {
            session.run(StreamCarrier.connect(address))
        } catch (_: IOException) {
            choose()
            return showProblem(ui.banner(Tone.BAD, null, ui.string(R.string.reader_no_connection)))
        }
        val report = result.reports.lastOrNull()
        show(if (report == null) ui.noAnswerScreen(ui.string(result.text), ::choose) else ui.verdictScreen(report, ::choose))
    }

    private suspend fun byCamera() {
        val exchange = reader().camera(ReaderRequest.Template(template))
        val frames = FrameEncoder(MessageKind.REQUEST, exchange.screenMessage).also { encoder = it }
        val code = MovingCode(ui, frames)
        val read = ui.primary(ui.string(R.string.reader_read_answer)) { begin { answer(exchange) } }
        show(ui.screen(ui.string(R.string.reader_title), ::choose, ui.column(ui.text(ui.string(R.string.reader_show)), code.view, gap = 18), ui.column(read)))
        code.run()
    }

    private suspend fun answer(exchange: CameraReader) {
        val decoder = FrameDecoder(MessageKind.RESPONSE)
        val message = scan(R.string.reader_title, R.string.camera_scan) { text, say ->
            try {
                val progress = decoder.push(text)
                say(ui.string(R.string.camera_progress, progress.received, progress.needed))
                decoder.data
            } catch (_: WalletException.Verifier) {
                null // Another code that is in the picture.
            }
        } ?: return
        show(
            when (val outcome = exchange.received(message)) {
                is CameraOutcome.Verified -> ui.verdictScreen(outcome.report, ::choose)
                is CameraOutcome.NoAnswer -> ui.noAnswerScreen(ui.string(outcome.text), ::choose)
            },
        )
    }
}

fun Ui.readerScreen(chosen: String, onChoose: (String) -> Unit, back: () -> Unit, onScan: () -> Unit, onCamera: () -> Unit): View {
    val buttons = mutableListOf<RadioButton>()
    val box = card(gap = 2)
    requestTemplates().forEach { template ->
        val button = radio(string(template.title), template.id == chosen) { selected ->
            if (!selected) return@radio
            buttons.forEach { if (it.tag != template.id) it.isChecked = false }
            onChoose(template.id)
        }
        button.tag = template.id
        buttons += button
        box.add(button, 2)
    }
    return screen(
        string(R.string.reader_title), back,
        column(heading(string(R.string.reader_what)), soft(string(R.string.reader_explain)), box),
        bottom = column(primary(string(R.string.reader_scan), onScan), secondary(string(R.string.reader_camera), onCamera), gap = 10),
    )
}
