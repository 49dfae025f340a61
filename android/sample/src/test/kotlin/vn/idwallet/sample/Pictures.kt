package vn.idwallet.sample

import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Rect
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.ScrollView
import android.widget.TextView
import java.awt.image.BufferedImage
import java.awt.image.IndexColorModel
import java.io.ByteArrayOutputStream
import java.io.File
import javax.imageio.ImageIO
import kotlin.math.abs

/** Draws screens and holds them against the pictures that were looked at. */
object Pictures {
    private val goldens = File(System.getProperty("idwallet.goldens", "goldens"))
    private val drawn = File(System.getProperty("idwallet.pictures", "target/pictures"))
    private val update = System.getProperty("idwallet.goldens.update") == "true"

    /** Lays [view] out as a screen of [width] by [height] dp. */
    fun layOut(view: View, width: Int, height: Int) {
        val density = view.resources.displayMetrics.density
        fun exactly(dp: Int) = View.MeasureSpec.makeMeasureSpec((dp * density).toInt(), View.MeasureSpec.EXACTLY)
        view.measure(exactly(width), exactly(height))
        view.layout(0, 0, view.measuredWidth, view.measuredHeight)
    }

    fun draw(view: View): Bitmap {
        view.jump()
        return Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888).also { view.draw(Canvas(it)) }
    }

    /** Animations are over: a tick is a tick. */
    private fun View.jump() {
        jumpDrawablesToCurrentState()
        if (this is ViewGroup) for (index in 0 until childCount) getChildAt(index).jump()
    }

    /** Compares [bitmap] with the golden of that name, or writes it anew if that was asked for. Gives what differs. */
    fun compare(name: String, bitmap: Bitmap): String? {
        drawn.mkdirs()
        val bytes = png(bitmap)
        File(drawn, "$name.png").writeBytes(bytes)
        val golden = File(goldens, "$name.png")
        if (update) {
            goldens.mkdirs()
            golden.writeBytes(bytes)
            return null
        }
        if (!golden.isFile) return "$name: there is no golden"
        val expected = golden.readBytes().let { BitmapFactory.decodeByteArray(it, 0, it.size) } ?: return "$name: the golden is no picture"
        if (expected.width != bitmap.width || expected.height != bitmap.height) {
            return "$name: ${bitmap.width}x${bitmap.height} instead of ${expected.width}x${expected.height}"
        }
        val differing = difference(expected, bitmap)
        return if (differing <= TOLERATED) null else "$name: %.2f %% of the picture differ".format(differing * 100)
    }

    /** A small PNG: of 128 colours, the commonest of the picture. */
    private fun png(bitmap: Bitmap): ByteArray {
        val pixels = IntArray(bitmap.width * bitmap.height).also { bitmap.getPixels(it, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height) }
        // Exact where a shade covers much, coarse where it smooths an edge.
        val common = pixels.toList().groupingBy { it }.eachCount().entries.sortedByDescending { it.value }.take(EXACT).map { it.key }.toSet()
        val coarse = { color: Int -> if (color in common) color else color and COARSE or HALF }
        val palette = pixels.map(coarse).groupingBy { it }.eachCount().entries.sortedByDescending { it.value }.take(PALETTE).map { it.key }
        val index = palette.withIndex().associate { it.value to it.index }
        val nearest = HashMap<Int, Int>()
        val indices = ByteArray(pixels.size) { at ->
            val color = coarse(pixels[at])
            (index[color] ?: nearest.getOrPut(color) { palette.indices.minBy { distance(palette[it], color) } }).toByte()
        }
        fun channel(shift: Int) = ByteArray(palette.size) { (palette[it] shr shift).toByte() }
        val model = IndexColorModel(BITS, palette.size, channel(16), channel(8), channel(0))
        val image = BufferedImage(bitmap.width, bitmap.height, BufferedImage.TYPE_BYTE_INDEXED, model)
        image.raster.setDataElements(0, 0, bitmap.width, bitmap.height, indices)
        return ByteArrayOutputStream().also { ImageIO.write(image, "png", it) }.toByteArray()
    }

    private fun distance(a: Int, b: Int) = listOf(16, 8, 0).sumOf { shift -> abs((a shr shift and 0xFF) - (b shr shift and 0xFF)) }

    /** The part of the pixels that differ visibly: smoothing may move a shade, a word may not move. */
    private fun difference(a: Bitmap, b: Bitmap): Double {
        val size = a.width * a.height
        val left = IntArray(size).also { a.getPixels(it, 0, a.width, 0, 0, a.width, a.height) }
        val right = IntArray(size).also { b.getPixels(it, 0, b.width, 0, 0, b.width, b.height) }
        val differing = left.indices.count { index ->
            val x = left[index]
            val y = right[index]
            maxOf(abs(Color.red(x) - Color.red(y)), abs(Color.green(x) - Color.green(y)), abs(Color.blue(x) - Color.blue(y))) > SHADE
        }
        return differing.toDouble() / size
    }

    private const val EXACT = 40
    private const val PALETTE = 128
    private const val BITS = 8
    private const val COARSE = 0xFFE0E0E0.toInt()
    private const val HALF = 0x00101010
    private const val SHADE = 48
    private const val TOLERATED = 0.002

    // What a person who reads large type, or listens, would stumble over ------------------------------------------------

    /** Everything in the laid-out [view] that is cut off, too small to touch, or nameless to whoever listens. */
    fun faults(view: View): List<String> = mutableListOf<String>().also { look(view, it) }

    private fun look(view: View, faults: MutableList<String>) {
        if (view.visibility != View.VISIBLE) return
        if (view is TextView) text(view, faults)
        if (view.isClickable && view.isEnabled) touch(view, faults)
        if (view is ImageView && !view.isClickable && view.contentDescription.isNullOrEmpty() &&
            view.importantForAccessibility != View.IMPORTANT_FOR_ACCESSIBILITY_NO
        ) faults += "a picture without a description"
        if (view is ViewGroup) {
            for (index in 0 until view.childCount) {
                val child = view.getChildAt(index)
                if (child.visibility == View.VISIBLE && view !is ScrollView) inside(view, child, faults)
                look(child, faults)
            }
        }
    }

    private fun text(view: TextView, faults: MutableList<String>) {
        val words = view.text.toString()
        if (words.isEmpty()) return
        val layout = view.layout ?: return faults.plusAssign("\"$words\" was never laid out")
        val room = Rect(view.compoundPaddingLeft, view.compoundPaddingTop, view.width - view.compoundPaddingRight, view.height - view.compoundPaddingBottom)
        if (layout.height > room.height()) faults += "\"$words\": its lines need ${layout.height} and have ${room.height()}"
        for (line in 0 until layout.lineCount) {
            if (layout.getEllipsisCount(line) > 0) faults += "\"$words\" is shortened"
            if (layout.getLineMax(line) > room.width() + 1) faults += "\"$words\" is wider than its place"
            val end = layout.getLineEnd(line)
            if (line < layout.lineCount - 1 && end in 1 until words.length && !BREAKS.contains(words[end - 1]) && !words[end].isWhitespace()) {
                faults += "\"$words\" breaks within a word, before \"${words.substring(end)}\""
            }
        }
    }

    private fun touch(view: View, faults: MutableList<String>) {
        val label = view.contentDescription ?: (view as? TextView)?.text
        if (label.isNullOrBlank() && view !is android.widget.EditText) faults += "${view.javaClass.simpleName} has no label"
        val least = (LEAST_TARGET * view.resources.displayMetrics.density).toInt()
        if (view.width < least || view.height < least) faults += "\"$label\" is ${view.width}x${view.height}, less than $least"
    }

    private fun inside(parent: ViewGroup, child: View, faults: MutableList<String>) {
        if (child.left < 0 || child.top < 0 || child.right > parent.width || child.bottom > parent.height) {
            faults += "${child.javaClass.simpleName} \"${(child as? TextView)?.text ?: child.contentDescription}\" reaches out of its place"
        }
    }

    private const val BREAKS = " \n-–/·;,"
    private const val LEAST_TARGET = 48

    /** A context as an activity of the app has it: its theme, its language. */
    fun context(base: Context, language: String): Context {
        Language.choose(base, language)
        return android.view.ContextThemeWrapper(Language.wrap(base), R.style.Sample)
    }
}
