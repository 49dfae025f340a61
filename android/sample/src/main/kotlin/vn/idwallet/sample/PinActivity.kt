package vn.idwallet.sample

import android.os.Bundle
import android.text.InputType
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.widget.Button
import android.widget.EditText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import vn.idwallet.Access
import vn.idwallet.LockState
import vn.idwallet.Wallet
import vn.idwallet.WalletException

/** Makes the wallet, or unlocks it. It goes away when the wallet is unlocked. */
class PinActivity : BaseActivity() {
    override val needsWallet = false
    private var waiting: Job? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        launch {
            val wallet = app.holder.open()
            when {
                wallet == null -> create()
                wallet.lockState.value == LockState.Unlocked -> finish()
                else -> unlock(wallet, wallet.access())
            }
        }
    }

    /** There is nothing behind a locked wallet to go back to. */
    @Deprecated("Deprecated in Java")
    override fun onBackPressed() {
        moveTaskToBack(true)
    }

    private fun create() {
        val form = PinForm(ui, creates = true, R.string.pin_create_explain) { form ->
            if (form.digits != form.digitsAgain) {
                showProblem(ui.banner(Tone.BAD, ui.string(R.string.pin_differ), null))
            } else {
                working(form) {
                    app.holder.create(form.digits, form.hardware)
                    finish()
                }
            }
        }
        show(form.view)
    }

    private fun unlock(wallet: Wallet, access: Access) {
        val explain = when {
            access.isHeld -> R.string.pin_held
            access.isClosed -> R.string.pin_closed
            else -> R.string.pin_unlock_explain
        }
        val form = PinForm(ui, creates = false, explain) { form ->
            val digits = form.take()
            working(form) {
                try {
                    if (access.isClosed) wallet.unlockClosed(digits) else wallet.unlock(digits)
                    finish()
                } catch (error: WalletException.Locked) {
                    showProblem(ui.error(error))
                    tell(form, error.triesLeft, error.retryAfter)
                }
            }
        }
        show(form.view)
        tell(form, access.triesLeft, access.retryAfter)
    }

    /** Says how many tries are left, or counts down the wait. The wallet keeps the time; this only shows it. */
    private fun tell(form: PinForm, triesLeft: Int?, retryAfter: Duration?) {
        waiting?.cancel()
        form.say(triesLeft, 0)
        if (retryAfter == null || retryAfter <= Duration.ZERO) return
        waiting = launch {
            for (left in retryAfter.inWholeSeconds.coerceAtLeast(1) downTo 1) {
                form.say(null, left)
                delay(1.seconds)
            }
            form.say(null, 0)
        }
    }

    private fun working(form: PinForm, block: suspend () -> Unit) {
        ui.enable(form.button, false)
        launch {
            try {
                guarded { block() }
            } finally {
                if (waiting?.isActive != true) ui.enable(form.button, true)
            }
        }
    }
}

/** What both PIN screens are made of. */
class PinForm(private val ui: Ui, creates: Boolean, explain: Int, go: (PinForm) -> Unit) {
    private val pin = field()
    private val again = field()
    private val note = ui.text("", Ui.BODY, R.color.bad, bold = true).apply { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }

    /** Whether the keys are to be in hardware. */
    var hardware = true
        private set

    val digits: String get() = pin.text.toString()
    val digitsAgain: String get() = again.text.toString()
    val button: Button = ui.primary(ui.string(if (creates) R.string.pin_create_go else R.string.pin_unlock_go)) { go(this) }

    val view: View = with(ui) {
        val body = column(text(string(explain)), labelled(pin, R.string.pin_label), gap = 18)
        if (creates) {
            body.add(labelled(again, R.string.pin_repeat), 18)
            val words = lines(string(R.string.pin_hardware), string(R.string.pin_hardware_explain) to R.color.ink_soft)
            body.add(check(words, true) { hardware = it }, 18)
        } else {
            body.add(note, 18)
        }
        screen(string(if (creates) R.string.pin_create_title else R.string.pin_unlock_title), null, body, column(button))
    }

    /** The digits; the field is empty afterwards. */
    fun take(): String = digits.also { pin.text.clear() }

    /** Says how many tries are left, or how many seconds to wait; the button waits too. */
    fun say(triesLeft: Int?, wait: Long) {
        note.text = when {
            wait > 0 -> ui.string(R.string.pin_wait, "%d:%02d".format(wait / MINUTE, wait % MINUTE))
            triesLeft != null -> ui.context.resources.getQuantityString(R.plurals.pin_tries, triesLeft, triesLeft)
            else -> ""
        }
        ui.enable(button, wait <= 0)
    }

    private fun Ui.labelled(field: EditText, label: Int) = column(text(string(label), bold = true).apply { labelFor = field.id }, field, gap = 6)

    private fun field() = EditText(ui.context).apply {
        id = View.generateViewId()
        inputType = InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_VARIATION_PASSWORD
        importantForAutofill = View.IMPORTANT_FOR_AUTOFILL_NO
        setTextSize(TypedValue.COMPLEX_UNIT_SP, PIN_SIZE)
        setTextColor(ui.color(R.color.ink))
        letterSpacing = 0.3f
        gravity = Gravity.CENTER
        minimumHeight = ui.dp(Ui.TARGET + 8)
        background = ui.shape(R.color.surface, stroke = R.color.accent)
        setPadding(ui.dp(16), ui.dp(12), ui.dp(16), ui.dp(12))
    }

    private companion object {
        const val PIN_SIZE = 26f
        const val MINUTE = 60
    }
}
