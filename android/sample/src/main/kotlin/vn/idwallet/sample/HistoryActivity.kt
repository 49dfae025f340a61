package vn.idwallet.sample

import android.view.View
import vn.idwallet.History
import vn.idwallet.HistoryEntry
import vn.idwallet.HistoryNames
import vn.idwallet.HistoryOutcome
import vn.idwallet.Wallet

/** Who asked for what, and what they got. */
class HistoryActivity : BaseActivity() {
    override suspend fun onWallet(wallet: Wallet) = render(wallet)

    private suspend fun render(wallet: Wallet) {
        val history = wallet.history()
        show(
            ui.historyScreen(history, ::finish) {
                sure(ui.string(R.string.history_delete_sure), ui.string(R.string.history_delete_yes)) {
                    launch { wallet.deleteHistory(); render(wallet) }
                }
            },
        )
    }
}

fun Ui.historyScreen(history: History, back: () -> Unit, onDelete: () -> Unit): View {
    val body = column(gap = 14)
    if (history.intact) body.add(banner(Tone.GOOD, null, string(R.string.history_intact)), 14)
    else body.add(banner(Tone.BAD, string(R.string.history_broken), history.problems.joinToString("\n") { string(it) }), 14)
    if (history.entries.isEmpty()) body.add(text(string(R.string.history_empty)), 14)
    history.entries.asReversed().forEach { body.add(entry(it), 14) }
    if (history.entries.isNotEmpty()) body.add(secondary(string(R.string.history_delete), onDelete), 18)
    return screen(string(R.string.history_title), back, body)
}

private fun Ui.entry(entry: HistoryEntry): View = card(
    soft(dateTime(entry.at)),
    text(string(entry.eventText) + " – " + string(entry.outcomeText), bold = true, color = color(entry.outcome)),
    if (entry.asked.isNotEmpty() || entry.documents.isEmpty()) null else text(entry.documents.joinToString(", ") { string(it) }, Ui.SMALL),
    entry.who?.let { text(string(it), Ui.SMALL) },
    names(R.string.history_asked, entry.asked) { it.names },
    names(R.string.history_shared, entry.shared) { it.names },
    names(R.string.history_retained, entry.asked) { it.retained },
    entry.code?.let { soft(string(R.string.error_code, it)) },
    gap = 4,
)

private fun Ui.names(words: Int, documents: List<HistoryNames>, pick: (HistoryNames) -> List<vn.idwallet.LocalizedText>): View? {
    val list = documents.mapNotNull { document ->
        val names = pick(document).ifEmpty { return@mapNotNull null }
        string(document.title) + " (" + names.joinToString(", ") { string(it) } + ")"
    }
    return if (list.isEmpty()) null else text(string(words, list.joinToString("; ")), Ui.SMALL)
}

private fun color(outcome: HistoryOutcome): Int = when (outcome) {
    HistoryOutcome.DONE, HistoryOutcome.SHOWN -> R.color.good
    HistoryOutcome.FAILED, HistoryOutcome.REFUSED -> R.color.bad
    else -> R.color.ink
}
