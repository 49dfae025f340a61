package vn.idwallet.sample

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.LinearLayout
import vn.idwallet.Claim
import vn.idwallet.DocumentState
import vn.idwallet.DocumentView
import vn.idwallet.Sensitivity
import vn.idwallet.Wallet

/** One document with everything that it says. */
class DocumentActivity : BaseActivity() {
    private var showSensitive = false

    override suspend fun onWallet(wallet: Wallet) {
        val id = intent.getStringExtra(ID) ?: return finish()
        render(wallet, wallet.document(id))
    }

    private fun render(wallet: Wallet, document: DocumentView) {
        show(
            ui.documentScreen(
                document, showSensitive, back = ::finish,
                onShowSensitive = { showSensitive = true; render(wallet, document) },
                onRemove = {
                    sure(ui.string(R.string.document_remove_sure), ui.string(R.string.document_remove)) {
                        launch { wallet.remove(document.summary.id); finish() }
                    }
                },
            ),
        )
    }

    companion object {
        const val ID = "id"
    }
}

fun Ui.documentScreen(document: DocumentView, showSensitive: Boolean, back: () -> Unit, onShowSensitive: () -> Unit, onRemove: () -> Unit): View {
    val summary = document.summary
    val body = column()
    if (summary.state != DocumentState.ACTIVE) body.add(banner(tone(summary.state), string(summary.stateText), null))
    document.claims.firstOrNull { it.element == "portrait" }
        ?.image?.let(::picture)?.let { body.add(portrait(it)) }
    val facts = card(gap = 14)
    document.claims.filter { it.image == null }.forEach { facts.add(claim(it, showSensitive), 14) }
    body.add(facts)
    if (!showSensitive && document.claims.any { it.image == null && it.isHidden }) body.add(secondary(string(R.string.document_show_sensitive), onShowSensitive))
    val copies = summary.copiesLeft?.let { string(R.string.document_copies, it, summary.copiesTotal) }
    body.add(
        card(
            soft(string(R.string.document_issuer, summary.issuer)),
            soft(string(R.string.document_valid_from, date(summary.validFrom))),
            soft(string(R.string.document_valid_until, date(summary.validUntil))),
            copies?.let(::soft),
            summary.reissueDue?.let { text(string(it), Ui.SMALL, R.color.warn) },
        ),
    )
    body.add(soft(string(R.string.document_shown_once)))
    body.add(secondary(string(R.string.document_remove), onRemove))
    return screen(string(summary.title), back, body)
}

private val Claim.isHidden: Boolean get() = sensitivity == Sensitivity.VERY_SENSITIVE

private fun Ui.claim(claim: Claim, showSensitive: Boolean): View {
    val hidden = claim.isHidden && !showSensitive
    return column(
        soft(string(claim.label)),
        text(if (hidden) string(R.string.document_hidden) else string(claim.shown), bold = !hidden, color = if (hidden) R.color.ink_soft else R.color.ink),
        *(if (hidden) emptyList() else claim.meanings).map { soft(string(it)) }.toTypedArray(),
        if (claim.givesAway.isEmpty() || hidden) null
        else text(string(R.string.document_gives_away, claim.givesAway.joinToString("; ") { string(it) }), Ui.SMALL, R.color.warn),
        gap = 2,
    )
}

/** The picture, if the platform can show its format. */
fun picture(bytes: ByteArray): Bitmap? = BitmapFactory.decodeByteArray(bytes, 0, bytes.size)

fun Ui.portrait(bitmap: Bitmap): View = LinearLayout(context).apply {
    addView(
        ImageView(context).apply {
            setImageBitmap(bitmap)
            contentDescription = string(R.string.document_portrait)
            scaleType = ImageView.ScaleType.CENTER_CROP
            clipToOutline = true
            background = shape(R.color.line)
        },
        ViewGroup.LayoutParams(dp(120), dp(150)),
    )
}
