package vn.idwallet.sample

import android.app.Application
import android.graphics.Color
import android.view.View
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import vn.idwallet.Approval
import vn.idwallet.FrameEncoder
import vn.idwallet.MessageKind
import vn.idwallet.Review
import vn.idwallet.requestTemplates

/** Every screen in both languages and at three sizes of type: drawn, compared, and looked over for what is cut off. */
@RunWith(RobolectricTestRunner::class)
@Config(application = Application::class)
class ScreensTest {
    private val scope = CoroutineScope(Dispatchers.Unconfined)

    private fun Ui.consent(review: Review, preselected: Approval): View =
        Consent(this, review, preselected, scope, { Samples.givesAway }, {}, {}).view

    /** The screens by name, with their height in dp where a phone's is not enough to see them whole. */
    private val screens: Map<String, Pair<Int, Ui.() -> View>> = mapOf(
        "list" to (PHONE to { documentsScreen(Samples.documents, {}, {}, {}, {}, {}, {}) }),
        "detail" to (TALL to { documentScreen(Samples.detail, false, {}, {}, {}) }),
        "detail-open" to (TALL to { documentScreen(Samples.detail, true, {}, {}, {}) }),
        "import" to (PHONE to { importScreen("can-cuoc.cbor", null, {}, {}, {}, {}) }),
        "consent" to (TALL to { consent(Samples.review, Samples.preselected) }),
        "consent-warning" to (TALLER to { consent(Samples.badReview, Samples.nothing) }),
        "qr" to (PHONE to { presentScreen(Samples.QR, {}, {}) }),
        "camera" to (PHONE to { MovingCode(this, FrameEncoder(MessageKind.RESPONSE, ByteArray(900) { it.toByte() })).run { frame(0); screen(string(R.string.camera_title), null, column(text(string(R.string.camera_show)), view, gap = 18), column(primary(string(R.string.done)) {})) } }),
        "reader" to (TALL to { readerScreen(requestTemplates().first().id, {}, {}, {}, {}) }),
        "accepted" to (PHONE to { verdictScreen(Samples.accepted) {} }),
        "refused" to (PHONE to { verdictScreen(Samples.refused) {} }),
        "history" to (TALL to { historyScreen(Samples.history, {}, {}) }),
        "settings" to (PHONE to { settingsScreen(Language.of(context), string(Samples.protection), {}, {}, {}) }),
        "unlock" to (PHONE to { PinForm(this, creates = false, R.string.pin_unlock_explain) {}.apply { say(null, 30) }.view }),
        "create" to (PHONE to { PinForm(this, creates = true, R.string.pin_create_explain) {}.view }),
    )

    private fun <T> at(language: String, scale: Float, look: (Ui) -> T): T {
        RuntimeEnvironment.setQualifiers("w${WIDTH}dp-h${PHONE}dp-hdpi")
        RuntimeEnvironment.setFontScale(scale)
        return look(Ui(Pictures.context(RuntimeEnvironment.getApplication(), language)))
    }

    private fun drawn(name: String, ui: Ui): View {
        val (height, make) = screens.getValue(name)
        return make(ui).also { Pictures.layOut(it, WIDTH, height) }
    }

    /** What `android/README.md` shows, and what is hardest to get right in large type. A moving code is never twice the same. */
    private val goldens = listOf(
        "list vi 1.0", "list en 1.0", "list vi 1.6", "detail vi 1.0", "consent vi 1.0", "consent en 1.0", "consent vi 1.6", "consent-warning vi 1.0",
        "qr vi 1.0", "reader vi 1.0", "accepted vi 1.0", "accepted vi 1.6", "refused en 1.0", "refused vi 1.6", "history vi 1.0", "history en 1.0",
        "unlock vi 1.0", "unlock en 1.6", "create vi 1.0", "import vi 1.0", "settings vi 1.0",
    )

    @Test
    fun `screens look as they were looked at`() {
        val differing = goldens.mapNotNull { golden ->
            val (name, language, scale) = golden.split(' ')
            runCatching { at(language, scale.toFloat()) { Pictures.compare(golden.replace(' ', '-'), Pictures.draw(drawn(name, it))) } }.getOrElse { "$golden: $it" }
        }
        assertEquals(emptyList<String>(), differing)
    }

    @Test
    fun `nothing is cut off, nameless or too small to touch, in either language and at any size`() {
        var looked = 0
        val faults = screens.keys.flatMap { name ->
            listOf(Language.VIETNAMESE, Language.ENGLISH).flatMap { language ->
                listOf(1.0f, 1.3f, 1.6f, 2.0f).flatMap { scale ->
                    looked++
                    val faults = runCatching { at(language, scale) { ui -> Pictures.faults(drawn(name, ui)) } }.getOrElse { listOf("$it") }
                    faults.map { "$name $language $scale: $it" }
                }
            }
        }
        assertEquals(emptyList<String>(), faults)
        assertEquals(screens.size * 8, looked)
    }

    @Test
    fun `the check of screens finds what it looks for`() {
        at(Language.VIETNAMESE, 1.0f) { ui ->
            val cut = ui.text("một dòng chữ rất dài không vừa chỗ của nó").apply { isSingleLine = true; ellipsize = android.text.TextUtils.TruncateAt.END }
            val small = ui.iconButton(R.drawable.ic_back, "") {}.apply { minimumWidth = 0; minimumHeight = 0; setPadding(0, 0, 0, 0) }
            val box = android.widget.LinearLayout(ui.context).apply { orientation = android.widget.LinearLayout.VERTICAL; addView(cut); addView(small, 40, 40) }
            Pictures.layOut(box, 120, 400)
            val faults = Pictures.faults(box)
            assertTrue("$faults", faults.any { "shortened" in it } && faults.any { "no label" in it } && faults.any { "less than" in it })
            Pictures.layOut(box, 120, 20)
            assertTrue(Pictures.faults(box).any { "reaches out" in it || "need" in it })
        }
    }

    @Test
    fun `every text has at least seven to one against what it stands on`() {
        at(Language.VIETNAMESE, 1.0f) { ui ->
            val pairs = listOf(
                R.color.ink to R.color.paper, R.color.ink to R.color.surface, R.color.ink_soft to R.color.paper, R.color.ink_soft to R.color.surface,
                R.color.accent to R.color.surface, R.color.accent to R.color.accent_soft, R.color.on_accent to R.color.accent,
                R.color.good to R.color.surface, R.color.good to R.color.good_soft, R.color.warn to R.color.surface, R.color.warn to R.color.warn_soft,
                R.color.bad to R.color.surface, R.color.bad to R.color.bad_soft, R.color.bad to R.color.paper, R.color.good to R.color.paper, R.color.disabled to R.color.disabled_soft,
                R.color.ink to R.color.good_soft, R.color.ink to R.color.warn_soft, R.color.ink to R.color.bad_soft, R.color.ink to R.color.accent_soft,
            )
            pairs.forEach { (text, place) ->
                val ratio = contrast(ui.color(text), ui.color(place))
                assertTrue("${ui.context.resources.getResourceEntryName(text)} on ${ui.context.resources.getResourceEntryName(place)}: $ratio", ratio >= 7.0)
            }
        }
    }

    private fun contrast(a: Int, b: Int): Double {
        val (dark, light) = listOf(Color.luminance(a), Color.luminance(b)).sorted()
        return (light + 0.05) / (dark + 0.05)
    }

    private companion object {
        const val WIDTH = 360
        const val PHONE = 760
        const val TALL = 1320
        const val TALLER = 1500
    }
}
