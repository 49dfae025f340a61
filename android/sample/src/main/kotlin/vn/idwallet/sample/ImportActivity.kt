package vn.idwallet.sample

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.provider.OpenableColumns
import android.view.View
import java.io.IOException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import vn.idwallet.Imported
import vn.idwallet.NewCopy
import vn.idwallet.Wallet

/** Takes a document from a file into the wallet. */
class ImportActivity : BaseActivity() {
    private var document: Uri? = null
    private var key: Uri? = null
    private var imported: Imported? = null

    override suspend fun onWallet(wallet: Wallet) = render()

    private fun render() {
        val done = imported
        if (done != null) return show(ui.importedScreen(done, ::finish))
        show(
            ui.importScreen(
                document?.let(::name), key?.let(::name), ::finish,
                onDocument = { pick(DOCUMENT) }, onKey = { pick(KEY) }, onImport = { document?.let { launch { take(it) } } },
            ),
        )
    }

    private suspend fun take(file: Uri) {
        val wallet = app.holder.open() ?: return
        val copy = try {
            NewCopy(read(file), key?.let { read(it) })
        } catch (_: IOException) {
            return showProblem(ui.banner(Tone.BAD, ui.string(R.string.import_unreadable), null))
        }
        imported = wallet.importDocument(listOf(copy), app.holder.trust)
        render()
    }

    private suspend fun read(file: Uri): ByteArray = withContext(Dispatchers.IO) {
        contentResolver.openInputStream(file)?.use { it.readNBytes(MOST) } ?: throw IOException("nothing behind $file")
    }

    private fun name(file: Uri): String {
        val columns = arrayOf(OpenableColumns.DISPLAY_NAME)
        val shown = contentResolver.query(file, columns, null, null, null)?.use { if (it.moveToFirst()) it.getString(0) else null }
        return shown ?: file.lastPathSegment.orEmpty()
    }

    @Suppress("DEPRECATION") // Its successor is in a library that this app does without.
    private fun pick(what: Int) =
        startActivityForResult(Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*"), what)

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(what: Int, result: Int, data: Intent?) {
        val file = data?.data
        if (result != Activity.RESULT_OK || file == null) return
        if (what == DOCUMENT) document = file else key = file
        render()
    }

    companion object {
        const val DOCUMENT = 1
        const val KEY = 2
        private const val MOST = 8 * 1024 * 1024
    }
}

fun Ui.importScreen(document: String?, key: String?, back: () -> Unit, onDocument: () -> Unit, onKey: () -> Unit, onImport: () -> Unit): View {
    val go = primary(string(R.string.import_go), onImport)
    enable(go, document != null)
    return screen(
        string(R.string.import_title), back,
        column(
            text(string(R.string.import_explain)),
            secondary(string(R.string.import_pick), onDocument),
            document?.let { text(string(R.string.import_picked, it), Ui.SMALL, R.color.good) },
            soft(string(R.string.import_key_explain)),
            secondary(string(R.string.import_key), onKey),
            key?.let { text(string(R.string.import_picked, it), Ui.SMALL, R.color.good) },
            gap = 14,
        ),
        bottom = column(go),
    )
}

private fun Ui.importedScreen(imported: Imported, back: () -> Unit): View {
    val body = column(banner(Tone.GOOD, string(R.string.import_done), null))
    imported.findings.forEach { body.add(banner(if (it.isRefusal) Tone.BAD else Tone.WARN, null, string(it.text))) }
    return screen(string(R.string.import_title), null, body, column(primary(string(R.string.done), back)))
}
