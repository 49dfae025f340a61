package vn.idwallet.android

import android.app.Application
import android.graphics.Color
import java.nio.ByteBuffer
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import vn.idwallet.qrCode
import vn.idwallet.scanQr

/** NFC's place, pictures to scan, pictures to show. */
@RunWith(RobolectricTestRunner::class)
@Config(application = Application::class)
class ShellTest {
    private fun answer(vararg command: Int): String {
        val service = Robolectric.setupService(IdwalletHostApduService::class.java)
        return service.processCommandApdu(ByteArray(command.size) { command[it].toByte() }, null).joinToString("") { "%02X".format(it) }
    }

    @Test
    fun `a reader that taps is told in ISO 7816 that nothing is here`() {
        assertEquals("6A82", answer(0x00, 0xA4, 0x04, 0x00, 0x07, 0xA0, 0x00, 0x00, 0x02, 0x48, 0x04, 0x00, 0x00))
        assertEquals("6D00", answer(0x00, 0xB0, 0x00, 0x00))
        assertEquals("6E00", answer(0x80, 0xA4, 0x04, 0x00))
        assertEquals("6700", answer(0x00, 0xA4))
        assertEquals("6700", answer())
        val service = Robolectric.setupService(IdwalletHostApduService::class.java)
        assertArrayEquals(byteArrayOf(0x67, 0x00), service.processCommandApdu(null, null))
        service.onDeactivated(0)
    }

    @Test
    fun `a code that is drawn is read again, from a camera's rows with padding`() {
        val text = "mdoc:owBjMS4wAYIB2BhYS6QBAiABIVgg"
        val bitmap = qrCode(text).toBitmap(400)
        val stride = bitmap.width + 13
        val plane = ByteBuffer.allocateDirect(stride * bitmap.height)
        for (y in 0 until bitmap.height) for (x in 0 until bitmap.width) plane.put(y * stride + x, Color.red(bitmap.getPixel(x, y)).toByte())
        // The last row of a camera's plane has no padding.
        plane.limit(stride * (bitmap.height - 1) + bitmap.width)
        val seen = checkNotNull(luminance(plane, bitmap.width, bitmap.height, stride, 1))
        assertEquals(listOf(text), scanQr(seen, bitmap.width, bitmap.height))

        val pairs = ByteBuffer.allocate(2 * bitmap.width * bitmap.height)
        seen.forEachIndexed { index, value -> pairs.put(2 * index, value) }
        assertArrayEquals(seen, luminance(pairs, bitmap.width, bitmap.height, 2 * bitmap.width, 2))
    }

    @Test
    fun `a plane that is shorter than it says is dropped`() {
        assertNull(luminance(ByteBuffer.allocate(99), 10, 10, 10, 1))
        assertNull(luminance(ByteBuffer.allocate(100), 10, 10, 9, 1))
        assertNull(luminance(ByteBuffer.allocate(100), 10, 10, 10, 0))
        assertNull(luminance(ByteBuffer.allocate(100), 0, 10, 10, 1))
        assertNull(luminance(ByteBuffer.allocate(8), Int.MAX_VALUE, Int.MAX_VALUE, Int.MAX_VALUE, 1))
    }

    @Test
    fun `a picture of a code is black on white with a quiet zone`() {
        val code = qrCode("idwallet")
        val bitmap = code.toBitmap(10 * (code.size + 8))
        assertEquals(10 * (code.size + 8), bitmap.width)
        assertEquals(Color.WHITE, bitmap.getPixel(39, 39))
        assertEquals(Color.BLACK, bitmap.getPixel(40, 40))
        assertEquals("a picture is never smaller than its modules", code.size + 8, code.toBitmap(1).width)
    }
}
