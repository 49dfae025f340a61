package vn.idwallet.sample

import android.view.View
import kotlinx.coroutines.Job
import vn.idwallet.LocalizedText
import vn.idwallet.PresentOptions
import vn.idwallet.Presentation
import vn.idwallet.PresentationState
import vn.idwallet.Review
import vn.idwallet.StreamCarrier
import vn.idwallet.StreamListener
import vn.idwallet.Wallet

/** Shows a QR code, and answers the reader that scans it. One session as long as this screen is there. */
class PresentActivity : BaseActivity() {
    private var presentation: Presentation? = null
    private var listener: StreamListener? = null
    private var review: Review? = null
    private var responding: Job? = null

    /** The text of the QR code, for tests. */
    val qrText: String? get() = presentation?.qrText

    override suspend fun onWallet(wallet: Wallet) {
        val session = presentation ?: begin(wallet)
        session.state.collect { render(session, it) }
    }

    private suspend fun begin(wallet: Wallet): Presentation {
        val listening = StreamCarrier.listen(app.holder.environmentOf.host() + ":0")
        listener = listening
        val session = wallet.present(app.holder.trust, PresentOptions(streamAddress = listening.address))
        presentation = session
        // Not tied to this screen being in front: a prompt over it must not end the session.
        launch {
            // A connection that broke before the reader said anything leaves the code good for the next.
            var state: PresentationState = PresentationState.Waiting
            while (state is PresentationState.Waiting) state = session.run(listening.accept())
        }
        return session
    }

    override fun onDestroy() {
        presentation?.close()
        listener?.close()
        super.onDestroy()
    }

    private fun render(session: Presentation, state: PresentationState) = when (state) {
        PresentationState.Waiting -> show(ui.presentScreen(session.qrText, ::finish) { open(CameraAnswerActivity::class.java); finish() })
        PresentationState.Exchanging -> show(ui.presentBusy(R.string.present_exchanging, ::finish))
        is PresentationState.Deciding -> ask(session, state.review)
        is PresentationState.Blocked -> {
            show(ui.presentBlocked({ session.retry() }, ::finish))
            showProblem(ui.error(state.error))
        }
        is PresentationState.Ended -> show(ui.presentEnded(review, state, ::finish))
    }

    private fun ask(session: Presentation, review: Review) {
        if (responding?.isActive == true) return
        this.review = review
        launch {
            val consent = Consent(
                ui, review, session.preselected(), this@PresentActivity.scope, session::givesAway,
                onApprove = { approval -> answer { session.respond(review, approval) } },
                onDecline = { answer { session.decline() } },
            )
            show(consent.view)
        }
    }

    private fun answer(block: suspend () -> Unit) {
        if (responding?.isActive == true) return
        responding = launch { block() }
    }
}

fun Ui.presentScreen(qrText: String, back: () -> Unit, onCamera: () -> Unit): View = screen(
    string(R.string.present_title), back,
    column(text(string(R.string.present_explain)), code(qrText, string(R.string.present_qr)), gap = 18),
    bottom = column(secondary(string(R.string.present_camera), onCamera)),
)

fun Ui.presentBusy(words: Int, back: () -> Unit): View =
    screen(string(R.string.present_title), back, column(banner(Tone.CALM, string(words), null)))

private fun Ui.presentBlocked(retry: () -> Unit, back: () -> Unit): View =
    screen(string(R.string.present_title), back, column(text(string(R.string.present_blocked))), column(primary(string(R.string.present_retry), retry)))

private fun Ui.presentEnded(review: Review?, ended: PresentationState.Ended, back: () -> Unit): View {
    val views = ended.answers.flatMap { answered(review, it) }
    return ended(views, if (ended.answers.any { it.shared.isNotEmpty() }) null else ended.text, back)
}

fun Ui.ended(views: List<View>, text: LocalizedText?, back: () -> Unit): View {
    val body = column(*views.toTypedArray())
    if (text != null) body.add(text(string(text)))
    return screen(string(R.string.present_title), null, body, column(primary(string(R.string.done), back)))
}
