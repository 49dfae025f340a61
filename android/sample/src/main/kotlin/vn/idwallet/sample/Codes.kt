package vn.idwallet.sample

import android.graphics.SurfaceTexture
import android.view.Gravity
import android.view.Surface
import android.view.TextureView
import android.view.View
import android.view.ViewGroup
import android.widget.FrameLayout
import android.widget.ImageView
import android.widget.LinearLayout
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.isActive
import kotlinx.coroutines.withTimeoutOrNull
import vn.idwallet.FrameEncoder
import vn.idwallet.android.QrSource
import vn.idwallet.android.toBitmap
import vn.idwallet.qrCode

/** A QR code as large as the screen lets it be, on white. */
fun Ui.code(text: String, label: String): View = codeFrame(codeImage(label).apply { setImageBitmap(qrCode(text).toBitmap(CODE_PIXELS)) })

private const val CODE_PIXELS = 900

private fun Ui.codeImage(label: String) = object : ImageView(context) {
    override fun onMeasure(width: Int, height: Int) = super.onMeasure(width, width)
}.apply {
    scaleType = ImageView.ScaleType.FIT_CENTER
    contentDescription = label
}

private fun Ui.codeFrame(image: ImageView): View = LinearLayout(context).apply {
    gravity = Gravity.CENTER
    background = shape(R.color.surface, stroke = R.color.line)
    setPadding(dp(6), dp(6), dp(6), dp(6))
    addView(image, LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT))
}

/** A message as a moving QR code. [run] moves it, for as long as it is not cancelled. */
class MovingCode(private val ui: Ui, private val encoder: FrameEncoder) {
    private val image = ui.codeImage(ui.string(R.string.camera_code, 1))

    /** The code. */
    val view: View = ui.codeFrame(image)

    suspend fun run() {
        var index = 0
        while (currentCoroutineContext().isActive) {
            frame(index++)
            delay(FRAME)
        }
    }

    /** Shows frame [index]. */
    fun frame(index: Int) {
        image.setImageBitmap(qrCode(encoder.frame(index)).toBitmap(CODE_PIXELS))
    }

    private companion object {
        /** Slow enough for a camera that takes ten pictures a second. */
        val FRAME = 200.milliseconds
    }
}

/** What the camera sees, with a frame around it. */
class ScannerView(ui: Ui, private val source: QrSource) {
    private val surface = CompletableDeferred<Surface>()

    /** The picture of the camera. */
    val view: View = FrameLayout(ui.context).apply {
        background = ui.shape(R.color.ink)
        clipToOutline = true
        contentDescription = ui.string(R.string.camera_preview)
        val texture = TextureView(ui.context)
        texture.surfaceTextureListener = object : TextureView.SurfaceTextureListener {
            override fun onSurfaceTextureAvailable(texture: SurfaceTexture, width: Int, height: Int) {
                surface.complete(Surface(texture))
            }

            override fun onSurfaceTextureSizeChanged(texture: SurfaceTexture, width: Int, height: Int) = Unit
            override fun onSurfaceTextureDestroyed(texture: SurfaceTexture) = true
            override fun onSurfaceTextureUpdated(texture: SurfaceTexture) = Unit
        }
        addView(texture, FrameLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ui.dp(PREVIEW)))
    }

    /** The texts that are seen. A camera without a picture on the screen still reads. */
    fun texts(): Flow<String> = flow { emitAll(source.texts(withTimeoutOrNull(1.seconds) { surface.await() })) }

    private companion object {
        const val PREVIEW = 360
    }
}
