package vn.idwallet

import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

/** Sessions between a holder and a reader. */
class PresentationTest {
    private fun accepted(result: ReaderResult): VerifiedDocument {
        val outcome = result.reports.single().outcome
        assertTrue(outcome is Outcome.Accepted) { "$outcome" }
        return (outcome as Outcome.Accepted).documents.single()
    }

    @Test
    fun `what was approved arrives and nothing else`() = withLicence { wallet ->
        meeting(wallet) { meeting ->
            val review = meeting.review()
            assertTrue(review.canAnswer)
            val request = review.requests.single()
            assertEquals(ReaderState.VERIFIED, request.reader.state)
            val answer = meeting.presentation.respond(review, meeting.presentation.everything())
            val document = accepted(meeting.reader.await())
            assertTrue(document.isBound)
            assertEquals(answer.shared.single().elements.map { it.element }.sorted(), document.claims.map { it.element }.sorted())
            assertEquals(ClaimValue.Bool(true), document.claim(ISO, "age_over_18")?.value)
            assertEquals(null, document.claim(ISO, "family_name"))
            assertEquals(EndReason.FINISHED, meeting.ended().reason)
            assertEquals(listOf(answer), meeting.ended().answers)
            assertEquals(meeting.ended(), meeting.presentation.state.value)
        }
        val entry = wallet.history().entries.last()
        assertEquals("presentation" to HistoryOutcome.SHOWN, entry.event to entry.outcome)
    }

    @Test
    fun `a part is approved and the reader refuses what lacks`() = withLicence { wallet ->
        meeting(wallet, ReaderRequest.Elements(listOf(RequestedItems(LICENCE, listOf(
            RequestedItem(ISO, "family_name"), RequestedItem(ISO, "birth_date", intentToRetain = true),
        ))))) { meeting ->
            val review = meeting.review()
            assertTrue(review.requests.single().asked.single { it.element == "birth_date" }.intentToRetain)
            val everything = meeting.presentation.everything()
            val choice = everything.choices.single()
            val some = Approval(listOf(choice.copy(elements = choice.elements.filter { it.element == "family_name" })))
            meeting.presentation.respond(review, some)
            val report = meeting.reader.await().reports.single()
            assertFalse(report.accepted)
            val reason = report.reasons.single()
            assertEquals(ReasonKind.REQUEST_MISMATCH, reason.kind)
            assertTrue(reason.text.vi.isNotEmpty() && reason.text.vi != reason.text.en)
        }
    }

    @Test
    fun `a decline shares nothing and is in the history`() = withLicence { wallet ->
        meeting(wallet) { meeting ->
            meeting.review()
            assertEquals(emptyList<SharedDocument>(), meeting.presentation.decline().shared)
            assertFalse(meeting.reader.await().accepted)
            meeting.ended()
        }
        assertEquals(HistoryOutcome.DECLINED, wallet.history().entries.last().outcome)
    }

    @Test
    fun `cancelling while the person decides ends both sides`() = withLicence { wallet ->
        meeting(wallet) { meeting ->
            val review = meeting.review()
            meeting.presentation.cancel()
            assertEquals(EndReason.CANCELLED, meeting.ended().reason)
            assertFalse(meeting.reader.await().accepted)
            failsWith<WalletException.InvalidState> { meeting.presentation.respond(review, Approval(emptyList())) }
        }
        assertEquals(HistoryOutcome.CANCELLED, wallet.history().entries.last().outcome)
    }

    @Test
    fun `cancelling the coroutine ends the session`() = withLicence { wallet ->
        meeting(wallet) { meeting ->
            meeting.review()
            meeting.cancelRun()
            assertFalse(meeting.reader.await().accepted)
            val ended = meeting.presentation.state.first { it is PresentationState.Ended } as PresentationState.Ended
            assertEquals(EndReason.CANCELLED, ended.reason)
        }
        assertEquals(HistoryOutcome.CANCELLED, wallet.history().entries.last().outcome)
    }

