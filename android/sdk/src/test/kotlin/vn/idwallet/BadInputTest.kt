package vn.idwallet

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.time.Instant

/** Whatever an app passes. */
class BadInputTest {
    private val huge = ByteArray(48 * 1024 * 1024) { (it * 31).toByte() }

    @Test
    fun `what is no document is refused and nothing is stored`() = inFolder { folder ->
        Wallet.create(File(folder, "wallet")).use { wallet ->
            val trust = Fixtures.issuers()
            for (bytes in listOf(byteArrayOf(), byteArrayOf(0), huge, Fixtures.licence().issuerSigned.dropLast(1).toByteArray())) {
                val error = failsWith<WalletException> { wallet.importDocument(bytes, trust) }
                assertTrue(error is WalletException.Issuer || error is WalletException.InvalidState) { "$error" }
            }
            val altered = Fixtures.licence().issuerSigned.also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() }
            failsWith<WalletException.Issuer> { wallet.importDocument(listOf(NewCopy(altered, Fixtures.licence().key)), trust) }
            failsWith<WalletException.Untrusted> { wallet.importDocument(listOf(Fixtures.licence().copy), TrustStore()) }
            failsWith<WalletException> { wallet.importDocument(emptyList(), trust) }
            failsWith<WalletException.InvalidState> { wallet.importDocument(listOf(NewCopy(Fixtures.licence().issuerSigned, huge)), trust) }
            assertEquals(0, wallet.refresh().documents.size)
        }
    }

    @Test
    fun `a document is not taken twice`() = withLicence { wallet ->
        val error = failsWith<WalletException.InvalidState> {
            wallet.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
        }
        assertEquals("W207", error.code)
        assertEquals(wallet.documents.value.documents.single().id, error.document)
    }

    @Test
    fun `ids, texts and numbers that mean nothing`() = withLicence { wallet ->
        for (id in listOf("", "ff", "x".repeat(1_000_000), "\u0000", "../..")) {
            failsWith<WalletException.InvalidState> { wallet.document(id) }
            failsWith<WalletException.InvalidState> { wallet.remove(id) }
        }
        val reader = reader()
        for (text in listOf("", "mdoc:", "mdoc:AAAA", "https://example.com", "x".repeat(5_000_000))) {
            failsWith<WalletException.Verifier> { reader.scan(text, ageOver18) }
        }
        failsWith<WalletException.InvalidState> { reader.camera(ReaderRequest.Template("no such")) }
        failsWith<WalletException.InvalidState> { reader.camera(ReaderRequest.Elements(emptyList())) }
        failsWith<WalletException.Verifier> { wallet.answerCamera(huge, Fixtures.issuers()) }
        failsWith<WalletException.InvalidState> { reader.verifyDeviceResponse(huge, byteArrayOf(1)) }
        failsWith<WalletException.InvalidState> { reader.verifyIssuerSigned(huge) }
        failsWith<WalletException.Issuer> { wallet.updateStatus(huge, Fixtures.issuers()) }
        failsWith<WalletException.InvalidState> { TrustStore().addIssuerAnchors(huge) }
        failsWith<WalletException.InvalidState> { TrustStore().addCrls(huge, Instant.MAX) }
        failsWith<WalletException.InvalidState> { TrustStore().addStatusList("", huge, Instant.MIN) }
        failsWith<WalletException.InvalidState> { Reader(TrustStore(), identity = ReaderIdentity(huge, huge)) }
        failsWith<WalletException.InvalidState> { qrCode("x".repeat(1_000_000)) }
        failsWith<WalletException.InvalidState> { scanQr(huge, 10, 10) }
        failsWith<WalletException.InvalidState> { scanQr(byteArrayOf(), Int.MAX_VALUE, Int.MAX_VALUE) }
        failsWith<WalletException.InvalidState> { scanQr(byteArrayOf(), -1, -1) }
        assertEquals(emptyList<String>(), scanQr(byteArrayOf(), 0, 0))
        failsWith<WalletException.InvalidState> { FrameEncoder(MessageKind.REQUEST, huge) }
        failsWith<WalletException.InvalidState> { FrameEncoder(MessageKind.REQUEST, byteArrayOf()) }
        failsWith<WalletException.Verifier> { FrameDecoder().push("x".repeat(5_000_000)) }
        FrameEncoder(MessageKind.REQUEST, byteArrayOf(1)).frame(-1)
        wallet.deleteHistory(Instant.MIN)
        wallet.deleteHistory(Instant.MAX)
        assertEquals(1, wallet.refresh().documents.size)
    }

    @Test
    fun `an approval of something else answers nothing`() = withLicence { wallet ->
        meeting(wallet) { meeting ->
            val review = meeting.review()
            val everything = meeting.presentation.everything()
            val choice = everything.choices.single()
            val other = ElementName(ISO, "family_name")
            val wrong = listOf(
                Approval(listOf(choice.copy(elements = choice.elements + other))),
                Approval(listOf(choice.copy(document = "0".repeat(32)))),
                Approval(listOf(choice.copy(document = ""))),
                Approval(listOf(choice.copy(request = -1))),
                Approval(listOf(choice.copy(request = Int.MAX_VALUE))),
                Approval(everything.choices, listOf("not an id")),
            )
            for (approval in wrong) failsWith<WalletException.InvalidState> { meeting.presentation.respond(review, approval) }
            for (handle in listOf(byteArrayOf(), ByteArray(16), huge)) {
                failsWith<WalletException.InvalidState> { meeting.presentation.respond(review.copy(handle = handle), everything) }
            }
            meeting.presentation.respond(review, everything)
            assertTrue(meeting.reader.await().accepted)
        }
    }
}
