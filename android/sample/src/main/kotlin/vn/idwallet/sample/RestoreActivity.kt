package vn.idwallet.sample

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import vn.idwallet.PlannedDocument
import vn.idwallet.RestorePlan
import vn.idwallet.Restored
import vn.idwallet.Wallet
import vn.idwallet.WalletException

/** Opens a sealed backup, shows what restoring it would do, and does it when the owner says so. */
class RestoreActivity : BaseActivity() {
    private val copy get() = File(cacheDir, "restore/sealed.idwallet")
    private var name: String? = null
    private var plan: RestorePlan? = null
    private var restored: Restored? = null
    private var isBusy = false

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        copy.delete()
    }

    override fun onDestroy() {
        copy.delete()
        super.onDestroy()
    }

    override suspend fun onWallet(wallet: Wallet) = render(wallet)

    private fun render(wallet: Wallet) {
        val planned = plan
        val done = restored
        val file = name
        show(
            when {
                isBusy -> ui.busyScreen(R.string.restore_title, R.string.restore_working)
                done != null -> ui.restoredScreen(done, ::finish)
                planned != null -> ui.restorePlanScreen(planned.documents, ::finish) { apply(wallet, planned) }
                file == null -> ui.restoreScreen(::finish, ::pick)
                else -> ui.restoreForm(file, ::finish, ::pick) { look(wallet, it[R.string.backup_passphrase]) }.view
            },
        )
    }

    private fun look(wallet: Wallet, passphrase: String) = working(wallet) { plan = wallet.planRestore(copy, passphrase, app.holder.trust) }

    private fun apply(wallet: Wallet, planned: RestorePlan) = working(wallet) {
        try {
            restored = planned.apply()
        } catch (locked: WalletException.Locked) {
            throw locked
        } catch (error: WalletException) {
            // It can be done once: a new one has to be made.
            plan = null
            throw error
        }
    }

    private fun working(wallet: Wallet, block: suspend () -> Unit) {
        if (isBusy) return
        isBusy = true
        clearProblem()
        render(wallet)
        launch {
            try {
                block()
            } finally {
                isBusy = false
                render(wallet)
            }
        }
    }

    @Suppress("DEPRECATION") // Its successor is in a library that this app does without.
    private fun pick() =
        startActivityForResult(Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*"), FILE)

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(what: Int, result: Int, data: Intent?) {
        val file = data?.data
        if (result == Activity.RESULT_OK && file != null) launch { take(file) }
    }

    /** The library reads a file; what the owner chose may lie anywhere. One that was chosen before stays until this one is here whole. */
    private suspend fun take(file: Uri) {
        val incoming = File(copy.path + ".part")
        try {
            withContext(Dispatchers.IO) {
                copy.parentFile?.mkdirs()
                try {
                    val from = contentResolver.openInputStream(file) ?: throw IOException("nothing behind the file")
                    from.use { incoming.outputStream().use { out -> it.copyAtMost(MOST, out) } }
                    if (!incoming.renameTo(copy)) throw IOException("no place for the copy")
                } finally {
                    incoming.delete()
                }
            }
        } catch (_: IOException) {
            return showProblem(ui.banner(Tone.BAD, ui.string(R.string.import_unreadable), null))
        } catch (_: SecurityException) {
            return showProblem(ui.banner(Tone.BAD, ui.string(R.string.import_unreadable), null))
        }
        name = fileName(file)
        plan = null
        clearProblem()
        app.holder.open()?.let(::render)
    }

    private companion object {
        const val FILE = 1

        /** Bytes. More than any wallet saves, and less than a phone has room for. */
        const val MOST = 256L * 1024 * 1024
    }
}

private fun InputStream.copyAtMost(most: Long, out: OutputStream) {
    val buffer = ByteArray(DEFAULT_BUFFER_SIZE)
    var copied = 0L
    while (true) {
        val count = read(buffer)
        if (count < 0) return
        copied += count
        if (copied > most) throw IOException("too large for a backup")
        out.write(buffer, 0, count)
    }
}

fun Ui.restoreScreen(back: () -> Unit, onPick: () -> Unit): View = screen(
    string(R.string.restore_title), back, column(text(string(R.string.restore_explain)), soft(string(R.string.restore_explain_more)), gap = 14),
    column(primary(string(R.string.restore_pick), onPick)),
)

fun Ui.restoreForm(file: String, back: () -> Unit, onPick: () -> Unit, action: (Form) -> Unit): Form = Form(
    this, R.string.restore_title, R.string.restore_enter, R.string.restore_look, listOf(R.string.backup_passphrase to Typed.WORDS), back,
    listOf(text(string(R.string.import_picked, file), Ui.SMALL, R.color.good), secondary(string(R.string.restore_other), onPick)), action,
)

/** What would be added, and what would not, with the reason that the library gives. */
fun Ui.restorePlanScreen(documents: List<PlannedDocument>, back: () -> Unit, onRestore: () -> Unit): View {
    val (added, left) = documents.partition { it.isAdded }
    val body = column(text(string(R.string.restore_nothing_yet)), gap = 16)
    if (added.isNotEmpty()) body.add(planned(R.string.restore_added, R.color.good, added), 16)
    if (left.isNotEmpty()) body.add(planned(R.string.restore_left, R.color.warn, left), 16)
    if (added.isEmpty()) {
        val words = listOfNotNull(string(R.string.restore_none_why).takeIf { left.isNotEmpty() }, string(R.string.restore_none_explain))
        body.add(banner(Tone.WARN, string(R.string.restore_none), words.joinToString(" ")), 16)
    }
    return screen(string(R.string.restore_title), back, body, column(primary(string(R.string.restore_go), onRestore)))
}

private fun Ui.planned(title: Int, color: Int, documents: List<PlannedDocument>): View {
    val box = card(heading(string(title)), gap = 14)
    documents.forEach { box.add(text(lines(string(it.title), string(it.summary) to R.color.ink_soft, string(it.actionText) to color)), 14) }
    return box
}

fun Ui.restoredScreen(restored: Restored, done: () -> Unit): View {
    fun count(id: Int, number: Int) = context.resources.getQuantityString(id, number, number)
    val body = column(counted(restored.added.size, R.plurals.restored_documents, R.string.restored_none, null), gap = 14)
    if (restored.skipped > 0) body.add(text(count(R.plurals.restored_skipped, restored.skipped)), 14)
    if (restored.leftOut > 0) body.add(text(count(R.plurals.restored_left, restored.leftOut)), 14)
    if (restored.toBeReissued > 0) {
        body.add(banner(Tone.WARN, count(R.plurals.restored_reissue, restored.toBeReissued), string(R.string.restored_reissue_how)), 14)
    }
    body.add(soft(string(R.string.restored_keep)), 14)
    return screen(string(R.string.restore_title), null, body, column(primary(string(R.string.done), done)))
}
