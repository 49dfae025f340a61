package vn.idwallet

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import vn.idwallet.readme.checkAge
import vn.idwallet.readme.firstDocument
import vn.idwallet.readme.shown
import vn.idwallet.readme.unlock
import java.io.File

/** The snippets of `android/README.md` do what they say. */
class ReadmeTest {
    @Test
    fun `a first document is stored and presented to the reader beside it`() = inFolder { folder ->
        shown = CompletableDeferred()
        val holder = async {
            // The area makes the key that the document of the fixtures is bound to: the test plays the issuer.
            val options = WalletOptions(SoftArea(listOf(Fixtures.identity().key)))
            firstDocument(File(folder, "wallet"), Fixtures.bytes("anchors.pem"), options) { Fixtures.identity().issuerSigned }
        }
        assertTrue(checkAge(shown.await(), Fixtures.issuers(), Fixtures.readerIdentity()))
        holder.await()
    }

    @Test
    fun `a wrong PIN is told`() = inFolder { folder ->
        Wallet.create(File(folder, "wallet"), Fixtures.PIN).use { wallet ->
            wallet.lock()
            assertFalse(unlock(wallet, "135790"))
            assertTrue(unlock(wallet, Fixtures.PIN))
        }
    }
}
