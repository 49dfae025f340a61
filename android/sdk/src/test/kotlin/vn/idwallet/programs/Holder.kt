package vn.idwallet.programs

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import vn.idwallet.PresentOptions
import vn.idwallet.PresentationState
import vn.idwallet.StreamCarrier
import vn.idwallet.TrustStore
import vn.idwallet.Wallet
import java.io.File

/**
 * `holder --wallet DIR --address 127.0.0.1:PORT [--decline]`
 *
 * Presents from the wallet in DIR, which has no PIN and its keys in a file: prints `QR <text>`, waits for a reader at the address, gives
 * everything it can, or nothing with `--decline`. The last line is a JSON object: `{"reason": …, "shared": [names]}`.
 */
fun main(words: Array<String>) = program {
    val arguments = Arguments(words, setOf("--decline"))
    val folder = File(arguments.required("--wallet"))
    val trust = TrustStore()
    File(folder, "reader-anchors.pem").takeIf { it.exists() }?.let { trust.addReaderAnchors(it.readBytes()) }
    Wallet.open(folder).use { wallet ->
        StreamCarrier.listen(arguments.required("--address")).use { listener ->
            val presentation = wallet.present(trust, PresentOptions(listener.address))
            say("QR ${presentation.qrText}")
            val ended = coroutineScope {
                val run = async {
                    var state: PresentationState = PresentationState.Waiting
                    while (state !is PresentationState.Ended) state = presentation.run(listener.accept())
                    state
                }
                val answer = launch {
                    presentation.state.collect { state ->
                        if (state is PresentationState.Deciding) {
                            if ("--decline" in arguments) presentation.decline() else presentation.respond(state.review, presentation.everything())
                        }
                    }
                }
                run.await().also { answer.cancel() }
            }
            val shared = ended.answers.flatMap { it.shared }.flatMap { it.elements }.map { it.element }.sorted()
            say(json(mapOf("reason" to ended.reason.word(), "shared" to shared)))
        }
    }
}
