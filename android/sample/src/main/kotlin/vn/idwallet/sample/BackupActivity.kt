package vn.idwallet.sample

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.provider.DocumentsContract
import android.view.View
import java.io.File
import java.io.IOException
import java.time.LocalDate
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import vn.idwallet.Exported
import vn.idwallet.Wallet

/** Makes a sealed backup and puts it where the owner says. The passphrase is the owner's, and stays with them alone. */
class BackupActivity : BaseActivity() {
    /** Sealed already, so it may lie here until the owner has said where it goes. */
    private val sealed get() = File(cacheDir, "backup/$NAME")
    private var exported: Exported? = null
    private var isSaved = false
    private var isChoosing = false
    private var form: Form? = null
    private val saving = Mutex()

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        if (state == null) sealed.delete()
    }

    override fun onDestroy() {
        if (isFinishing) sealed.delete()
        super.onDestroy()
    }

    override suspend fun onWallet(wallet: Wallet) = render(wallet)

    private fun render(wallet: Wallet) {
        val made = exported
        when {
            isSaved -> show(ui.doneScreen(R.string.backup_title, R.string.backup_saved, ::finish))
            made != null -> show(ui.backupReadyScreen(made, ::finish, ::choosePlace))
            else -> show((form ?: ui.backupForm(::finish) { seal(wallet, it) }.also { form = it }).view)
        }
    }

    private fun seal(wallet: Wallet, form: Form) {
        val passphrase = form[R.string.backup_passphrase]
        if (passphrase != form[R.string.backup_repeat]) return showProblem(ui.banner(Tone.BAD, ui.string(R.string.backup_differ), null))
        clearProblem()
        show(ui.busyScreen(R.string.backup_title, R.string.backup_working))
        launch {
            try {
                withContext(Dispatchers.IO) {
                    sealed.parentFile?.mkdirs()
                    sealed.delete()
                }
                exported = wallet.export(sealed, passphrase)
                form.clear()
            } finally {
                render(wallet)
            }
        }
    }

    private fun choosePlace() {
        if (isChoosing) return
        isChoosing = true
        @Suppress("DEPRECATION") // Its successor is in a library that this app does without.
        startActivityForResult(
            Intent(Intent.ACTION_CREATE_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("application/octet-stream")
                .putExtra(Intent.EXTRA_TITLE, ui.string(R.string.backup_file, LocalDate.now().toString())),
            PLACE,
        )
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(what: Int, result: Int, data: Intent?) {
        isChoosing = false
        val place = data?.data
        if (result == Activity.RESULT_OK && place != null) launch { saving.withLock { if (!isSaved) save(place) } }
    }

    private suspend fun save(place: Uri) {
        val outcome = withContext(Dispatchers.IO) { write(place) }
        isSaved = outcome == Written.WHOLE
        if (outcome == Written.GONE) exported = null
        clearProblem()
        app.holder.open()?.let(::render)
        when (outcome) {
            Written.WHOLE -> Unit
            Written.GONE -> showProblem(ui.banner(Tone.BAD, ui.string(R.string.backup_gone), null))
            Written.NOT -> showProblem(ui.banner(Tone.BAD, ui.string(R.string.backup_unwritable), null))
        }
    }

    /** The place may hold an earlier backup: nothing there is touched before the new one is in hand, and what was not opened stays. */
    private fun write(place: Uri): Written {
        val from = try {
            sealed.inputStream()
        } catch (_: IOException) {
            return Written.GONE
        }
        var isBegun = false
        return try {
            from.use {
                val out = contentResolver.openOutputStream(place, "wt") ?: throw IOException("nothing behind the place")
                isBegun = true
                out.use { from.copyTo(it) }
            }
            sealed.delete()
            Written.WHOLE
        } catch (_: IOException) {
            unwritten(place, isBegun)
        } catch (_: SecurityException) {
            unwritten(place, isBegun)
        }
    }

    /** Half a backup is none: it must not lie there as if it were one. */
    private fun unwritten(place: Uri, isBegun: Boolean): Written {
        if (isBegun) runCatching { DocumentsContract.deleteDocument(contentResolver, place) }
        return Written.NOT
    }

    /** What became of the place: the backup is there, nothing is, or there is no sealed file to put there. */
    private enum class Written { WHOLE, NOT, GONE }

    private companion object {
        const val NAME = "sealed.idwallet"
        const val PLACE = 1
    }
}

fun Ui.backupForm(back: () -> Unit, action: (Form) -> Unit): Form = Form(
    this, R.string.backup_title, R.string.backup_explain, R.string.backup_go,
    listOf(R.string.backup_passphrase to Typed.WORDS, R.string.backup_repeat to Typed.WORDS), back,
    listOf(banner(Tone.WARN, string(R.string.backup_warning_title), string(R.string.backup_warning))), action,
)

fun Ui.busyScreen(title: Int, words: Int): View = screen(string(title), null, column(banner(Tone.CALM, string(words), null)))

fun Ui.backupReadyScreen(made: Exported, back: () -> Unit, onSave: () -> Unit): View {
    val body = column(counted(made.documents, R.plurals.backup_documents, R.string.backup_none, string(R.string.backup_ready)), gap = 16)
    if (made.toBeReissued.isNotEmpty()) {
        body.add(card(heading(string(R.string.backup_not_in_it)), soft(string(R.string.backup_not_in_it_why)), *made.toBeReissued.map { text(string(it)) }.toTypedArray()), 16)
    }
    return screen(string(R.string.backup_title), back, body, column(primary(string(R.string.backup_save), onSave)))
}
