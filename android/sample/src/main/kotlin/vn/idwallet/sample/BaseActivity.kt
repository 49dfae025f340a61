package vn.idwallet.sample

import android.app.Activity
import android.app.AlertDialog
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.provider.OpenableColumns
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.FrameLayout
import android.widget.LinearLayout
import java.io.IOException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import vn.idwallet.LockState
import vn.idwallet.Wallet
import vn.idwallet.WalletException
import vn.idwallet.android.protectScreen

/**
 * What every screen has: its language, no screenshots, room for the system's bars, and a place for what went wrong. A screen that needs
 * the wallet gets it in [onWallet] each time it comes to the front, and the PIN is asked for first when the wallet is locked.
 */
abstract class BaseActivity : Activity() {
    protected val scope: CoroutineScope = MainScope()
    protected val ui: Ui by lazy { Ui(this) }
    protected val app: SampleApp get() = application as SampleApp
    protected open val needsWallet: Boolean = true

    private lateinit var problem: FrameLayout
    private lateinit var content: FrameLayout
    private var front: Job? = null
    private var pinAsked = false

    override fun attachBaseContext(base: Context) = super.attachBaseContext(Language.wrap(base))

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        protectScreen()
        problem = FrameLayout(this)
        content = FrameLayout(this)
        val root = LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            setBackgroundColor(getColor(R.color.paper))
            addView(problem, LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT))
            addView(content, LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 0, 1f))
            setOnApplyWindowInsetsListener { view, insets ->
                val bars = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime())
                view.setPadding(bars.left, bars.top, bars.right, bars.bottom)
                WindowInsets.CONSUMED
            }
        }
        setContentView(root)
    }

    override fun onResume() {
        super.onResume()
        pinAsked = false
        if (!needsWallet) return
        front = launch {
            val wallet = app.holder.open()
            if (wallet == null || wallet.lockState.value != LockState.Unlocked) {
                askForPin()
            } else {
                launch { watch(wallet) }
                onWallet(wallet)
            }
        }
    }

    override fun onPause() {
        front?.cancel()
        super.onPause()
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    /** Locks after the idle limit while this screen is in front, and asks for the PIN when it did. */
    private suspend fun watch(wallet: Wallet) {
        coroutineScope {
            launch { wallet.lockWhenIdle() }
            wallet.lockState.collect {
                if (it == LockState.Locked) askForPin()
            }
        }
    }

    /** Once, whoever notices first that the wallet is locked. */
    private fun askForPin() {
        if (pinAsked) return
        pinAsked = true
        startActivity(Intent(this, PinActivity::class.java))
    }

    /** The wallet is unlocked and this screen is in front. Cancelled when it is not any more. */
    protected open suspend fun onWallet(wallet: Wallet) = Unit

    protected fun show(view: View) {
        problem.removeAllViews()
        content.removeAllViews()
        content.addView(view)
    }

    /** Runs [block], and shows what went wrong. */
    protected fun launch(block: suspend CoroutineScope.() -> Unit): Job = scope.launch { guarded(block) }

    protected suspend fun guarded(block: suspend CoroutineScope.() -> Unit) = try {
        coroutineScope(block)
    } catch (cancelled: CancellationException) {
        throw cancelled
    } catch (_: WalletException.UserCancelled) {
        // Their own choice: nothing to tell.
    } catch (error: WalletException.Locked) {
        // A wrong PIN in a wallet that is open is a problem of that screen.
        val isOpen = app.holder.wallet?.lockState?.value == LockState.Unlocked
        if (!needsWallet || isOpen) showProblem(ui.error(error)) else askForPin()
    } catch (error: WalletException) {
        showProblem(ui.error(error))
    } catch (_: IOException) {
        showProblem(ui.banner(Tone.BAD, ui.string(R.string.error_unexpected), null))
    }

    protected fun showProblem(view: View) {
        problem.removeAllViews()
        problem.addView(view, FrameLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT).apply {
            setMargins(ui.dp(16), ui.dp(10), ui.dp(16), ui.dp(6))
        })
    }

    protected fun clearProblem() = problem.removeAllViews()

    /** What the provider of [file] calls it, if it says so. */
    protected fun fileName(file: Uri): String {
        val columns = arrayOf(OpenableColumns.DISPLAY_NAME)
        val shown = try {
            contentResolver.query(file, columns, null, null, null)?.use { if (it.moveToFirst()) it.getString(0) else null }
        } catch (_: RuntimeException) {
            // Somebody else's code, which may keep its names to itself.
            null
        }
        return shown ?: file.lastPathSegment.orEmpty()
    }

    protected fun open(activity: Class<out Activity>) = startActivity(Intent(this, activity))

    /** Asks before something that cannot be undone. */
    protected fun sure(question: String, yes: String, action: () -> Unit) {
        AlertDialog.Builder(this).setMessage(question)
            .setPositiveButton(yes) { _, _ -> action() }
            .setNegativeButton(R.string.cancel, null)
            .show()
    }
}