    @Test
    fun `a reader that hangs up ends the session`() = withLicence { wallet ->
        meeting(wallet) { meeting ->
            meeting.review()
            meeting.link.reader.close()
            assertEquals(EndReason.CONNECTION_LOST, meeting.ended().reason)
            assertEquals(EndReason.CONNECTION_LOST, meeting.reader.await().reason)
        }
    }

    @Test
    fun `a carrier that fails is a lost connection`() = withLicence { wallet ->
        val broken = object : Carrier {
            override suspend fun send(data: ByteArray) = throw IOException("broken")

            override suspend fun receive(): ByteArray? = throw IOException("broken")

            override suspend fun close() = throw IOException("broken")
        }
        val presentation = wallet.presentation()
        assertEquals(PresentationState.Waiting, presentation.run(broken))
        // Nobody had said anything: the code stays good.
        val link = Link()
        val session = reader().scan(presentation.qrText, ageOver18)
        val reader = async { session.run(link.reader) }
        val holder = async { presentation.run(link.holder) }
        val review = (presentation.state.first { it is PresentationState.Deciding } as PresentationState.Deciding).review
        presentation.respond(review, presentation.everything())
        accepted(reader.await())
        assertEquals(EndReason.FINISHED, (holder.await() as PresentationState.Ended).reason)
    }

    @Test
    fun `a carrier that throws what it must not throws it at who runs it, and the wallet goes on`() = withLicence { wallet ->
        val faulty = object : Carrier {
            override suspend fun send(data: ByteArray) = Unit

            override suspend fun receive(): ByteArray? = error("not an IOException")

            override suspend fun close() = Unit
        }
        failsWith<IllegalStateException> { wallet.presentation().run(faulty) }
        assertEquals(1, wallet.refresh().documents.size)
    }

    @Test
    fun `noise ends the session with a reason`() = withLicence { wallet ->
        val link = Link()
        val presentation = wallet.presentation()
        val run = async { presentation.run(link.holder) }
        link.reader.send(ByteArray(1_000_000) { 7 })
        assertEquals(EndReason.REFUSED, (run.await() as PresentationState.Ended).reason)
    }

    @Test
    fun `a second request comes in the same session`() = withLicence { wallet ->
        meeting(wallet, then = listOf(ageOver18)) { meeting ->
            val first = meeting.review()
            meeting.presentation.respond(first, meeting.presentation.everything(), end = false)
            val second = (meeting.presentation.state.first {
                it is PresentationState.Deciding && !it.review.handle.contentEquals(first.handle)
            } as PresentationState.Deciding).review
            failsWith<WalletException.InvalidState> { meeting.presentation.respond(first, meeting.presentation.everything()) }
            val everything = meeting.presentation.everything()
            val again = everything.copy(again = everything.choices.map { it.document })
            meeting.presentation.respond(second, again, end = false)
            val result = meeting.reader.await()
            assertEquals(2, result.reports.size)
            assertTrue(result.accepted)
            assertEquals(2, meeting.ended().answers.size)
        }
    }

    @Test
    fun `a session runs once`() = withLicence { wallet ->
        meeting(wallet) { meeting ->
            meeting.review()
            failsWith<WalletException.InvalidState> { meeting.presentation.run(Link().holder) }
            meeting.presentation.decline()
            meeting.ended()
            meeting.reader.await()
        }
    }

    @Test
    fun `over a socket`() = withLicence { wallet ->
        StreamCarrier.listen("127.0.0.1:0").use { listener ->
            val presentation = wallet.present(Fixtures.issuers(), PresentOptions(listener.address))
            val holder = async { presentation.run(listener.accept()) }
            val session = reader().scan(presentation.qrText, ageOver18)
            assertEquals(listener.address, session.streamAddress)
            val reader = async { session.run(StreamCarrier.connect(session.streamAddress!!)) }
            val review = (presentation.state.first { it is PresentationState.Deciding } as PresentationState.Deciding).review
            presentation.respond(review, presentation.everything())
            accepted(reader.await())
            assertEquals(EndReason.FINISHED, (holder.await() as PresentationState.Ended).reason)
        }
    }

