package vn.idwallet

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.io.File
import java.nio.file.Files
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What `tests/flows/fixtures` made. */
object Fixtures {
    val dir = File(System.getProperty("test.fixtures"))

    fun bytes(name: String): ByteArray = File(dir, name).readBytes()

    /** A document and the private key that it is bound to. */
    class Document(val issuerSigned: ByteArray, val key: ByteArray) {
        /** For a wallet whose area takes keys that were made elsewhere. */
        val copy get() = NewCopy(issuerSigned, key)
    }

    fun licence(number: Int = 1) = Document(bytes("driving-licence.$number.cbor"), bytes("driving-licence.$number.key"))

    fun identity(number: Int = 1) = Document(bytes("citizen-identity.$number.cbor"), bytes("citizen-identity.$number.key"))

    fun issuers() = TrustStore().apply { addIssuerAnchors(bytes("anchors.pem")); addReaderAnchors(bytes("reader-anchors.pem")) }

    fun readerIdentity() = ReaderIdentity(bytes("reader.key"), bytes("reader.pem"))

    const val PIN = "804117"
}

/** A clock that a test sets. */
class TestClock : Clock {
    @Volatile var time: Instant = Instant.now()

    @Volatile var uptime: Duration = 1000.seconds

    override fun now() = Now(time, uptime)

    fun pass(duration: Duration) {
        time = time.plusMillis(duration.inWholeMilliseconds)
        uptime += duration
    }
}

/** A folder of its own that is gone afterwards. */
fun inFolder(block: suspend CoroutineScope.(File) -> Unit) {
    val folder = Files.createTempDirectory("idwallet").toFile()
    try {
        runBlocking { withTimeout(60.seconds) { block(folder) } }
    } finally {
        folder.deleteRecursively()
    }
}

/** A wallet with a driving licence, in the software area. */
fun withLicence(block: suspend CoroutineScope.(Wallet) -> Unit) = inFolder { folder ->
    Wallet.create(File(folder, "wallet")).use { wallet ->
        wallet.importDocument(listOf(Fixtures.licence().copy), Fixtures.issuers())
        block(wallet)
    }
}

/** A wallet with a driving licence whose key is in [area]. */
fun withArea(area: SoftArea, block: suspend CoroutineScope.(Wallet) -> Unit) = inFolder { folder ->
    Wallet.create(File(folder, "wallet"), options = WalletOptions(area)).use { wallet ->
        wallet.createDeviceKey()
        wallet.importDocument(Fixtures.licence().issuerSigned, Fixtures.issuers())
        block(wallet)
    }
}

fun areaOfLicence() = SoftArea(listOf(Fixtures.licence().key))

const val LICENCE = "org.iso.18013.5.1.mDL"
const val ISO = "org.iso.18013.5.1"

/** Whether the holder of a licence is over 18, with the portrait to compare. */
val ageOver18 = ReaderRequest.Elements(
    listOf(RequestedItems(LICENCE, listOf(RequestedItem(ISO, "age_over_18"), RequestedItem(ISO, "portrait")))),
)

fun reader(identity: ReaderIdentity? = Fixtures.readerIdentity(), clock: Clock = Clock.system) =
    Reader(Fixtures.issuers(), ReaderPolicy(), identity, clock)

/** A presentation whose messages the test carries; the address that its engagement names is not used. */
suspend fun Wallet.presentation() = present(Fixtures.issuers(), PresentOptions("127.0.0.1:1"))

/** A reader and a holder that have met, over a wire in memory. */
class Meeting(val presentation: Presentation, val reader: Deferred<ReaderResult>, private val run: Deferred<PresentationState>, val link: Link) {
    /** How it ended for the holder. */
    suspend fun ended(): PresentationState.Ended = run.await() as PresentationState.Ended

    fun cancelRun() = run.cancel()

    suspend fun review(): Review = (presentation.state.first { it is PresentationState.Deciding } as PresentationState.Deciding).review
}

suspend fun <T> meeting(
    wallet: Wallet,
    request: ReaderRequest = ageOver18,
    reader: Reader = reader(),
    then: List<ReaderRequest> = emptyList(),
    block: suspend CoroutineScope.(Meeting) -> T,
): T = coroutineScope {
    val link = Link()
    val presentation = wallet.presentation()
    val session = reader.scan(presentation.qrText, request)
    val asked = async { session.run(link.reader, then) }
    val answered = async { presentation.run(link.holder) }
    block(Meeting(presentation, asked, answered, link))
}

suspend inline fun <reified E : Throwable> failsWith(block: suspend () -> Unit): E {
    try {
        block()
    } catch (error: Throwable) {
        if (error is E) return error
        throw AssertionError("threw $error and not ${E::class.simpleName}", error)
    }
    throw AssertionError("threw nothing and not ${E::class.simpleName}")
}
