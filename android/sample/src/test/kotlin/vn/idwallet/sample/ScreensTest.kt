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

    private fun Ui.settings(hasPin: Boolean): View =
        settingsScreen(Language.of(context), Door(string(Samples.protection), hasPin, hasCode = false), {}, {}, {}, {}, {}, {})

    /** The screens by name, with their height in dp where a phone's is not enough to see them whole. */
    private val screens: Map<String, Pair<Int, Ui.() -> View>> = mapOf(
        "list" to (PHONE to { documentsScreen(Samples.documents, {}, {}, {}, {}, {}, {}, {}) }),
        "detail" to (TALL to { documentScreen(Samples.detail, false, {}, {}, {}) }),
        "detail-open" to (TALL to { documentScreen(Samples.detail, true, {}, {}, {}) }),
        "list-empty" to (PHONE to { documentsScreen(Samples.noDocuments, {}, {}, {}, {}, {}, {}, {}) }),
        "import" to (PHONE to { importScreen("can-cuoc.cbor", null, false, {}, {}, {}, {}, {}) }),
        "import-sample" to (TALL to { importScreen("can-cuoc.cbor", "can-cuoc.key", true, {}, {}, {}, {}, {}) }),
        "key" to (PHONE to { deviceKeyScreen({}, {}) }),
        "key-made" to (MID to { deviceKeyMadeScreen(Samples.PUBLIC_KEY, {}, {}, {}) }),
        "backup" to (MID to { backupForm({}, {}).view }),
        "backup-ready" to (PHONE to { backupReadyScreen(Samples.exported, {}, {}) }),
        "backup-none" to (PHONE to { backupReadyScreen(Samples.exported.copy(documents = 0), {}, {}) }),
        "restore" to (PHONE to { restoreScreen({}, {}) }),
        "restore-form" to (PHONE to { restoreForm("vi-giay-to.idwallet", {}, {}, {}).view }),
        "restore-plan" to (MID to { restorePlanScreen(Samples.planned, {}, {}) }),
        "restore-none" to (MID to { restorePlanScreen(Samples.planned.filterNot { it.isAdded }, {}, {}) }),
        "restore-nothing" to (PHONE to { restorePlanScreen(emptyList(), {}, {}) }),
        "restored-none" to (PHONE to { restoredScreen(Samples.restored.copy(added = emptyList()), {}) }),
        "restored" to (PHONE to { restoredScreen(Samples.restored, {}) }),
        "pin-change" to (PHONE to { pinChangeForm(PinChange.CHANGE, {}, {}).apply { say(3, 0) }.view }),
        "pin-set" to (PHONE to { pinChangeForm(PinChange.SET, {}, {}).view }),
        "pin-remove" to (PHONE to { pinChangeForm(PinChange.REMOVE, {}, {}).apply { say(null, 30) }.view }),
        "code" to (PHONE to { pinChangeForm(PinChange.CODE, {}, {}).view }),
        "code-made" to (PHONE to { recoveryCodeScreen(Samples.RECOVERY_CODE, {}) }),
        "recover" to (MID to { recoverForm({}, {}).view }),
        "consent" to (TALL to { consent(Samples.review, Samples.preselected) }),
        "consent-warning" to (TALLER to { consent(Samples.badReview, Samples.nothing) }),
        "qr" to (PHONE to { presentScreen(Samples.QR, {}, {}) }),
        "camera" to (PHONE to { MovingCode(this, FrameEncoder(MessageKind.RESPONSE, ByteArray(900) { it.toByte() })).run { frame(0); screen(string(R.string.camera_title), null, column(text(string(R.string.camera_show)), view, gap = 18), column(primary(string(R.string.done)) {})) } }),
        "reader" to (TALL to { readerScreen(requestTemplates().first().id, {}, {}, {}, {}) }),
        "accepted" to (PHONE to { verdictScreen(Samples.accepted) {} }),
        "refused" to (PHONE to { verdictScreen(Samples.refused) {} }),
        "history" to (TALL to { historyScreen(Samples.history, {}, {}) }),
        "settings" to (TALL to { settings(hasPin = true) }),
        "settings-no-pin" to (TALL to { settings(hasPin = false) }),
        "unlock" to (PHONE to { unlockForm(R.string.pin_unlock_explain, {}, {}).apply { say(null, 30) }.view }),
        "create" to (PHONE to { createForm({}, {}).view }),
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
        "unlock vi 1.0", "unlock en 1.6", "create vi 1.0", "import vi 1.0", "import en 1.0", "settings vi 1.0", "settings en 1.0",
        "key vi 1.0", "key-made vi 1.0", "key-made en 1.0", "key-made vi 1.6", "backup vi 1.0", "backup en 1.0", "backup vi 1.6",
        "backup-ready vi 1.0", "backup-ready en 1.0", "backup-none vi 1.0", "restore-form vi 1.0", "restore-form en 1.0", "restore-plan vi 1.0", "restore-plan en 1.0",
        "restore-plan vi 1.6", "restored vi 1.0", "restored en 1.0", "restored-none en 1.0", "pin-change vi 1.0", "pin-change en 1.0", "pin-remove vi 1.0",
        "code-made vi 1.0", "code-made en 1.0", "code-made vi 1.6", "recover vi 1.0", "recover en 1.0",
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
        const val MID = 940
        const val TALL = 1320
        const val TALLER = 1500
    }
}
