package vn.idwallet

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.Locale
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration.Companion.seconds

/** The vault and its door. */
class WalletTest {
    @Test
    fun `a document is stored, listed, shown and removed, and the list follows`() = inFolder { folder ->
        val dir = File(folder, "wallet")
        val id = Wallet.create(dir).use { wallet ->
            assertEquals(emptyList<DocumentSummary>(), wallet.documents.value.documents)
            val imported = wallet.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
            assertEquals(1, imported.copies)
            assertEquals(listOf(imported.id), wallet.documents.value.documents.map { it.id })
            imported.id
        }
        Wallet.open(dir).use { wallet ->
            val summary = wallet.documents.value.documents.single()
            assertEquals(id, summary.id)
            assertEquals(LICENCE, summary.docType)
            assertEquals(DocumentState.ACTIVE, summary.state)
            assertNotEquals(summary.title.vi, summary.title.en)
            val view = wallet.document(id)
            assertTrue(view.claims.any { it.element == "family_name" && it.shown.vi.isNotEmpty() })
            assertTrue(view.claims.single { it.element == "portrait" }.image!!.isNotEmpty())
            assertEquals(0, wallet.remove(id))
            assertEquals(emptyList<DocumentSummary>(), wallet.documents.value.documents)
            val error = failsWith<WalletException.InvalidState> { wallet.document(id) }
            assertEquals("W401", error.code)
        }
    }

    @Test
    fun `a PIN locks, a wrong one says how many tries are left, then how long to wait`() = inFolder { folder ->
        val clock = TestClock()
        val dir = File(folder, "wallet")
        Wallet.create(dir, Fixtures.PIN, WalletOptions(clock = clock)).use {
            assertEquals(LockState.Unlocked, it.lockState.value)
            it.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
        }
        Wallet.open(dir, WalletOptions(clock = clock)).use { wallet ->
            assertEquals(LockState.Locked, wallet.lockState.value)
            assertEquals(0, wallet.documents.value.documents.size)
            assertEquals("W110", failsWith<WalletException.Locked> { wallet.refresh() }.code)
            assertTrue(wallet.access().needsPin)
            assertEquals(1, wallet.heldPapers().single().count)

            val wrong = failsWith<WalletException.Locked> { wallet.unlock("135790") }
            assertEquals("W111", wrong.code)
            assertEquals(Reaction.ENTER_PIN, wrong.reaction)
            assertEquals(wallet.access().triesLeft, wrong.triesLeft)
            assertEquals("The PIN is wrong.", wrong.text(Locale.ENGLISH).take(17))
            assertEquals("Mã PIN không đúng.", wrong.text(Locale.forLanguageTag("vi-VN")).take(18))
            assertFalse("135790" in wrong.toString() + wrong.detail)

            var wait = wrong.retryAfter
            var tries = 1
            while (wait == null && tries++ < 20) wait = failsWith<WalletException.Locked> { wallet.unlock("135790") }.retryAfter
            assertNotNull(wait)
            val early = failsWith<WalletException.Locked> { wallet.unlock(Fixtures.PIN) }
            assertEquals(Reaction.RETRY_LATER, early.reaction)
            clock.pass(early.retryAfter!! + 1.seconds)
            wallet.unlock(Fixtures.PIN)
            assertEquals(LockState.Unlocked, wallet.lockState.value)
            assertEquals(1, wallet.documents.value.documents.size)

            wallet.lock()
            assertEquals(LockState.Locked, wallet.lockState.value)
            assertEquals(0, wallet.documents.value.documents.size)
            assertEquals("W115", failsWith<WalletException.InvalidState> { wallet.unlock("abc") }.code)
            assertEquals("W115", failsWith<WalletException.InvalidState> { wallet.unlock("") }.code)
        }
    }

    @Test
    fun `a PIN is set, changed and removed, and a recovery code opens without it`() = inFolder { folder ->
        Wallet.create(File(folder, "wallet")).use { wallet ->
            assertEquals("W116", failsWith<WalletException.InvalidState> { wallet.setPin("111111") }.code)
            assertEquals(false to false, wallet.hasPin() to wallet.hasRecoveryCode())
            wallet.setPin(Fixtures.PIN)
            wallet.changePin(Fixtures.PIN, "290681")
            failsWith<WalletException.Locked> { wallet.removePin(Fixtures.PIN) }
            assertEquals(true to false, wallet.hasPin() to wallet.hasRecoveryCode())
            val code = wallet.setRecoveryCode("290681")
            assertEquals(true to true, wallet.hasPin() to wallet.hasRecoveryCode())
            wallet.lock()
            failsWith<WalletException.Locked> { wallet.hasPin() }
            wallet.recover(code, "553019")
            assertEquals(LockState.Unlocked, wallet.lockState.value)
            wallet.removePin("553019")
            wallet.lock()
            wallet.unlock(null)
            assertEquals(LockState.Unlocked, wallet.lockState.value)
        }
    }

    @Test
    fun `a wallet that nobody uses locks itself`() = inFolder { folder ->
        val clock = TestClock()
        Wallet.create(File(folder, "wallet"), Fixtures.PIN, WalletOptions(clock = clock)).use { wallet ->
            wallet.setIdleLimit(2.seconds)
            wallet.refresh()
            val watch = launch { wallet.lockWhenIdle() }
            clock.pass(3.seconds)
            wallet.lockState.first { it == LockState.Locked }
            wallet.unlock(Fixtures.PIN)
            clock.pass(3.seconds)
            wallet.lockState.first { it == LockState.Locked }
            watch.cancel()
        }
    }

