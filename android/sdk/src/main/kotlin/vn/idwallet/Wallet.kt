package vn.idwallet

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.io.File
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** Whether the wallet can be used. */
public sealed interface LockState {
    /** It can. */
    public data object Unlocked : LockState

    /** It cannot: ask for the PIN. [Wallet.access] says how many tries are left and how long to wait. */
    public data object Locked : LockState

    /** This object was closed; every call throws [WalletException.InvalidState]. */
    public data object Closed : LockState
}

/** What it takes to unlock a wallet. */
public data class Access(
    /** Whether it has a PIN. */
    public val needsPin: Boolean,
    /** Whether it has a recovery code. */
    public val hasRecoveryCode: Boolean,
    /** Whether its owner closed it: [Wallet.unlockClosed] opens it again. */
    public val isClosed: Boolean,
    /** Whether an authority that the owner named holds it, because the device was reported lost. */
    public val isHeld: Boolean,
    /** How many wrong PINs there may be until one costs a wait. */
    public val triesLeft: Int,
    /** How long to wait before the next try, in time that the device is on; zero for not at all. */
    public val retryAfter: Duration,
)

/** What the app gives a wallet. */
public class WalletOptions(
    /** The hardware that keeps the keys; `null` for keys in a file beside the vault, which protects from nobody who can read files. */
    public val secureArea: SecureArea? = null,
    /** Where the time comes from. */
    public val clock: Clock = Clock.system,
    /** Where the log goes; `null` for nowhere. */
    public val log: LogSink? = null,
    /** Where the wallet works: everything that touches the vault runs there, and so do the methods of [secureArea]. */
    public val dispatcher: CoroutineDispatcher = Dispatchers.IO,
)

/**
 * The citizen's wallet: documents in an encrypted vault, unlocked by a PIN if they want one, presented with their consent.
 *
 * It may be used from any thread and by any number of coroutines; calls wait for each other. Suspending calls run on the dispatcher of
 * [WalletOptions], may be cancelled at any moment, and lose nothing then but what is told once, by [setRecoveryCode]. One directory is open once: [close] before it is opened again.
 * Every call may throw [WalletException]: [WalletException.Locked] while the wallet is locked, [WalletException.InvalidState] after
 * [close], [WalletException.Storage] when the disk fails.
 */
