package vn.idwallet.sample

import android.graphics.Typeface
import android.text.InputType
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.inputmethod.EditorInfo
import android.widget.Button
import android.widget.EditText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

/** What is typed into a field. */
enum class Typed {
    /** Digits that nobody shall read. */
    PIN,

    /** Words. They can be read while they are typed: a keyboard writes no Vietnamese into a hidden field, and they are to be copied onto paper. */
    WORDS,

    /** A code of letters and digits, copied from paper: read while it is typed, on one line, and no keyboard makes other letters of it. */
    CODE,
}

/** A screen with fields to fill in and one thing to do with them. [more] stands below the fields. */
class Form(
    private val ui: Ui,
    title: Int,
    explain: Int,
    go: Int,
    fields: List<Pair<Int, Typed>>,
    back: (() -> Unit)? = null,
    more: List<View> = emptyList(),
    action: (Form) -> Unit,
) {
    private val fields = fields.associate { (label, typed) -> label to field(typed) }
    private val note = ui.text("", Ui.BODY, R.color.bad, bold = true).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        visibility = View.GONE
    }

    val button: Button = ui.primary(ui.string(go)) { action(this) }

    val view: View = with(ui) {
        val body = column(text(string(explain)), gap = 18)
        this@Form.fields.forEach { (label, field) ->
            body.add(column(text(string(label), bold = true).apply { labelFor = field.id }, field, gap = 6), 18)
        }
        body.add(note, 18)
        more.forEach { body.add(it, 18) }
        screen(string(title), back, body, column(button))
    }

    /** What was typed into the field with that label. */
    operator fun get(label: Int): String = fields.getValue(label).text.toString()

    /** Empties the fields, or those with [labels]. */
    fun clear(vararg labels: Int) = fields.filterKeys { labels.isEmpty() || it in labels }.values.forEach { it.text.clear() }

    private var waiting: Job? = null

    /** Says how many tries are left, or counts down the wait in [scope]. The wallet keeps the time; this only shows it. */
    fun tell(scope: CoroutineScope, triesLeft: Int?, retryAfter: Duration?) {
        waiting?.cancel()
        say(triesLeft, 0)
        if (retryAfter == null || retryAfter <= Duration.ZERO) return
        waiting = scope.launch {
            for (left in retryAfter.inWholeSeconds.coerceAtLeast(1) downTo 1) {
                say(null, left)
                delay(1.seconds)
            }
            say(null, 0)
        }
    }

    /** The button may be pressed again, unless there is a wait. */
    fun ready() {
        if (waiting?.isActive != true) ui.enable(button, true)
    }

    /** Says how many tries are left, or how many seconds to wait; the button waits too. */
    fun say(triesLeft: Int?, wait: Long) {
        note.text = when {
            wait > 0 -> ui.string(R.string.pin_wait, "%d:%02d".format(wait / MINUTE, wait % MINUTE))
            triesLeft != null -> ui.context.resources.getQuantityString(R.plurals.pin_tries, triesLeft, triesLeft)
            else -> ""
        }
        note.visibility = if (note.text.isEmpty()) View.GONE else View.VISIBLE
        ui.enable(button, wait <= 0)
    }

    private fun field(typed: Typed) = EditText(ui.context).apply {
        id = View.generateViewId()
        importantForAutofill = View.IMPORTANT_FOR_AUTOFILL_NO
        // What is saved of a screen lies outside of the app.
        isSaveEnabled = false
        setTextColor(ui.color(R.color.ink))
        minimumHeight = ui.dp(Ui.TARGET + 8)
        background = ui.shape(R.color.surface, stroke = R.color.accent)
        setPadding(ui.dp(16), ui.dp(12), ui.dp(16), ui.dp(12))
        when (typed) {
            Typed.PIN -> {
                inputType = InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_VARIATION_PASSWORD
                setTextSize(TypedValue.COMPLEX_UNIT_SP, PIN_SIZE)
                letterSpacing = 0.3f
                gravity = Gravity.CENTER
            }
            Typed.WORDS -> {
                inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS or InputType.TYPE_TEXT_FLAG_MULTI_LINE
                imeOptions = EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING
                setTextSize(TypedValue.COMPLEX_UNIT_SP, Ui.HEADING)
                setSingleLine(false)
            }
            Typed.CODE -> {
                inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD or
                    InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
                imeOptions = EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING
                typeface = Typeface.MONOSPACE
                setTextSize(TypedValue.COMPLEX_UNIT_SP, Ui.HEADING)
                // One line to the keyboard, whose Enter ends it; as many as it takes to whoever compares it with the paper.
                setHorizontallyScrolling(false)
                maxLines = Int.MAX_VALUE
            }
        }
    }

    private companion object {
        const val PIN_SIZE = 26f
        const val MINUTE = 60
    }
}
