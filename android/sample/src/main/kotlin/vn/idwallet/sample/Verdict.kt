package vn.idwallet.sample

import android.view.View
import vn.idwallet.Outcome
import vn.idwallet.Report
import vn.idwallet.VerifiedDocument

/** The verdict of a report. What a refused answer says is not shown: nobody should act on it. */
fun Ui.verdictScreen(report: Report, again: () -> Unit): View {
    val body = column(gap = 16)
    when (val outcome = report.outcome) {
        is Outcome.Accepted -> {
            body.add(verdict(Tone.GOOD, string(R.string.verdict_accepted), string(R.string.verdict_accepted_explain)), 16)
            outcome.documents.forEach { body.add(verified(it), 16) }
        }
        is Outcome.Refused -> {
            body.add(verdict(Tone.BAD, string(R.string.verdict_refused), string(R.string.verdict_refused_explain)), 16)
            val reasons = card(heading(string(R.string.verdict_why)), gap = 12)
            outcome.reasons.forEach { reasons.add(text(lines(string(it.text), it.clause.ifEmpty { null } to R.color.ink_soft)), 12) }
            body.add(reasons, 16)
        }
    }
    return screen(string(R.string.verdict_title), null, body, column(primary(string(R.string.verdict_again), again)))
}

private fun Ui.verified(document: VerifiedDocument): View {
    val box = card(heading(string(document.title)), gap = 12)
    document.portrait?.let(::picture)?.let {
        box.add(portrait(it))
        box.add(text(string(R.string.verdict_compare), Ui.SMALL, R.color.warn, bold = true), 6)
    }
    document.claims.filterNot { it.element == "portrait" }.forEach {
        box.add(column(soft(string(it.label)), text(string(it.shown), Ui.HEADING, bold = true), gap = 0))
    }
    box.add(soft(string(R.string.document_issuer, document.issuer)))
    box.add(soft(string(R.string.document_valid_until, date(document.validUntil))), 2)
    return box
}

fun Ui.noAnswerScreen(words: String, again: () -> Unit): View = screen(
    string(R.string.verdict_title), null, column(banner(Tone.WARN, string(R.string.verdict_no_answer), words)),
    column(primary(string(R.string.verdict_again), again)),
)