    @Test
    fun `one directory is open once, and never written over`() = inFolder { folder ->
        val dir = File(folder, "wallet")
        assertEquals("W504", failsWith<WalletException.Storage> { Wallet.open(dir) }.code)
        Wallet.create(dir).use {
            assertEquals("W501", failsWith<WalletException.Storage> { Wallet.open(dir) }.code)
            assertEquals("W505", failsWith<WalletException.Storage> { Wallet.create(dir) }.code)
        }
        Wallet.open(dir).close()
        val vault = File(dir, "vault.db")
        val damaged = "not a vault".toByteArray()
        vault.writeBytes(damaged)
        failsWith<WalletException.Storage> { Wallet.open(dir) }
        assertTrue(vault.readBytes().contentEquals(damaged))
    }

    @Test
    fun `every call after close says so`() = inFolder { folder ->
        val wallet = Wallet.create(File(folder, "wallet"))
        val presentation = wallet.presentation()
        wallet.close()
        wallet.close()
        assertEquals(LockState.Closed, wallet.lockState.value)
        val trust = Fixtures.issuers()
        val calls: List<Pair<String, suspend () -> Any?>> = listOf(
            "access" to { wallet.access() },
            "unlock" to { wallet.unlock(null) },
            "lock" to { wallet.lock() },
            "refresh" to { wallet.refresh() },
            "document" to { wallet.document("00") },
            "createDeviceKey" to { wallet.createDeviceKey() },
            "import" to { wallet.importDocument(listOf(Fixtures.licence().copy), trust) },
            "remove" to { wallet.remove("00") },
            "history" to { wallet.history() },
            "deleteHistory" to { wallet.deleteHistory() },
            "export" to { wallet.export(File(folder, "x"), "bốn con trâu qua cầu") },
            "planRestore" to { wallet.planRestore(File(folder, "x"), "bốn con trâu qua cầu", trust) },
            "present" to { wallet.present(trust) },
            "answerCamera" to { wallet.answerCamera(byteArrayOf(1), trust) },
            "setIdleLimit" to { wallet.setIdleLimit(5.seconds) },
            "setPin" to { wallet.setPin(Fixtures.PIN) },
            "hasPin" to { wallet.hasPin() },
            "hasRecoveryCode" to { wallet.hasRecoveryCode() },
            "statusSources" to { wallet.statusSources() },
            "check" to { wallet.check() },
            "supportBundle" to { wallet.supportBundle() },
            "protection" to { wallet.protection() },
            "everything" to { presentation.everything() },
        )
        for ((name, call) in calls) {
            val error = runCatching { call() }.exceptionOrNull()
            assertTrue(error is WalletException.InvalidState) { "$name: $error" }
        }
        presentation.close()
    }

    @Test
    fun `200 calls at once, from many threads`() = withLicence { wallet ->
        val id = wallet.documents.value.documents.single().id
        val done = withContext(Dispatchers.Default) {
            coroutineScope {
                (0 until 200).map { index ->
                    async {
                        when (index % 5) {
                            0 -> wallet.document(id).claims.size
                            1 -> wallet.refresh().documents.size
                            2 -> wallet.history().entries.size
                            3 -> wallet.createDeviceKey().publicKey.size
                            else -> wallet.presentation().use { it.qrText.length }
                        }
                    }
                }.awaitAll()
            }
        }
        assertEquals(200, done.count { it > 0 })
        assertEquals(1, wallet.refresh().documents.size)
    }

    @Test
    fun `an export comes back in another wallet`() = inFolder { folder ->
        val file = File(folder, "papers.idwallet")
        val passphrase = "bốn con trâu qua cầu sáng sớm"
        Wallet.create(File(folder, "old")).use { wallet ->
            wallet.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
            assertTrue(failsWith<WalletException.Backup> { wallet.export(file, "short") }.code.startsWith("W70"))
            assertFalse(file.exists())
            assertEquals(1, wallet.export(file, passphrase).documents)
        }
        Wallet.create(File(folder, "new")).use { wallet ->
            assertEquals("W707", failsWith<WalletException.Backup> { wallet.planRestore(file, "$passphrase!", Fixtures.issuers()) }.code)
            val plan = wallet.planRestore(file, passphrase, Fixtures.issuers())
            assertTrue(plan.documents.single().isAdded)
            assertEquals(0, wallet.documents.value.documents.size)
            assertEquals(1, plan.apply().added.size)
            assertEquals(1, wallet.documents.value.documents.size)
            failsWith<WalletException> { plan.apply() }
        }
    }

    @Test
    fun `the log names calls and codes and nothing personal`() = inFolder { folder ->
        val lines = CopyOnWriteArrayList<LogRecord>()
        Wallet.create(File(folder, "wallet"), options = WalletOptions(log = { lines += it })).use { wallet ->
            wallet.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
            failsWith<WalletException> { wallet.document("ff") }
        }
        assertTrue(lines.any { it.call == "import_document" && it.code == null })
        assertTrue(lines.any { it.call == "document" && it.code != null && it.level == LogLevel.WARNING })
        assertFalse(lines.any { "Tran" in it.detail || "Trần" in it.detail })
    }

    @Test
    fun `a history is kept, exported and deleted by its owner`() = withLicence { wallet ->
        val entry = wallet.history().entries.last()
        assertEquals("import", entry.event)
        assertTrue(wallet.history().intact)
        assertTrue("import" in wallet.historyJson())
        assertTrue(wallet.deleteHistory() >= 1)
        assertNull(wallet.history().entries.find { it.event == "import" })
    }
}
