package vn.idwallet.sample

import android.app.Activity
import android.content.Intent
import android.net.Uri
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
    private var isTaking = false

    override suspend fun onWallet(wallet: Wallet) = render()

    private fun render() {
        val done = imported
        if (done != null) return show(ui.importedScreen(done, ::finish))
        show(
            ui.importScreen(
                document?.let(::fileName), key?.let(::fileName), app.holder.takesKeys, ::finish,
                onMakeKey = { open(DeviceKeyActivity::class.java) }, onDocument = { pick(DOCUMENT) }, onKey = { pick(KEY) }, onImport = { document?.let { take(it) } },
            ),
        )
    }

    private fun take(file: Uri) {
        if (isTaking) return
        isTaking = true
        launch {
            try {
                val wallet = app.holder.open() ?: return@launch
                val copy = read(file) ?: return@launch showProblem(ui.banner(Tone.BAD, ui.string(R.string.import_unreadable), null))
                imported = wallet.importDocument(listOf(copy), app.holder.trust)
                render()
            } finally {
                isTaking = false
            }
        }
    }

    private suspend fun read(file: Uri): NewCopy? = try {
        NewCopy(bytes(file), key?.let { bytes(it) })
    } catch (_: IOException) {
        null
    } catch (_: SecurityException) {
        null
    }

    private suspend fun bytes(file: Uri): ByteArray = withContext(Dispatchers.IO) {
        contentResolver.openInputStream(file)?.use { it.readNBytes(MOST) } ?: throw IOException("nothing behind $file")
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

/** With [takesKeys] the document may bring its key in a file, which no hardware takes. */
fun Ui.importScreen(
    document: String?,
    key: String?,
    takesKeys: Boolean,
    back: () -> Unit,
    onMakeKey: () -> Unit,
    onDocument: () -> Unit,
    onKey: () -> Unit,
    onImport: () -> Unit,
): View {
    val go = primary(string(R.string.import_go), onImport)
    enable(go, document != null)
    val body = column(
        text(string(R.string.import_key_first)),
        secondary(string(R.string.import_make_key), onMakeKey),
        text(string(R.string.import_explain)),
        secondary(string(R.string.import_pick), onDocument),
        document?.let { text(string(R.string.import_picked, it), Ui.SMALL, R.color.good) },
        gap = 14,
    )
    if (takesKeys) {
        body.add(soft(string(R.string.import_key_explain)), 14)
        body.add(secondary(string(R.string.import_key), onKey), 14)
        key?.let { body.add(text(string(R.string.import_picked, it), Ui.SMALL, R.color.good), 14) }
    }
    return screen(string(R.string.import_title), back, body, bottom = column(go))
}

private fun Ui.importedScreen(imported: Imported, back: () -> Unit): View {
    val body = column(banner(Tone.GOOD, string(R.string.import_done), null))
    imported.findings.forEach { body.add(banner(if (it.isRefusal) Tone.BAD else Tone.WARN, null, string(it.text))) }
    return screen(string(R.string.import_title), null, body, column(primary(string(R.string.done), back)))
}