    @Test
    fun `waiting at a socket can be cancelled`() = inFolder {
        StreamCarrier.listen("127.0.0.1:0").use { listener ->
            val accept = launch { listener.accept() }
            delay(50.milliseconds)
            accept.cancel()
            accept.join()
            val other = async { listener.accept() }
            val carrier = StreamCarrier.connect(listener.address)
            val end = other.await()
            val receive = launch { end.receive() }
            delay(50.milliseconds)
            receive.cancel()
            receive.join()
            carrier.send(byteArrayOf(1, 2, 3))
            assertTrue(byteArrayOf(1, 2, 3).contentEquals(end.receive()))
            carrier.close()
            assertEquals(null, end.receive())
            end.close()
        }
        failsWith<IOException> { StreamCarrier.connect("nowhere") }
        failsWith<IOException> { StreamCarrier.listen("127.0.0.1:99999") }
    }

    @Test
    fun `a wallet that locks while a request comes goes on once it is unlocked`() = inFolder { folder ->
        Wallet.create(File(folder, "wallet"), Fixtures.PIN).use { wallet ->
            wallet.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
            val link = Link()
            val presentation = wallet.presentation()
            wallet.lock()
            val session = reader().scan(presentation.qrText, ageOver18)
            val reader = async { session.run(link.reader) }
            val holder = async { presentation.run(link.holder) }
            val blocked = presentation.state.first { it is PresentationState.Blocked } as PresentationState.Blocked
            assertTrue(blocked.error is WalletException.Locked)
            wallet.unlock(Fixtures.PIN)
            val review = (presentation.state.first { it is PresentationState.Deciding } as PresentationState.Deciding).review
            presentation.respond(review, presentation.everything())
            accepted(reader.await())
            holder.await()
        }
    }

    @Test
    fun `from screen to screen, with frames lost`() = withLicence { wallet ->
        val reader = reader().camera(ageOver18)
        val request = transfer(MessageKind.REQUEST, reader.screenMessage)
        val presentation = wallet.answerCamera(request, Fixtures.issuers())
        val review = presentation.resolve()
        val answer = presentation.respond(review, presentation.everything())
        assertEquals(1, answer.answer.shared.size)
        val outcome = reader.received(transfer(MessageKind.RESPONSE, answer.screenMessage))
        assertTrue(outcome is CameraOutcome.Verified && outcome.report.accepted) { "$outcome" }
        failsWith<WalletException.InvalidState> { presentation.decline() }
        failsWith<WalletException.InvalidState> { reader.received(byteArrayOf(1)) }
    }

    @Test
    fun `a decline from screen to screen`() = withLicence { wallet ->
        val reader = reader().camera(ageOver18)
        val presentation = wallet.answerCamera(reader.screenMessage, Fixtures.issuers())
        presentation.resolve()
        val outcome = reader.received(presentation.decline().screenMessage)
        assertFalse(outcome is CameraOutcome.Verified && outcome.report.accepted)
    }

    /** Every second frame is lost; the others come by way of a QR code's picture. */
    private fun transfer(kind: MessageKind, message: ByteArray): ByteArray {
        val encoder = FrameEncoder(kind, message)
        val decoder = FrameDecoder(kind)
        failsWithNow<WalletException.Verifier> { decoder.push("not a frame") }
        var index = 1
        do {
            val text = if (index < 4) scanned(encoder.frame(index)) else encoder.frame(index)
            val progress = decoder.push(text)
            index += 2
        } while (!progress.complete)
        return decoder.data!!
    }

    private fun scanned(text: String): String {
        val code = qrCode(text)
        val scale = 4
        val side = (code.size + 8) * scale
        val picture = ByteArray(side * side) { at ->
            if (code.isDark(at % side / scale - 4, at / side / scale - 4)) 0 else -1
        }
        return scanQr(picture, side, side).single()
    }

    private inline fun <reified E : Throwable> failsWithNow(block: () -> Unit) {
        val error = runCatching(block).exceptionOrNull()
        assertTrue(error is E) { "$error" }
    }
}
