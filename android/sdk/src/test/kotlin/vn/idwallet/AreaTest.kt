package vn.idwallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.lang.ref.WeakReference
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Whatever an app's secure area does. */
class AreaTest {
    private suspend fun copiesLeft(wallet: Wallet) = wallet.refresh().documents.single().copiesLeft

    @Test
    fun `the app's area signs`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            meeting(wallet) { meeting ->
                meeting.presentation.respond(meeting.review(), meeting.presentation.everything())
                assertTrue(meeting.reader.await().accepted)
            }
            assertEquals(1, area.uses.get())
        }
    }

    @Test
    fun `cancelled while it waits for the finger, nothing is lost and no copy is used`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            val before = copiesLeft(wallet)
            meeting(wallet) { meeting ->
                val (prompt, closed) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
                area.beforeSigning = {
                    prompt.complete(Unit)
                    try {
                        awaitCancellation()
                    } finally {
                        closed.complete(Unit)
                    }
                }
                val review = meeting.review()
                val everything = meeting.presentation.everything()
                val respond = launch { meeting.presentation.respond(review, everything) }
                prompt.await()
                assertEquals(1, wallet.refresh().documents.size)
                respond.cancel()
                respond.join()
                withTimeout(5.seconds) { closed.await() }
                assertEquals(before, copiesLeft(wallet))
                assertEquals(0, area.uses.get())

                area.beforeSigning = {}
                meeting.presentation.respond(review, everything)
                assertTrue(meeting.reader.await().accepted)
            }
        }
    }

    @Test
    fun `the session can be cancelled while it waits for the finger`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            meeting(wallet) { meeting ->
                val prompt = CompletableDeferred<Unit>()
                area.beforeSigning = { prompt.complete(Unit); awaitCancellation() }
                val review = meeting.review()
                val everything = meeting.presentation.everything()
                val respond = launch { failsWith<WalletException.InvalidState> { meeting.presentation.respond(review, everything) } }
                prompt.await()
                meeting.presentation.cancel()
                respond.join()
                assertEquals(EndReason.CANCELLED, meeting.ended().reason)
                assertTrue(!meeting.reader.await().accepted)
            }
            assertEquals(1, wallet.refresh().documents.size)
        }
    }

    @Test
    fun `a reader that leaves while it waits for the finger ends the wait`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            meeting(wallet) { meeting ->
                val prompt = CompletableDeferred<Unit>()
                area.beforeSigning = { prompt.complete(Unit); awaitCancellation() }
                val review = meeting.review()
                val everything = meeting.presentation.everything()
                val respond = launch { failsWith<WalletException.InvalidState> { meeting.presentation.respond(review, everything) } }
                prompt.await()
                meeting.link.reader.close()
                respond.join()
                assertEquals(EndReason.CONNECTION_LOST, meeting.ended().reason)
                meeting.reader.await()
            }
        }
    }

    @Test
    fun `what it must not throw is an error of its own, and the wallet goes on`() {
        val thrown = listOf<() -> Throwable>(
            { IllegalStateException("secret 4711") },
            { NotImplementedError("secret 4711") },
            { StackOverflowError() },
            { CancellationException("secret 4711") },
            { java.io.IOException("secret 4711") },
        )
        for (make in thrown) {
            val area = areaOfLicence()
            withArea(area) { wallet ->
                val before = copiesLeft(wallet)
                meeting(wallet) { meeting ->
                    area.beforeSigning = { throw make() }
                    val review = meeting.review()
                    val error = failsWith<WalletException.Internal> {
                        withTimeout(10.seconds) { meeting.presentation.respond(review, meeting.presentation.everything()) }
                    }
                    assertTrue("4711" !in error.detail + error.text) { error.detail }
                    assertEquals(before, copiesLeft(wallet))
                    area.beforeSigning = {}
                    meeting.presentation.respond(review, meeting.presentation.everything())
                    assertTrue(meeting.reader.await().accepted)
                }
            }
        }
    }

    @Test
    fun `a prompt that the person closed leaves the review open`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            meeting(wallet) { meeting ->
                area.beforeSigning = { throw SecureAreaException.UserCancelled() }
                val review = meeting.review()
                val error = failsWith<WalletException.UserCancelled> {
                    meeting.presentation.respond(review, meeting.presentation.everything())
                }
                assertEquals("W101" to Reaction.NOTHING, error.code to error.reaction)
                area.beforeSigning = { throw SecureAreaException.AuthenticationRequired() }
                failsWith<WalletException.UserAuthRequired> { meeting.presentation.respond(review, meeting.presentation.everything()) }
                area.beforeSigning = {}
                meeting.presentation.respond(review, meeting.presentation.everything())
                assertTrue(meeting.reader.await().accepted)
            }
        }
    }

    @Test
    fun `a key that is gone names its document`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            val id = wallet.documents.value.documents.single().id
            meeting(wallet) { meeting ->
                val review = meeting.review()
                area.invalidateAll()
                val error = failsWith<WalletException.KeyInvalidated> {
                    meeting.presentation.respond(review, meeting.presentation.everything())
                }
                assertEquals(listOf(id), error.documents)
                assertEquals(Reaction.ASK_REISSUE, error.reaction)
                meeting.presentation.cancel()
                meeting.reader.await()
            }
            assertEquals(1, wallet.refresh().documents.size)
        }
    }

    @Test
    fun `it may use the wallet meanwhile`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            val id = wallet.documents.value.documents.single().id
            var seen = 0
            meeting(wallet) { meeting ->
                val review = meeting.review()
                area.beforeSigning = {
                    seen = wallet.document(id).claims.size + wallet.history().entries.size + wallet.refresh().documents.size
                    wallet.createDeviceKey()
                }
                withTimeout(20.seconds) { meeting.presentation.respond(review, meeting.presentation.everything()) }
                assertTrue(meeting.reader.await().accepted)
            }
            assertTrue(seen > 3)
        }
    }

    @Test
    fun `one that hangs keeps nobody else waiting`() {
        val area = areaOfLicence()
        withArea(area) { wallet ->
            meeting(wallet) { meeting ->
                area.beforeSigning = { awaitCancellation() }
                val review = meeting.review()
                val everything = meeting.presentation.everything()
                assertNull(withTimeoutOrNull(300.milliseconds) { meeting.presentation.respond(review, everything) })
                assertEquals(1, withTimeout(5.seconds) { wallet.refresh() }.documents.size)
                meeting.presentation.cancel()
                meeting.ended()
                meeting.reader.await()
            }
        }
    }

    @Test
    fun `what the app no longer holds is kept as long as the wallet needs it`() = inFolder { folder ->
        fun options() = WalletOptions(areaOfLicence(), { Clock.system.now() }, { })
        val wallet = Wallet.create(File(folder, "wallet"), options = options())
        repeat(5) { System.gc(); System.runFinalization(); Thread.sleep(20) }
        wallet.createDeviceKey()
        wallet.importDocument(Fixtures.licence().issuerSigned, Fixtures.issuers())
        meeting(wallet) { meeting ->
            System.gc()
            meeting.presentation.respond(meeting.review(), meeting.presentation.everything())
            assertTrue(meeting.reader.await().accepted)
        }
        wallet.close()
    }

    @Test
    fun `what the app drops without closing is let go`() = inFolder { folder ->
        suspend fun drop(): WeakReference<Wallet> = WeakReference(Wallet.create(File(folder, "wallet")))
        val dropped = drop()
        var opened: Wallet? = null
        withTimeout(20.seconds) {
            while (opened == null) {
                System.gc()
                opened = runCatching { Wallet.open(File(folder, "wallet")) }.getOrNull()
                Thread.sleep(50)
            }
        }
        assertNull(dropped.get())
        opened?.close()
    }

    @Test
    fun `a clock or a log that throws does no harm`() = inFolder { folder ->
        var isBroken = false
        val clock = Clock { if (isBroken) error("secret 4711") else Clock.system.now() }
        Wallet.create(File(folder, "wallet"), options = WalletOptions(clock = clock, log = { error("secret 4711") })).use { wallet ->
            isBroken = true
            val error = failsWith<WalletException.Internal> { wallet.refresh() }
            assertTrue("4711" !in error.detail)
            isBroken = false
            assertEquals(0, wallet.refresh().documents.size)
        }
    }
}
