package vn.idwallet.sample

import android.Manifest
import android.content.pm.PackageManager
import java.io.IOException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.flow.Flow

/** A screen that looks through the camera. */
abstract class ScanningActivity : BaseActivity() {
    private var asked: CompletableDeferred<Boolean>? = null

    /**
     * Shows the camera until [take] has got what it wants from a text, and gives that.
     *
     * @return `null` when there is no camera to look through; the screen says why.
     */
    protected suspend fun <T : Any> scan(title: Int, hint: Int, take: suspend (String, (String) -> Unit) -> T?): T? {
        if (!permitted()) {
            val allow = ui.primary(ui.string(R.string.camera_allow)) { launch { asked = null; requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA) } }
            show(ui.screen(ui.string(title), ::finish, ui.column(ui.banner(Tone.WARN, null, ui.string(R.string.camera_denied))), ui.column(allow)))
            return null
        }
        val scanner = ScannerView(ui, app.holder.environmentOf.qrSource(this))
        val progress = ui.text("", Ui.BODY, R.color.good, bold = true)
        progress.accessibilityLiveRegion = android.view.View.ACCESSIBILITY_LIVE_REGION_POLITE
        show(ui.screen(ui.string(title), ::finish, ui.column(ui.text(ui.string(hint)), scanner.view, progress, gap = 16)))
        return try {
            scanner.texts().firstTaken { text -> take(text) { progress.text = it } }
        } catch (_: IOException) {
            showProblem(ui.banner(Tone.BAD, ui.string(R.string.camera_failed), null))
            null
        }
    }

    private suspend fun <T : Any> Flow<String>.firstTaken(take: suspend (String) -> T?): T? {
        var taken: T? = null
        try {
            collect { text ->
                taken = take(text)
                if (taken != null) throw Enough
            }
        } catch (_: Enough) {
            // That is how a flow is left early.
        }
        return taken
    }

    private object Enough : kotlin.coroutines.cancellation.CancellationException("enough") {
        private fun readResolve(): Any = Enough
    }

    private suspend fun permitted(): Boolean {
        if (checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED) return true
        val answer = asked ?: CompletableDeferred<Boolean>().also {
            asked = it
            requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA)
        }
        return answer.await()
    }

    override fun onRequestPermissionsResult(code: Int, permissions: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(code, permissions, results)
        val granted = results.firstOrNull() == PackageManager.PERMISSION_GRANTED
        val waiting = asked
        if (waiting == null) {
            if (granted) recreate()
        } else {
            waiting.complete(granted)
        }
    }

    private companion object {
        const val CAMERA = 1
    }
}
