package vn.idwallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import vn.idwallet.ffi.polls
import vn.idwallet.ffi.uniffiForeignFutureHandleCount
import java.io.File
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** Calls that are cancelled at any moment, also in that in which they are done. */
class CancelTest {
    /** What became of calls that were cancelled. */
    private class Tally(var cancelled: Int = 0, var done: Int = 0) {
        /** The cancelling hit before the end and after it, so it hit around it. */
        fun holds() = assertTrue(cancelled > 10 && done > 10) { "cancelled $cancelled, done $done: the moments are not around the end" }
    }

    /** Cancels [call] at moments from its beginning until a little after its end; [close] gets what it gave, if it was given. */
    private suspend fun <T : Any> cancelling(times: Int, close: suspend (T) -> Unit, call: suspend () -> T, then: suspend () -> Unit): Tally {
        val tally = Tally()
        // Around how long it takes: longer after a call that was cancelled, shorter after one that was done, so that both come on any machine.
        var length = TimeSource.Monotonic.markNow().let { begun -> close(call()); begun.elapsedNow() }
        repeat(times) {
            coroutineScope {
                val begun = TimeSource.Monotonic.markNow()
                // Not `async`: what that gives is lost when it is cancelled after the call and before its own end.
                var given: T? = null
                val calling = launch(Dispatchers.Default) { given = call() }
                val moment = length * Random.nextDouble(0.3, 1.3)
                while (begun.elapsedNow() < moment) Thread.onSpinWait()
                calling.cancelAndJoin()
                given?.let { close(it) }
                if (given == null) tally.cancelled++ else tally.done++
                length *= if (given == null) 1.1 else 0.9
            }
            then()
        }
        return tally
    }

    /** The library waits for nothing any more, and nothing waits for it. */
    private suspend fun nothingIsLeft() {
        val end = TimeSource.Monotonic.markNow() + 10.seconds
        while ((polls.size > 0 || uniffiForeignFutureHandleCount() > 0) && end.hasNotPassedNow()) delay(10)
        assertEquals(0 to 0, polls.size to uniffiForeignFutureHandleCount())
    }

    @Test
    fun `a wallet whose opening is cancelled can be opened again at once`() = inFolder { folder ->
        val dir = File(folder, "wallet")
        Wallet.create(dir).close()
        cancelling(300, { it.close() }, { Wallet.open(dir) }) { Wallet.open(dir).close() }.holds()
        nothingIsLeft()
    }

    @Test
    fun `the same where the area takes its time`() = inFolder { folder ->
        val dir = File(folder, "wallet")
        val slow = object : SoftArea() {
            override suspend fun unwrap(context: ByteArray, wrapped: ByteArray): ByteArray {
                yield()
                delay(1)
                return super.unwrap(context, wrapped)
            }
        }
        val options = WalletOptions(slow)
        Wallet.create(dir, options = options).close()
        cancelling(300, { it.close() }, { Wallet.open(dir, options) }) { Wallet.open(dir, options).close() }.holds()
        nothingIsLeft()
    }

    @Test
    fun `a session whose beginning is cancelled keeps nothing`() = inFolder { folder ->
        val dir = File(folder, "wallet")
        val wallet = Wallet.create(dir)
        wallet.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
        cancelling(300, { it.close() }, { wallet.presentation() }) { }.holds()
        meeting(wallet) { meeting ->
            meeting.presentation.respond(meeting.review(), meeting.presentation.everything())
            assertTrue(meeting.reader.await().accepted)
        }
        wallet.close()
        Wallet.open(dir).use { assertEquals(1, it.documents.value.documents.size) }
        nothingIsLeft()
    }

    @Test
    fun `an answer to a camera is had by whoever asks again for it`() = withLicence { wallet ->
        var (cancelled, again) = 0 to 0
        var length = 3_000_000L
        repeat(150) {
            val reader = reader().camera(ageOver18)
            val presentation = wallet.answerCamera(reader.screenMessage, Fixtures.issuers())
            val review = presentation.resolve()
            val everything = presentation.everything()
            var given: CameraAnswer? = null
            val begun = System.nanoTime()
            val answering = launch(Dispatchers.Default) {
                given = presentation.respond(review, everything).also { length = (length * 7 + System.nanoTime() - begun) / 8 }
            }
            val moment = (length * Random.nextDouble(0.0, 1.3)).toLong()
            while (System.nanoTime() - begun < moment) Thread.onSpinWait()
            answering.cancelAndJoin()
            if (given == null) {
                cancelled++
                // Too late to be cancelled: it is not to be had by declining.
                if (presentation.review() == null) {
                    again++
                    failsWith<WalletException.InvalidState> { presentation.decline() }
                }
                given = presentation.respond(review, everything)
            }
            val outcome = reader.received(checkNotNull(given).screenMessage)
            assertTrue(outcome is CameraOutcome.Verified && outcome.report.accepted) { "$outcome" }
            failsWith<WalletException.InvalidState> { presentation.respond(review, everything) }
        }
        assertTrue(cancelled > 10 && again > 0) { "cancelled $cancelled, of them $again too late" }
    }

    @Test
    fun `an export that is cancelled leaves no file`() = inFolder { folder ->
        Wallet.create(File(folder, "wallet")).use { wallet ->
            var given = false
            val exporting = launch(Dispatchers.Default) { wallet.export(File(folder, "backup"), "bốn con trâu qua cầu"); given = true }
            delay(50)
            exporting.cancelAndJoin()
            assertEquals(false to listOf("wallet"), given to folder.list().orEmpty().toList())
        }
    }

    @Test
    fun `a recovery code that nobody got is none`() = inFolder { folder ->
        Wallet.create(File(folder, "wallet"), Fixtures.PIN).use { wallet ->
            wallet.setRecoveryCode(Fixtures.PIN)
            var given: String? = null
            val making = launch(Dispatchers.Default) { given = wallet.setRecoveryCode(Fixtures.PIN) }
            delay(50)
            making.cancelAndJoin()
            assertEquals(null to false, given to wallet.hasRecoveryCode())
            // The next one is as good as any.
            val code = wallet.setRecoveryCode(Fixtures.PIN)
            wallet.lock()
            wallet.recover(code, "290681")
        }
    }

    @Test
    fun `an answer that was given is told, whoever was cancelled meanwhile`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            var (cancelled, again) = 0 to 0
            var length = 3_000_000L
            repeat(150) {
                meeting(wallet) { meeting ->
                    val review = meeting.review()
                    val everything = meeting.presentation.everything()
                    val begun = System.nanoTime()
                    val answering = async(Dispatchers.Default) {
                        meeting.presentation.respond(review, everything).also { length = (length * 7 + System.nanoTime() - begun) / 8 }
                    }
                    val moment = (length * Random.nextDouble(0.0, 1.3)).toLong()
                    while (System.nanoTime() - begun < moment) Thread.onSpinWait()
                    answering.cancelAndJoin()
                    if (runCatching { answering.await() }.exceptionOrNull() is CancellationException) {
                        cancelled++
                        // Either it was too late, or nothing was used up and the review is open still.
                        try {
                            meeting.presentation.respond(review, everything)
                            again++
                        } catch (error: WalletException.InvalidState) {
                            assertTrue(error.code.startsWith("W3")) { "$error" }
                        }
                    }
                    assertTrue(meeting.reader.await().accepted)
                    assertEquals(1, meeting.ended().answers.size, "the reader got an answer, and the owner is told of another number")
                }
            }
            assertTrue(cancelled > 10 && again in 1..cancelled) { "cancelled $cancelled, answered again $again" }
        }
    }
}
