package vn.idwallet.sample

import kotlinx.coroutines.Job
import vn.idwallet.CameraAnswer
import vn.idwallet.CameraPresentation
import vn.idwallet.FrameDecoder
import vn.idwallet.FrameEncoder
import vn.idwallet.MessageKind
import vn.idwallet.Review
import vn.idwallet.Wallet
import vn.idwallet.WalletException

/** Reads a reader's request from its screen, asks, and shows the answer as a moving code. */
class CameraAnswerActivity : ScanningActivity() {
    private var presentation: CameraPresentation? = null
    private var responding: Job? = null

    /** The code that is shown, for tests. */
    var encoder: FrameEncoder? = null
        private set

    override suspend fun onWallet(wallet: Wallet) {
        if (presentation != null) return
        val decoder = FrameDecoder(MessageKind.REQUEST)
        val message = scan(R.string.camera_title, R.string.camera_scan) { text, say ->
            val progress = try {
                decoder.push(text)
            } catch (_: WalletException.Verifier) {
                return@scan null // Another code that is in the picture.
            }
            say(ui.string(R.string.camera_progress, progress.received, progress.needed))
            decoder.data
        } ?: return
        val session = wallet.answerCamera(message, app.holder.trust)
        presentation = session
        launch { ask(session) }
    }

    override fun onDestroy() {
        presentation?.close()
        super.onDestroy()
    }

    private suspend fun ask(session: CameraPresentation) {
        val review = try {
            session.resolve()
        } catch (error: WalletException.InvalidRequest) {
            session.failureMessage()?.let { showAnswer(it, emptyList()) }
            throw error
        }
        val consent = Consent(
            ui, review, session.preselected(), scope, session::givesAway,
            onApprove = { approval -> answer(review) { session.respond(review, approval) } },
            onDecline = { answer(review) { session.decline() } },
        )
        show(consent.view)
    }

    private fun answer(review: Review, block: suspend () -> CameraAnswer) {
        if (responding?.isActive == true) return
        responding = launch {
            val answer = block()
            showAnswer(answer.screenMessage, ui.answered(review, answer.answer))
        }
    }

    private fun showAnswer(message: ByteArray, said: List<android.view.View>) {
        val frames = FrameEncoder(MessageKind.RESPONSE, message).also { encoder = it }
        val code = MovingCode(ui, frames)
        val body = ui.column(ui.text(ui.string(R.string.camera_show)), code.view, *said.toTypedArray(), gap = 18)
        show(ui.screen(ui.string(R.string.camera_title), null, body, ui.column(ui.primary(ui.string(R.string.done), ::finish))))
        launch { code.run() }
    }
}
