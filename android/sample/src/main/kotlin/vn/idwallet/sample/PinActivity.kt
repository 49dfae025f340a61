package vn.idwallet.sample

import android.os.Bundle
import vn.idwallet.Access
import vn.idwallet.LockState
import vn.idwallet.Wallet
import vn.idwallet.WalletException

/** Makes the wallet, or unlocks it, with the recovery code when the PIN is forgotten. It goes away when the wallet is unlocked. */
class PinActivity : BaseActivity() {
    override val needsWallet = false

    /** Where Back leads: from the recovery code to the PIN. */
    private var back: (() -> Unit)? = null

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
        val within = back
        if (within != null) within() else moveTaskToBack(true)
    }

    private fun create() {
        var hardware = true
        val form = ui.createForm({ hardware = it }) { form ->
            if (form[R.string.pin_label] != form[R.string.pin_repeat]) {
                showProblem(ui.banner(Tone.BAD, ui.string(R.string.pin_differ), null))
            } else {
                working(form) {
                    app.holder.create(form[R.string.pin_label], hardware)
                    finish()
                }
            }
        }
        show(form.view)
    }

    private fun unlock(wallet: Wallet, access: Access) {
        if (!access.needsPin) return show(ui.noPinScreen { launch { wallet.unlock(null); finish() } })
        val explain = when {
            access.isHeld -> R.string.pin_held
            access.isClosed -> R.string.pin_closed
            else -> R.string.pin_unlock_explain
        }
        val form = ui.unlockForm(explain, if (access.hasRecoveryCode) ({ recover(wallet) }) else null) { form ->
            val digits = form[R.string.pin_label]
            form.clear()
            trying(form) { if (access.isClosed) wallet.unlockClosed(digits) else wallet.unlock(digits) }
        }
        back = null
        show(form.view)
        form.tell(scope, access.triesLeft, access.retryAfter)
    }

    private fun recover(wallet: Wallet) {
        // The tries that are left, and the wait, may be others by then.
        val toPin = { launch { unlock(wallet, wallet.access()) }; Unit }
        back = toPin
        val form = ui.recoverForm(toPin) { form ->
            if (form[R.string.pin_new] != form[R.string.pin_repeat]) {
                showProblem(ui.banner(Tone.BAD, ui.string(R.string.pin_differ), null))
            } else {
                trying(form) { wallet.recover(form[R.string.recover_code], form[R.string.pin_new]) }
            }
        }
        show(form.view)
    }

    /** Goes away when [open] has opened the wallet, and says else what the wallet says. */
    private fun trying(form: Form, open: suspend () -> Unit) = working(form) {
        try {
            open()
            finish()
        } catch (error: WalletException.Locked) {
            showProblem(ui.error(error))
            form.tell(scope, error.triesLeft, error.retryAfter)
        }
    }

    private fun working(form: Form, block: suspend () -> Unit) {
        ui.enable(form.button, false)
        launch {
            try {
                guarded { block() }
            } finally {
                form.ready()
            }
        }
    }
}

fun Ui.createForm(onHardware: (Boolean) -> Unit, action: (Form) -> Unit): Form {
    val words = lines(string(R.string.pin_hardware), string(R.string.pin_hardware_explain) to R.color.ink_soft)
    return Form(
        this, R.string.pin_create_title, R.string.pin_create_explain, R.string.pin_create_go,
        listOf(R.string.pin_label to Typed.PIN, R.string.pin_repeat to Typed.PIN), more = listOf(check(words, true, onHardware)), action = action,
    )
}

fun Ui.unlockForm(explain: Int, onForgotten: (() -> Unit)?, action: (Form) -> Unit): Form = Form(
    this, R.string.pin_unlock_title, explain, R.string.pin_unlock_go, listOf(R.string.pin_label to Typed.PIN),
    more = listOfNotNull(onForgotten?.let { secondary(string(R.string.pin_forgotten), it) }), action = action,
)

fun Ui.recoverForm(back: () -> Unit, action: (Form) -> Unit): Form = Form(
    this, R.string.recover_title, R.string.recover_explain, R.string.recover_go,
    listOf(R.string.recover_code to Typed.CODE, R.string.pin_new to Typed.PIN, R.string.pin_repeat to Typed.PIN), back, action = action,
)

private fun Ui.noPinScreen(open: () -> Unit) = screen(
    string(R.string.pin_unlock_title), null, column(text(string(R.string.pin_none))), column(primary(string(R.string.pin_unlock_go), open)),
)
