package vn.idwallet.sample

import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.RadioButton
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import vn.idwallet.Approval
import vn.idwallet.ApprovedDocument
import vn.idwallet.Candidate
import vn.idwallet.ElementName
import vn.idwallet.LocalizedText
import vn.idwallet.OfferedElement
import vn.idwallet.ReaderState
import vn.idwallet.RequestedDocument
import vn.idwallet.Review
import vn.idwallet.Sensitivity
import vn.idwallet.WalletException

/**
 * The consent screen: who asks, what for, what would leave, what that gives away. It ticks what the wallet proposes ([preselected])
 * and nothing else; what it hands on is what is ticked.
 */
class Consent(
    private val ui: Ui,
    private val review: Review,
    preselected: Approval,
    private val scope: CoroutineScope,
    private val givesAway: suspend (Approval) -> List<LocalizedText>,
    private val onApprove: (Approval) -> Unit,
    private val onDecline: () -> Unit,
) {
    /** Of each request, the document that answers and the elements that are ticked. */
    private val chosen = review.requests.indices.associateWith { index ->
        preselected.choices.find { it.request == index }?.document ?: review.requests[index].candidates.firstOrNull()?.document
    }.toMutableMap()
    private val ticked = review.requests.indices.associateWith { index ->
        preselected.choices.find { it.request == index }?.elements.orEmpty().toMutableSet()
    }
    private val again = preselected.again.toMutableSet()

    private lateinit var approve: Button
    private val consequences = ui.column(gap = 0)
    private var looking: Job? = null

    /** The screen. */
    val view: View = build()

    /** What is ticked now. */
    fun approval(): Approval {
        val choices = review.requests.indices.mapNotNull { index ->
            val document = chosen[index] ?: return@mapNotNull null
            val elements = ticked.getValue(index).toList()
            if (elements.isEmpty()) null else ApprovedDocument(index, document, elements)
        }
        return Approval(choices, again.filter { id -> choices.any { it.document == id } })
    }

    private fun build(): View = with(ui) {
        val body = column(gap = 16)
        val readers = review.requests.map { it.reader }.distinct()
        readers.filter { it.state == ReaderState.INVALID || it.state == ReaderState.UNTRUSTED }.forEach {
            body.add(banner(Tone.BAD, string(R.string.consent_warning), string(it.text)), 16)
        }
        readers.filterNot { it.state == ReaderState.INVALID || it.state == ReaderState.UNTRUSTED }.forEach {
            val place = listOfNotNull(it.organization?.takeIf { name -> name != it.name }, it.country).joinToString(", ")
            val tone = if (it.state == ReaderState.VERIFIED) R.color.good else R.color.warn
            body.add(
                card(
                    soft(string(R.string.consent_who)),
                    it.name?.let { name -> text(name, Ui.HEADING, bold = true) },
                    if (place.isEmpty()) null else soft(place),
                    text(string(it.text), Ui.SMALL, tone),
                    gap = 4,
                ),
                16,
            )
        }
        review.requests.forEachIndexed { index, request -> body.add(section(index, request), 16) }
        review.useCases.filter { it.mandatory && it.sets.size > 1 }.forEach { useCase ->
            val sets = useCase.sets.map { set -> set.mapNotNull { review.requests.getOrNull(it)?.title }.joinToString(" + ") { string(it) } }
            body.add(soft(string(R.string.consent_use_case, sets.joinToString("; "))), 16)
        }
        consequences.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        body.add(consequences, 16)
        approve = primary("") { onApprove(approval()) }
        val decline = secondary(string(R.string.consent_decline), onDecline)
        changed()
        screen(string(R.string.consent_title), null, body, bottom = column(approve, decline, gap = 10))
    }

    private fun section(index: Int, request: RequestedDocument): View = with(ui) {
        val whyNone = request.whyNone
        val section = column(heading(string(R.string.consent_asks, string(request.title))), gap = 10)
        request.accountLevel?.let { section.add(soft(string(R.string.consent_level, it)), 4) }
        if (request.candidates.isEmpty()) {
            whyNone?.let { section.add(banner(Tone.WARN, null, string(it)), 10) }
            request.unsuitable.map { string(it.reason) }.distinct().filter { it != whyNone?.let { why -> string(why) } }.forEach { section.add(soft(it), 6) }
            return section
        }
        val place = column()
        if (request.candidates.size > 1) section.add(chooser(index, request, place), 10)
        section.add(place, 10)
        place.add(offer(index, request.candidates.first { it.document == chosen[index] }))
        section
    }

    private fun chooser(index: Int, request: RequestedDocument, place: LinearLayout): View = with(ui) {
        val buttons = mutableListOf<RadioButton>()
        val box = card(text(string(R.string.consent_which), bold = true), gap = 4)
        request.candidates.forEach { candidate ->
            val words = lines(
                string(candidate.summary).ifEmpty { candidate.issuer },
                candidate.ward?.let { string(R.string.document_ward, string(it)) } to R.color.warn,
                string(R.string.document_issuer, candidate.issuer) to R.color.ink_soft,
                string(R.string.document_valid_until, date(candidate.validUntil)) to R.color.ink_soft,
            )
            val button = radio(words, candidate.document == chosen[index]) { selected ->
                if (!selected) return@radio
                buttons.forEach { if (it.tag != candidate.document) it.isChecked = false }
                chosen[index] = candidate.document
                // Another document is another choice: its own ticks, from what it offers by itself.
                ticked.getValue(index).run { clear(); addAll(candidate.elements.filter { it.preselected }.map { it.asked.name }) }
                place.removeAllViews()
                place.add(offer(index, candidate))
                changed()
            }
            button.tag = candidate.document
            buttons += button
            box.add(button, 4)
        }
        box
    }

    private fun offer(index: Int, candidate: Candidate): View = with(ui) {
        val box = column(gap = 10)
        candidate.warnings.forEach { box.add(banner(if (it.isRefusal) Tone.BAD else Tone.WARN, null, string(it.text)), 10) }
        candidate.ward?.let { box.add(banner(Tone.CALM, null, string(R.string.document_ward, string(it))), 10) }
        candidate.authority?.let { box.add(soft(string(it)), 10) }
        val entries = card(text(string(R.string.consent_give), bold = true), gap = 2)
        candidate.elements.forEach { entries.add(entry(index, it), 2) }
        if (candidate.elements.isNotEmpty()) box.add(entries, 10)
        if (candidate.portraitIsDue) box.add(banner(Tone.CALM, null, string(R.string.consent_portrait)), 10)
        if (candidate.missing.isNotEmpty()) {
            val missing = card(text(string(R.string.consent_missing), bold = true), gap = 8)
            candidate.missing.forEach { missing.add(text(lines(string(it.asked.label), string(it.reason) to R.color.ink_soft)), 8) }
            box.add(missing, 10)
        }
        if (candidate.copyAgain) {
            val words = lines(string(R.string.consent_again), string(R.string.consent_again_explain) to R.color.warn)
            box.add(check(words, candidate.document in again) {
                if (it) again += candidate.document else again -= candidate.document
                changed()
            }, 10)
        }
        box
    }

    private fun entry(index: Int, offered: OfferedElement): View = with(ui) {
        val ticks = ticked.getValue(index)
        val name: ElementName = offered.asked.name
        val values = offered.gives.joinToString("\n") { given ->
            val label = if (offered.gives.size > 1 || given.label != offered.asked.label) string(given.label) + ": " else ""
            val shown = if (given.element.contains("portrait") || given.element.contains("image")) string(R.string.consent_portrait_picture) else string(given.shown)
            label + shown + given.meanings.joinToString("") { " (" + string(it) + ")" }
        }
        val also = offered.gives.flatMap { it.givesAway }.distinct()
        val words = lines(
            string(offered.asked.label),
            values to R.color.ink,
            (if (offered.asked.sensitivity == Sensitivity.NORMAL) null else string(R.string.consent_sensitive)) to R.color.bad,
            (if (also.isEmpty()) null else string(R.string.consent_also, also.joinToString("; ") { string(it) })) to R.color.warn,
            (if (offered.asked.intentToRetain) string(R.string.consent_retain) else null) to R.color.warn,
        )
        check(words, name in ticks) {
            if (it) ticks += name else ticks -= name
            changed()
        }.apply { tag = name }
    }

    /** The button counts what is ticked, and what the choice gives away is asked anew. */
    private fun changed() {
        val approval = approval()
        val count = approval.choices.sumOf { it.elements.size }
        approve.text = if (count == 0) ui.string(R.string.consent_unticked) else ui.context.resources.getQuantityString(R.plurals.consent_approve, count, count)
        ui.enable(approve, count > 0)
        looking?.cancel()
        looking = scope.launch {
            val texts = try {
                if (count == 0) emptyList() else givesAway(approval)
            } catch (_: WalletException) {
                return@launch // The session ended or the wallet locked itself: its own screen tells.
            }
            consequences.removeAllViews()
            with(ui) {
                if (count == 0) consequences.add(soft(string(R.string.consent_nothing)))
                else if (texts.isNotEmpty()) {
                    consequences.add(banner(Tone.WARN, string(R.string.consent_gives_away), texts.joinToString("\n") { "• " + string(it) }))
                }
            }
        }
    }
}

/** What was given, in words. */
fun Ui.answered(review: Review?, answer: vn.idwallet.Answer): List<View> {
    val views = mutableListOf<View>()
    if (answer.shared.isEmpty()) views += banner(Tone.CALM, string(R.string.present_shared_nothing), null)
    answer.shared.forEach { shared ->
        val request = review?.requests?.find { request -> request.candidates.any { it.document == shared.document } }
        val offered = request?.candidates?.find { it.document == shared.document }?.elements.orEmpty().flatMap { it.gives }
        val names = shared.elements.map { name ->
            offered.find { it.nameSpace == name.nameSpace && it.element == name.element }?.label?.let { string(it) }
                ?: request?.asked?.find { it.name == name }?.label?.let { string(it) } ?: name.element
        }
        views += banner(Tone.GOOD, string(R.string.present_shared), listOfNotNull(request?.title?.let { string(it) }, names.joinToString(", ")).joinToString(": "))
        shared.reissueDue?.let { views += banner(Tone.WARN, null, string(it)) }
    }
    if (answer.withheld.isNotEmpty()) views += banner(Tone.WARN, null, string(R.string.present_withheld))
    if (!answer.logged) views += banner(Tone.WARN, null, string(R.string.present_not_logged))
    return views
}