public class Wallet private constructor(
    private val ffi: vn.idwallet.ffi.Wallet,
    private val clock: Clock,
    private val dispatcher: CoroutineDispatcher,
) : AutoCloseable {
    private val lists = MutableStateFlow(EMPTY)
    private val locks = MutableStateFlow<LockState>(LockState.Locked)
    private val turn = Mutex()

    @Volatile private var isClosed = false

    /** What is in the wallet, the newest knowledge first seen after every change; empty while it is locked. */
    public val documents: StateFlow<DocumentList> = lists.asStateFlow()

    /** Whether the wallet can be used. */
    public val lockState: StateFlow<LockState> = locks.asStateFlow()

    // The door ---------------------------------------------------------------------------------------------------------

    /**
     * What it takes to unlock it.
     *
     * @throws WalletException.InvalidState when it is unlocked.
     */
    public suspend fun access(): Access = call { ffi.access().toApi() }

    /**
     * Unlocks it with its PIN; a wallet without one needs `null`. A try counts before it is made, whatever happens to this call.
     *
     * @throws WalletException.Locked for a wrong PIN, with the tries that are left or the time to wait.
     * @throws WalletException.InvalidState for what cannot be a PIN, or when its owner closed it.
     */
    public suspend fun unlock(pin: String?): Unit = changing { ffi.unlock(pin) }

    /**
     * Unlocks a wallet that its owner closed.
     *
     * @throws WalletException.Locked for a wrong PIN.
     */
    public suspend fun unlockClosed(pin: String?): Unit = changing { ffi.unlockClosed(pin) }

    /**
     * Unlocks it with the recovery code and puts a new PIN in the place of the forgotten one.
     *
     * @throws WalletException.Locked for a wrong code.
     */
    public suspend fun recover(code: String, newPin: String): Unit = changing { ffi.recover(code, newPin) }

    /**
     * Locks it now: every derived key and every decrypted record is wiped. Calls that wait for the secure area end with
     * [WalletException.Locked], whether it ever answers them or not, and lose nothing.
     */
    public suspend fun lock(): Unit = changing { ffi.lock() }

    /** Closes it on its owner's wish, until [unlockClosed]. */
    public suspend fun closeByOwner(): Unit = changing { ffi.closeByOwner() }

    /** Locks after so long without use, two minutes unless it is set. Whole seconds. */
    public suspend fun setIdleLimit(limit: Duration): Unit = call { ffi.setIdleLimit(limit.inWholeSeconds.coerceAtLeast(0).toULong()) }

    /** Locks the wallet when nobody has used it for the idle limit. Never returns: launch it for as long as the app is in front. */
    public suspend fun lockWhenIdle(): Nothing {
        while (true) {
            // Not a use: to look at the documents would be one.
            val left = ffiCallOn(dispatcher) { ffi.lockIfIdle() }
            if (left == null) {
                refreshStates()
                locks.first { it != LockState.Locked }
            } else {
                delay(left.toLong().milliseconds)
            }
        }
    }

    /** Whether it has a PIN. While it is locked, [access] says so. */
    public suspend fun hasPin(): Boolean = call { ffi.hasPin() }

    /** Whether it has a recovery code. While it is locked, [access] says so. */
    public suspend fun hasRecoveryCode(): Boolean = call { ffi.hasRecoveryCode() }

    /**
     * Sets a PIN of 6 to 32 digits on a wallet that has none.
     *
     * @throws WalletException.InvalidState for one too easy to guess.
     */
    public suspend fun setPin(pin: String): Unit = call { ffi.setPin(pin) }

    /**
     * Changes the PIN.
     *
     * @throws WalletException.Locked when [old] is wrong.
     */
    public suspend fun changePin(old: String, new: String): Unit = changing { ffi.changePin(old, new) }

    /**
     * Removes the PIN.
     *
     * @throws WalletException.Locked when it is wrong.
     */
    public suspend fun removePin(pin: String): Unit = changing { ffi.removePin(pin) }

    /**
     * Makes a recovery code, to be written down on paper: it is shown this once. The one before it is worthless then, also when this call
     * is cancelled too late for nothing to have happened: the wallet has no code at all after that, and [hasRecoveryCode] says so.
     *
     * @throws WalletException.Locked when the PIN is wrong.
     */
    public suspend fun setRecoveryCode(pin: String): String = refreshing {
        // A code that nobody has read would stand in for one that helps.
        ffiMakeOn(dispatcher, { runCatching { ffi.removeRecoveryCode() } }) { ffi.setRecoveryCode(pin) }
    }

    /**
     * Takes the recovery code back.
     *
     * @throws WalletException.InvalidState when there is none.
     */
    public suspend fun removeRecoveryCode(): Unit = call { ffi.removeRecoveryCode() }

    /**
     * What it holds by type and issuer, readable without the PIN: what to have issued again when the PIN is forgotten.
     *
     * @throws WalletException.InvalidState when it is unlocked.
     */
    public suspend fun heldPapers(): List<HeldPapers> = call { ffi.heldPapers().map { it.toApi() } }

    /** What protects this wallet, in words for its owner. */
    public suspend fun protection(): LocalizedText = call { ffi.protection().toApi() }

    // The documents ----------------------------------------------------------------------------------------------------

    /** Looks at the documents again, because time has passed: [documents] has it then. */
    public suspend fun refresh(): DocumentList {
        val list = call { ffi.documents().toApi() }
        refreshStates()
        return list
    }

    /**
     * One document with everything that it says.
     *
     * @throws WalletException.InvalidState when the wallet has none of that [id].
     */
    public suspend fun document(id: String): DocumentView = call { ffi.document(id).toApi() }

    /** Makes a key for a document to come: its public half is what an issuer is given. */
    public suspend fun createDeviceKey(spec: KeySpec = KeySpec()): DeviceKey = call { ffi.createDeviceKey(spec.toFfi()).toApi() }

    /**
     * Takes a document into the wallet: verified whole and stored whole, or not at all.
     *
     * @param copies its copies, one for each presentation that shall not be linked to another.
     * @throws WalletException.Issuer when it is malformed, altered or wrongly signed.
     * @throws WalletException.Untrusted when [trust] has nobody who vouches for its signer.
     * @throws WalletException.Expired when it is outside its validity.
     */
    public suspend fun importDocument(copies: List<NewCopy>, trust: TrustStore, strictness: Strictness = Strictness.ISO): Imported =
        changing { ffi.importDocument(copies.map { it.toFfi() }, trust.ffi, vn.idwallet.ffi.ImportOptions(strictness.toFfi())).toApi() }

    /** Takes a document of one copy, the `IssuerSigned` in CBOR. As the other [importDocument]. */
    public suspend fun importDocument(issuerSigned: ByteArray, trust: TrustStore): Imported =
        importDocument(listOf(NewCopy(issuerSigned)), trust)

    /**
     * Removes a document for good, with its keys.
     *
     * @return how many keys could not be destroyed yet; they are when the hardware answers again.
     * @throws WalletException.InvalidState when the wallet has none of that [id].
     */
    public suspend fun remove(id: String): Int = changing { ffi.remove(id).toInt() }

    /** The lists that say which documents were revoked, to be fetched when there is a network and handed to [updateStatus]. */
    public suspend fun statusSources(): List<StatusSource> = call { ffi.statusSources().map { it.toApi() } }

    /**
     * Takes a status list that was fetched.
     *
     * @return the documents whose state is another one now.
     * @throws WalletException.Issuer for a list that cannot be believed; what is known about documents stays as it was.
     */
    public suspend fun updateStatus(list: ByteArray, trust: TrustStore): List<StatusChange> =
        changing { ffi.updateStatus(list, trust.ffi).map { it.toApi() } }

    // Presenting -------------------------------------------------------------------------------------------------------

    /**
     * Begins a session with a reader: show its QR code and run it over a carrier.
     *
     * @throws WalletException.Verifier when [options] make no engagement, such as by an address that is too long.
     */
    public suspend fun present(trust: TrustStore, options: PresentOptions = PresentOptions()): Presentation =
        making({ it.close() }) { Presentation(ffi.present(options.toFfi(), trust.ffi), this, dispatcher) }

    /**
     * Takes a reader's request that a [FrameDecoder] put together from its screen.
     *
     * @throws WalletException.Verifier for a message that is not a reader's.
     */
    public suspend fun answerCamera(data: ByteArray, trust: TrustStore): CameraPresentation =
        making({ it.close() }) { CameraPresentation(ffi.answerCamera(data, trust.ffi), this) }

    // The owner's own --------------------------------------------------------------------------------------------------

    /** Who asked for what, and what they got. */
    public suspend fun history(): History = call { ffi.history().toApi() }

    /** The history as JSON, for its owner to keep or hand on. */
    public suspend fun historyJson(): String = call { ffi.historyJson() }

    /**
     * Deletes what is older than [before], or all of it. That it was deleted, and how much, stays.
     *
     * @return how many entries went.
     */
    public suspend fun deleteHistory(before: Instant? = null): Long = call { ffi.deleteHistory(before?.epochSecond).toLong() }

    /**
     * Saves everything that can move to [file], which must not exist yet, sealed under [passphrase] alone: twelve characters or more, four or
     * five words that have nothing to do with each other are good. Takes seconds, on purpose.
     *
     * @throws WalletException.Backup when the passphrase is too easy to guess, or the file exists or cannot be written; no file is left then,
     *   nor when the call is cancelled.
     */
    public suspend fun export(file: File, passphrase: String, includeHistory: Boolean = true): Exported =
        making({ file.delete() }) { ffi.exportFile(file.absolutePath, passphrase, includeHistory).toApi() }

    /**
     * Opens a backup, verifies every document of it, and says what restoring it would do.
     *
     * @throws WalletException.Backup when the passphrase is another, or the file is no backup, newer, damaged or incomplete.
     */
    public suspend fun planRestore(file: File, passphrase: String, trust: TrustStore): RestorePlan =
        making({ it.letGo() }) { RestorePlan(ffi.planRestore(file.absolutePath, passphrase, trust.ffi), this) }

    /** What its owner should know about the documents. With [trust], signatures and issuers are checked anew. */
    public suspend fun check(trust: TrustStore? = null): List<Finding> = call { ffi.check(trust?.ffi).map { it.toApi() } }

    /** What support needs to know, in JSON, with nothing personal in it. */
    public suspend fun supportBundle(): String = call { ffi.supportBundle() }

    /**
     * Closes it: the vault's files are let go, every later call throws [WalletException.InvalidState]. Calls that wait for the secure area end, whether
     * it ever answers them or not; where such a call changes the PIN or unlocks, the files are free when it has ended. May be called twice.
     */
    override fun close() {
        isClosed = true
        ffi.shutdown()
        lists.value = EMPTY
        locks.value = LockState.Closed
    }

    // Inside -----------------------------------------------------------------------------------------------------------

    internal fun now(): Instant = clock.time()

    internal fun millisUntil(until: Instant): Long = clock.millisUntil(until)

    /** A call that changes nothing that the flows show. */
    internal suspend fun <T> reading(block: suspend () -> T): T = call(block)

    /** A call after which the flows are brought up to date, also when it failed or was cancelled. */
    internal suspend fun <T> changing(block: suspend () -> T): T = refreshing { ffiCallOn(dispatcher) { block() } }

    private suspend fun <T> refreshing(block: suspend () -> T): T = try {
        block()
    } finally {
        withContext(NonCancellable) { refreshStates() }
    }

    private suspend fun <T> call(block: suspend () -> T): T = telling { ffiCallOn(dispatcher) { block() } }

    /** A call that makes something, to be let go when nobody waits for it any more. */
    private suspend fun <T : Any> making(letGo: suspend (T) -> Unit, block: suspend () -> T): T = telling { ffiMakeOn(dispatcher, letGo, block) }

    private suspend fun <T> telling(block: suspend () -> T): T = try {
        block()
    } catch (error: WalletException.Locked) {
        // It locked itself because nobody used it.
        withContext(NonCancellable) { refreshStates() }
        throw error
    }

    private suspend fun refreshStates() = turn.withLock {
        withContext(dispatcher) {
            val list = runCatching { ffiCall { if (ffi.isLocked()) EMPTY else ffi.documents().toApi() } }.getOrNull()
            val locked = runCatching { ffi.isLocked() }.getOrDefault(true)
            // One that cannot be listed for a moment keeps what it showed.
            if (list != null || locked) lists.value = list ?: EMPTY
            locks.value = if (locked) LockState.Locked else LockState.Unlocked
            if (isClosed) {
                lists.value = EMPTY
                locks.value = LockState.Closed
            }
        }
    }

    public companion object {
        private val EMPTY = DocumentList(emptyList(), emptyList())

        /**
         * Makes a wallet in [directory], which is made too, and opens it. With a [pin] it is locked whenever it is opened.
         *
         * @throws WalletException.Storage when there is one already, or the directory cannot be written.
         * @throws WalletException.InvalidState for a PIN that is malformed or too easy to guess.
         */
        public suspend fun create(directory: File, pin: String? = null, options: WalletOptions = WalletOptions()): Wallet = wallet(options) {
            vn.idwallet.ffi.Wallet.create(
                directory.absolutePath, pin, options.areaPort(), ClockPort(options.clock), options.log?.let(::LogPort),
            )
        }

        /**
         * Opens the wallet in [directory]. One without a PIN is unlocked at once; one with a PIN is locked.
         *
         * @throws WalletException.Storage when there is none, it is open elsewhere, or it is damaged. Nothing is deleted.
         */
        public suspend fun open(directory: File, options: WalletOptions = WalletOptions()): Wallet = wallet(options) {
            vn.idwallet.ffi.Wallet.open(directory.absolutePath, options.areaPort(), ClockPort(options.clock), options.log?.let(::LogPort))
        }

        private suspend fun wallet(options: WalletOptions, open: suspend () -> vn.idwallet.ffi.Wallet): Wallet =
            // A wallet that nobody has would keep its files from being opened again.
            ffiMakeOn(options.dispatcher, { it.close() }) {
                Wallet(open(), options.clock, options.dispatcher).also { withContext(NonCancellable) { it.refreshStates() } }
            }

        private fun WalletOptions.areaPort() = secureArea?.let { AreaPort(it, dispatcher) }
    }
}
