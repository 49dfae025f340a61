package vn.idwallet.sample

import android.content.Intent
import android.os.Bundle
import android.view.View
import vn.idwallet.DocumentList
import vn.idwallet.DocumentState
import vn.idwallet.DocumentSummary
import vn.idwallet.Wallet

/** The documents. */
class MainActivity : BaseActivity() {
    private var language = ""

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        language = Language.of(this)
    }

    override fun onResume() {
        super.onResume()
        if (language != Language.of(this)) recreate()
    }

    override suspend fun onWallet(wallet: Wallet) {
        wallet.refresh()
        wallet.documents.collect { show(list(it)) }
    }

    private fun list(list: DocumentList): View = ui.documentsScreen(
        list,
        onDocument = { startActivity(Intent(this, DocumentActivity::class.java).putExtra(DocumentActivity.ID, it.id)) },
        onAdd = { open(ImportActivity::class.java) },
        onRestore = { open(RestoreActivity::class.java) },
        onPresent = { open(PresentActivity::class.java) },
        onCheck = { open(ReaderActivity::class.java) },
        onHistory = { open(HistoryActivity::class.java) },
        onSettings = { open(SettingsActivity::class.java) },
    )
}

fun Ui.documentsScreen(
    list: DocumentList,
    onDocument: (DocumentSummary) -> Unit,
    onAdd: () -> Unit,
    onRestore: () -> Unit,
    onPresent: () -> Unit,
    onCheck: () -> Unit,
    onHistory: () -> Unit,
    onSettings: () -> Unit,
): View {
    val body = column(gap = 14)
    if (list.documents.isEmpty()) body.add(text(string(R.string.documents_empty)), 14)
    list.damaged.forEach { body.add(banner(Tone.BAD, string(R.string.document_damaged), string(it.text)), 14) }
    list.documents.forEach { document -> body.add(documentCard(document) { onDocument(document) }, 14) }
    body.add(secondary(string(R.string.documents_add), onAdd), 18)
    if (list.documents.isEmpty()) body.add(secondary(string(R.string.restore_title), onRestore), 14)
    return screen(
        string(R.string.documents_title), null, body,
        bottom = buttons(primary(string(R.string.documents_present), onPresent), secondary(string(R.string.documents_check), onCheck)),
        actions = listOf(
            iconButton(R.drawable.ic_history, string(R.string.history_title), onHistory),
            iconButton(R.drawable.ic_settings, string(R.string.settings_title), onSettings),
        ),
    )
}

private fun Ui.documentCard(document: DocumentSummary, action: () -> Unit): View {
    val lines = listOfNotNull(
        string(document.summary).ifEmpty { null },
        document.ward?.let { string(R.string.document_ward, string(it)) },
        string(R.string.document_issuer, document.issuer),
    )
    val validity = when (document.state) {
        DocumentState.ACTIVE -> string(R.string.document_valid_until, date(document.validUntil))
        DocumentState.NOT_YET_VALID -> string(R.string.document_valid_from, date(document.validFrom))
        else -> string(document.stateText)
    }
    val tone = tone(document.state)
    val content = column(
        text(string(document.title), Ui.HEADING, bold = true),
        *lines.map { soft(it) }.toTypedArray(),
        text(validity, Ui.SMALL, tone.ink, bold = document.state != DocumentState.ACTIVE),
        document.reissueDue?.let { text(string(it), Ui.SMALL, R.color.warn) },
        gap = 3,
    )
    val spoken = (listOf(string(document.title)) + lines + string(document.stateText) + validity).distinct().joinToString(". ")
    return linkCard(content, spoken, action)
}

fun tone(state: DocumentState): Tone = when (state) {
    DocumentState.ACTIVE -> Tone.GOOD
    DocumentState.NOT_YET_VALID, DocumentState.SUSPENDED -> Tone.WARN
    DocumentState.EXPIRED, DocumentState.REVOKED -> Tone.BAD
}
