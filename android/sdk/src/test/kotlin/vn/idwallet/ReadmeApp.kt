package vn.idwallet.readme

import kotlinx.coroutines.CompletableDeferred
import vn.idwallet.LocalizedText
import kotlin.time.Duration

// What the snippets of the README leave to the app.

internal var shown = CompletableDeferred<String>()

internal fun showQr(text: String) {
    shown.complete(text)
}

internal fun say(text: LocalizedText) {
    check(text.vi.isNotEmpty() && text.en.isNotEmpty())
}

internal fun confirmed() = true

internal fun waitFor(duration: Duration) {
    check(duration.isPositive())
}

internal fun offerReissue(documents: List<String>) {
    check(documents.isNotEmpty())
}
