package vn.idwallet.sample

import android.content.Context
import android.content.Intent
import android.graphics.Typeface
import android.os.Bundle
import android.view.View
import vn.idwallet.Wallet
import vn.idwallet.WalletException

/** What can be done about the PIN of an open wallet. */
enum class PinChange { SET, CHANGE, REMOVE, CODE }

/** Sets, changes or removes the PIN, or makes a recovery code and shows it this once. */
class PinSettingsActivity : BaseActivity() {
    /** Never leaves this object: what is saved of a screen lies outside of the app. */
    private var code: String? = null
    private var done: Int? = null
    private var form: Form? = null
    private var isWorking = false

    private lateinit var change: PinChange

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        change = PinChange.entries.find { it.name == intent.getStringExtra(CHANGE) } ?: return finish()
    }

    override suspend fun onWallet(wallet: Wallet) {
        val made = code
        val said = done
        when {
            made != null -> show(ui.recoveryCodeScreen(made, ::finish))
            said != null -> show(ui.doneScreen(R.string.settings_pin, said, ::finish))
            else -> show((form ?: ui.pinChangeForm(change, ::leave) { go(wallet, it) }.also { form = it }).view)
        }
    }

    @Deprecated("Deprecated in Java")
    override fun onBackPressed() = leave()

    /** What is being done is done in spite of Back, so its owner waits to see it; and a code that was not copied is gone for good. */
    private fun leave() = when {
        isWorking -> Unit
        code != null -> sure(ui.string(R.string.code_leave_sure), ui.string(R.string.code_written), ::finish)
        else -> finish()
    }

    private fun go(wallet: Wallet, form: Form) {
        if (change.asksNew && form[R.string.pin_new] != form[R.string.pin_repeat]) {
            return showProblem(ui.banner(Tone.BAD, ui.string(R.string.pin_differ), null))
        }
        ui.enable(form.button, false)
        isWorking = true
        launch {
            try {
                val (old, new) = (if (change.asksOld) form[R.string.pin_old] else "") to (if (change.asksNew) form[R.string.pin_new] else "")
                when (change) {
                    PinChange.SET -> wallet.setPin(new).also { done = R.string.pin_set_done }
                    PinChange.CHANGE -> wallet.changePin(old, new).also { done = R.string.pin_change_done }
                    PinChange.REMOVE -> wallet.removePin(old).also { done = R.string.pin_remove_done }
                    PinChange.CODE -> code = wallet.setRecoveryCode(old)
                }
                form.clear()
                clearProblem()
                onWallet(wallet)
            } catch (error: WalletException) {
                if (change.asksOld) form.clear(R.string.pin_old)
                form.ready()
                if (error is WalletException.Locked) form.tell(scope, error.triesLeft, error.retryAfter)
                throw error
            } finally {
                isWorking = false
            }
        }
    }

    companion object {
        private const val CHANGE = "change"

        fun intent(context: Context, change: PinChange): Intent =
            Intent(context, PinSettingsActivity::class.java).putExtra(CHANGE, change.name)
    }
}

private val PinChange.asksOld: Boolean get() = this != PinChange.SET
private val PinChange.asksNew: Boolean get() = this == PinChange.SET || this == PinChange.CHANGE

fun Ui.pinChangeForm(change: PinChange, back: () -> Unit, action: (Form) -> Unit): Form {
    val (title, explain) = when (change) {
        PinChange.SET -> R.string.pin_set to R.string.pin_create_explain
        PinChange.CHANGE -> R.string.pin_change to R.string.pin_change_explain
        PinChange.REMOVE -> R.string.pin_remove to R.string.pin_remove_explain
        PinChange.CODE -> R.string.code_title to R.string.code_explain
    }
    val go = when (change) {
        PinChange.SET -> R.string.pin_set
        PinChange.CHANGE -> R.string.pin_change
        PinChange.REMOVE -> R.string.pin_remove
        PinChange.CODE -> R.string.code_go
    }
    val fields = listOfNotNull(
        (R.string.pin_old to Typed.PIN).takeIf { change.asksOld },
        (R.string.pin_new to Typed.PIN).takeIf { change.asksNew },
        (R.string.pin_repeat to Typed.PIN).takeIf { change.asksNew },
    )
    return Form(this, title, explain, go, fields, back, action = action)
}

/** The letters of a group and the line after it. */
private const val GROUP = 6

/** The code is for paper alone: it cannot be copied or sent. */
fun Ui.recoveryCodeScreen(code: String, done: () -> Unit): View = screen(
    string(R.string.code_title), null,
    column(
        banner(Tone.WARN, string(R.string.code_once), string(R.string.code_warning)),
        card(
            // Two groups a line, or one where the type is large: no group is torn.
            text(code.chunked(if (isLarge) GROUP else 2 * GROUP).joinToString("\n"), Ui.TITLE, bold = true).apply {
                typeface = Typeface.MONOSPACE
                // Letter by letter, for whoever writes down what is read aloud.
                contentDescription = code.toList().joinToString(" ")
            },
        ),
        text(string(R.string.code_use)),
        gap = 16,
    ),
    column(primary(string(R.string.code_written), done)),
)

fun Ui.doneScreen(title: Int, words: Int, done: () -> Unit): View =
    screen(string(title), null, column(banner(Tone.GOOD, string(words), null)), column(primary(string(R.string.done), done)))
