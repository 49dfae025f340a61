package vn.idwallet.android

import android.Manifest
import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.util.Size
import android.view.Surface
import java.io.IOException
import java.nio.ByteBuffer
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import vn.idwallet.scanQr

/** Where the texts of QR codes come from: the camera, or a test. */
public fun interface QrSource {
    /**
     * The texts of the QR codes that are seen, again and again as long as they are seen; drop the flow and the camera closes.
     *
     * @param preview where the person sees what the camera sees; `null` for nowhere.
     * @throws IOException when there is no camera, it is not permitted, or it broke off.
     */
    public fun texts(preview: Surface?): Flow<String>
}

/** The camera at the back. It looks for QR codes by the library's own reader; needs the permission for the camera. */
public class CameraScanner(private val context: Context) : QrSource {
    override fun texts(preview: Surface?): Flow<String> = callbackFlow {
        if (context.checkSelfPermission(Manifest.permission.CAMERA) != android.content.pm.PackageManager.PERMISSION_GRANTED) {
            close(IOException("the camera is not permitted"))
            return@callbackFlow
        }
        val thread = HandlerThread("idwallet-camera").apply { start() }
        val handler = Handler(thread.looper)
        var device: CameraDevice? = null
        var reader: ImageReader? = null
        try {
            val manager = context.getSystemService(CameraManager::class.java) ?: throw IOException("there is no camera")
            val camera = manager.backCamera() ?: throw IOException("there is no camera")
            val size = manager.frameSize(camera)
            reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, FRAMES)
            reader.setOnImageAvailableListener({ source ->
                source.acquireLatestImage()?.use { image -> texts(image).forEach(::trySend) }
            }, handler)
            val surfaces = listOfNotNull(reader.surface, preview)
            manager.open(camera, handler, surfaces, onOpen = { device = it }, onError = { close(it) })
        } catch (error: CameraAccessException) {
            close(IOException("the camera does not open", error))
        } catch (error: IOException) {
            close(error)
        } catch (error: IllegalArgumentException) {
            close(IOException("the camera does not open", error))
        }
        awaitClose {
            handler.post {
                device?.close()
                reader?.close()
                thread.quitSafely()
            }
        }
    }

    @SuppressLint("MissingPermission") // asked for above
    private fun CameraManager.open(
        camera: String,
        handler: Handler,
        surfaces: List<Surface>,
        onOpen: (CameraDevice) -> Unit,
        onError: (IOException) -> Unit,
    ) = openCamera(camera, object : CameraDevice.StateCallback() {
        override fun onOpened(device: CameraDevice) {
            onOpen(device)
            try {
                device.stream(handler, surfaces, onError)
            } catch (error: CameraAccessException) {
                onError(IOException("the camera broke off", error))
            } catch (error: IllegalStateException) {
                onError(IOException("the camera broke off", error))
            }
        }

        override fun onDisconnected(device: CameraDevice) {
            device.close()
            onError(IOException("another app took the camera"))
        }

        override fun onError(device: CameraDevice, error: Int) {
            device.close()
            onError(IOException("the camera failed ($error)"))
        }
    }, handler)

    private fun CameraDevice.stream(handler: Handler, surfaces: List<Surface>, onError: (IOException) -> Unit) {
        val callback = object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) {
                val request = createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                    surfaces.forEach(::addTarget)
                    set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
                }
                try {
                    session.setRepeatingRequest(request.build(), null, handler)
                } catch (error: CameraAccessException) {
                    onError(IOException("the camera broke off", error))
                } catch (_: IllegalStateException) {
                    // It was closed meanwhile.
                }
            }

            override fun onConfigureFailed(session: CameraCaptureSession) = onError(IOException("the camera cannot stream"))
        }
        val outputs = surfaces.map(::OutputConfiguration)
        createCaptureSession(SessionConfiguration(SessionConfiguration.SESSION_REGULAR, outputs, { handler.post(it) }, callback))
    }

    private fun CameraManager.backCamera(): String? = cameraIdList.minByOrNull { id ->
        if (getCameraCharacteristics(id)[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_BACK) 0 else 1
    }

    /** Large enough for a dense code, small enough to read several times a second. */
    private fun CameraManager.frameSize(camera: String): Size {
        val sizes = getCameraCharacteristics(camera)[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]
            ?.getOutputSizes(ImageFormat.YUV_420_888)?.toList().orEmpty()
        return sizes.filter { it.width <= WIDTH && it.height <= HEIGHT }.maxByOrNull { it.width * it.height }
            ?: sizes.minByOrNull { it.width * it.height } ?: throw IOException("the camera has no picture")
    }

    private fun texts(image: Image): List<String> {
        val plane = image.planes.firstOrNull() ?: return emptyList()
        val bytes = luminance(plane.buffer, image.width, image.height, plane.rowStride, plane.pixelStride) ?: return emptyList()
        return runCatching { scanQr(bytes, image.width, image.height) }.getOrDefault(emptyList())
    }

    private companion object {
        const val FRAMES = 2
        const val WIDTH = 1920
        const val HEIGHT = 1080
    }
}

/**
 * The brightness of a picture, as [scanQr] wants it, from the first plane of a camera's `YUV_420_888` image: without the padding of its
 * rows. For an app that has a camera of its own.
 *
 * @return `null` when the plane is shorter than it says.
 */
public fun luminance(plane: ByteBuffer, width: Int, height: Int, rowStride: Int, pixelStride: Int): ByteArray? {
    if (width <= 0 || height <= 0 || rowStride < width || pixelStride < 1) return null
    val last = (height - 1).toLong() * rowStride + (width - 1).toLong() * pixelStride
    if (last >= plane.limit()) return null
    val bytes = ByteArray(width * height)
    for (row in 0 until height) {
        if (pixelStride == 1) {
            plane.position(row * rowStride)
            plane.get(bytes, row * width, width)
        } else {
            for (column in 0 until width) bytes[row * width + column] = plane.get(row * rowStride + column * pixelStride)
        }
    }
    return bytes
}
