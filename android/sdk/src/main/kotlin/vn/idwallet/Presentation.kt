package vn.idwallet

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.io.IOException
import java.time.Instant
import java.util.concurrent.atomic.AtomicBoolean

/** Why a session ended. */
public enum class EndReason {
    /** This side said that it is done. */
    FINISHED,

    /** The other side said that it is done. */
    FINISHED_BY_PEER,

    /** The holder did not want to answer. */
    DECLINED,

    /** The other side could not decrypt or decode a message. */
    PEER_ERROR,

    /** A message of the other side was refused; it was told so. */
    REFUSED,

    /** Nothing happened for too long. */
    TIMED_OUT,

    /** This side ended the session before it was done. */
    CANCELLED,

    /** The carrier broke off. */
    CONNECTION_LOST,
}

/** How a presentation is announced. */
public data class PresentOptions(
    /** Where a [StreamListener] listens for the reader, `host:port`; `null` when the app carries the messages by means of its own. */
    public val streamAddress: String? = null,
)

/** Where a presentation stands: what the screen shows. */
public sealed interface PresentationState {
    /** The QR code is shown and no reader has come. */
    public data object Waiting : PresentationState

    /** Messages travel. */
    public data object Exchanging : PresentationState

    /** The person's turn: show the [review], then [Presentation.respond] or [Presentation.decline]. */
    public data class Deciding(
        /** What is asked. */
        public val review: Review,
        /** When the reader's patience is over. */
        public val until: Instant,
    ) : PresentationState

    /**
     * A request is there and the wallet could not look at it. Locked: unlock it, and the presentation goes on by itself. Else mend what
     * [error] says and call [Presentation.retry], or cancel.
     */
    public data class Blocked(
        /** Why. */
        public val error: WalletException,
    ) : PresentationState

    /** The session is over and its keys are wiped. */
    public data class Ended(
        /** Why. */
        public val reason: EndReason,
        /** Why, in words. */
        public val text: LocalizedText,
        /** What was answered, one for each request, in order. */
        public val answers: List<Answer>,
    ) : PresentationState
}

/**
 * One session with a reader: show [qrText] as a QR code, [run] it over a [Carrier], and answer what [state] asks. Any number of
 * requests can come; nothing is answered without its own review.
 */
public class Presentation internal constructor(
    private val ffi: vn.idwallet.ffi.Presentation,
    private val wallet: Wallet,
    private val dispatcher: CoroutineDispatcher,
) : AutoCloseable {
    private val states = MutableStateFlow<PresentationState>(PresentationState.Waiting)
    private val wake = Channel<Unit>(Channel.CONFLATED)

    /** One call at a time: a message that comes while an answer is being signed waits for it. */
    private val turn = Mutex()
    private val isRunning = AtomicBoolean()

    /** Whether the carrier of this run is gone. */
    @Volatile private var isLost = false

    @Volatile private var resolveAgain = true

    @Volatile private var answers = emptyList<Answer>()

    /** The text of the QR code: `mdoc:` and the device engagement. */
    public val qrText: String = ffiCall { ffi.qrText() }

    /** Where it stands. */
    public val state: StateFlow<PresentationState> = states.asStateFlow()

    /**
     * Drives the session over [carrier] until it ends, and closes the carrier. Cancelling the coroutine cancels the session; nothing is
     * lost. A lost connection is an end and not an exception.
     *
     * @return how it [ended][PresentationState.Ended]; or [PresentationState.Waiting] when the connection broke before the reader said
     *   anything: the QR code stays good, run it again over the next connection. [state] has it too.
     * @throws WalletException.InvalidState when it runs already.
     */
    public suspend fun run(carrier: Carrier): PresentationState {
        if (!isRunning.compareAndSet(false, true)) throw alreadyRunning()
        var outcome: PresentationState? = null
        try {
            outcome = coroutineScope {
                val incoming = Channel<ByteArray?>(Channel.UNLIMITED)
                val pump = pump(dispatcher, carrier, incoming)
                try {
                    loop(carrier, incoming)
                } finally {
                    hangUp(carrier, pump)
                }
            }
            return outcome
        } finally {
            if (outcome == null) withContext(NonCancellable) { abandon() }
            isRunning.set(false)
        }
    }

    /**
     * Answers [review] with what was approved. With [end] the session is over afterwards, else the reader may ask again. The hardware
     * may ask the person for a fingerprint meanwhile; cancelling the coroutine closes that prompt, uses up nothing, and leaves the
     * review open.
     *
     * @throws WalletException.InvalidState when nothing waits for this answer, or the approval does not fit the review.
     * @throws WalletException.UserCancelled when the person closed the prompt: the review stays open.
     * @throws WalletException.KeyInvalidated when the device key is gone for good.
     */
    public suspend fun respond(review: Review, approval: Approval, end: Boolean = true): Answer =
        answered { ffi.respond(review.handle, approval.toFfi(), end) }

    /**
     * Answers that nothing is given. The reader cannot tell it from a wallet that has nothing.
     *
     * @throws WalletException.InvalidState when nothing waits for an answer.
     */
    public suspend fun decline(end: Boolean = true): Answer = answered { ffi.decline(end) }

    /**
     * What a screen may tick by itself. Often nothing.
     *
     * @throws WalletException.InvalidState when there is no review.
     */
    public suspend fun preselected(): Approval = wallet.reading { ffi.preselected().toApi() }

    /**
     * Everything that can be given: only after the person said so.
     *
     * @throws WalletException.InvalidState when there is no review.
     */
    public suspend fun everything(): Approval = wallet.reading { ffi.everything().toApi() }

    /**
     * What [approval] would give away beside itself, in words.
     *
     * @throws WalletException.InvalidState when there is no review.
     */
    public suspend fun givesAway(approval: Approval): List<LocalizedText> =
        wallet.reading { ffi.givesAway(approval.toFfi()).map { it.toApi() } }

    /** Has a request looked at again after [PresentationState.Blocked]. */
    public fun retry() {
        resolveAgain = true
        wake.trySend(Unit)
    }

    /** Ends the session whatever its state: the reader is told, nothing more can be answered. [run] returns soon after. */
    public fun cancel() {
        ffi.cancel()
        wake.trySend(Unit)
    }

    /** The same as [cancel]; every later answer throws [WalletException.InvalidState]. */
    override fun close(): Unit = cancel()

    /** What was answered is kept, also when whoever answered was cancelled in that moment. */
    private suspend fun answered(call: suspend () -> vn.idwallet.ffi.Answer): Answer = try {
        turn.withLock { wallet.changing { call().toApi().also { answers = answers + it } } }
    } finally {
        wake.trySend(Unit)
    }

    private suspend fun step(): vn.idwallet.ffi.NextStep = turn.withLock { wallet.reading { ffi.nextStep() } }

    private suspend fun received(message: ByteArray?) {
        if (message == null) {
            isLost = true
            // At once, also while an answer is being signed: nobody is there to get it.
            ffi.connectionLost()
            return
        }
        states.update { if (it is PresentationState.Waiting) PresentationState.Exchanging else it }
        turn.withLock {
            try {
                wallet.reading { ffi.received(message) }
            } catch (_: WalletException.InvalidState) {
                // A message after the end: the next step tells the end.
            }
        }
    }

    private suspend fun loop(carrier: Carrier, incoming: ReceiveChannel<ByteArray?>): PresentationState {
        isLost = false
        while (true) {
            when (val step = step()) {
                is vn.idwallet.ffi.NextStep.Send -> {
                    states.update { if (it is PresentationState.Waiting) it else PresentationState.Exchanging }
                    try {
                        carrier.send(step.data)
                    } catch (_: IOException) {
                        received(null)
                    }
                }
                is vn.idwallet.ffi.NextStep.Receive -> {
                    if (isLost) return PresentationState.Waiting.also { states.value = it }
                    await(incoming, step.until.toInstant())
                }
                is vn.idwallet.ffi.NextStep.Resolve -> resolve(incoming)
                is vn.idwallet.ffi.NextStep.Decide -> await(incoming, step.until.toInstant())
                is vn.idwallet.ffi.NextStep.Terminated -> return ended(step)
            }
        }
    }

    private suspend fun resolve(incoming: ReceiveChannel<ByteArray?>) {
        if (resolveAgain) {
            resolveAgain = false
            try {
                val review = turn.withLock { wallet.reading { ffi.resolve().toApi() } }
                resolveAgain = true
                val step = step()
                if (step is vn.idwallet.ffi.NextStep.Decide) {
                    states.value = PresentationState.Deciding(review, step.until.toInstant())
                }
                return
            } catch (error: WalletException) {
                if (step() !is vn.idwallet.ffi.NextStep.Resolve) {
                    resolveAgain = true
                    return
                }
                states.value = PresentationState.Blocked(error)
            }
        }
        await(incoming, wallet.now().plusMillis(BLOCKED_MILLIS))
        val blocked = states.value as? PresentationState.Blocked
        if (blocked?.error is WalletException.Locked && wallet.lockState.value == LockState.Unlocked) resolveAgain = true
    }

    /** Until a message comes, somebody called, or the time is over. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private suspend fun await(incoming: ReceiveChannel<ByteArray?>, until: Instant) {
        val left = wallet.millisUntil(until)
        select {
            wake.onReceive { }
            incoming.onReceive { received(it) }
            onTimeout(left) { }
        }
    }

    private fun ended(step: vn.idwallet.ffi.NextStep.Terminated): PresentationState.Ended =
        PresentationState.Ended(step.reason.toApi(), step.text.toApi(), answers).also { states.value = it }

    /** Ends a session whose coroutine is gone, as far as that can be done without a carrier. */
    private suspend fun abandon() {
        runCatching {
            ffi.cancel()
            // A message for the reader may be waiting; there is no carrier for it any more.
            repeat(MOST_LEFT) {
                val step = step()
                if (step is vn.idwallet.ffi.NextStep.Terminated) {
                    ended(step)
                    return
                }
            }
        }
    }

    private companion object {
        const val BLOCKED_MILLIS = 500L
        const val MOST_LEFT = 4
    }
}

/** An answer to a camera: what was answered, and the message for the screen. */
public data class CameraAnswer(
    /** What was answered. */
    public val answer: Answer,
    /** What the screen shows the reader, by a [FrameEncoder] of [MessageKind.RESPONSE]. */
    public val screenMessage: ByteArray,
)

/** A presentation from screen to screen: the reader's request was scanned, the answer is shown. One request, one answer, no connection. */
public class CameraPresentation internal constructor(
    private val ffi: vn.idwallet.ffi.CameraPresentation,
    private val wallet: Wallet,
) : AutoCloseable {
    /** An answer that was made and that nobody has got yet, with what it answers. */
    @Volatile private var untold: Pair<Any, CameraAnswer>? = null

    /**
     * Finds out who asks for what, and what could answer.
     *
     * @throws WalletException.InvalidRequest for a faulty request: [failureMessage] has the answer.
     * @throws WalletException.InvalidState after the answer.
     */
    public suspend fun resolve(): Review = wallet.reading { ffi.resolve().toApi() }

    /** The review that waits for an answer, if any. */
    public suspend fun review(): Review? = wallet.reading { ffi.review()?.toApi() }

    /**
     * What a screen may tick by itself. Often nothing.
     *
     * @throws WalletException.InvalidState when there is no review.
     */
    public suspend fun preselected(): Approval = wallet.reading { ffi.preselected().toApi() }

    /**
     * Everything that can be given: only after the person said so.
     *
     * @throws WalletException.InvalidState when there is no review.
     */
    public suspend fun everything(): Approval = wallet.reading { ffi.everything().toApi() }

    /**
     * What [approval] would give away beside itself, in words.
     *
     * @throws WalletException.InvalidState when there is no review.
     */
    public suspend fun givesAway(approval: Approval): List<LocalizedText> =
        wallet.reading { ffi.givesAway(approval.toFfi()).map { it.toApi() } }

    /**
     * Answers [review] with what was approved; gives what the screen has to show. As [Presentation.respond]; where the coroutine was
     * cancelled too late for the review to stay open, the same call made again gives the answer that was made.
     *
     * @throws WalletException.InvalidState when nothing waits for this answer, the approval does not fit, or the answer is too large for a
     *   camera.
     */
    public suspend fun respond(review: Review, approval: Approval): CameraAnswer =
        answered(review.handle.toList() to approval) { ffi.respond(review.handle, approval.toFfi()) }

    /**
     * Answers that nothing is given. As [respond] when it is cancelled.
     *
     * @throws WalletException.InvalidState when nothing waits for an answer.
     */
    public suspend fun decline(): CameraAnswer = answered(Unit) { ffi.decline() }

    /** The answer that was made, for whoever asks again for that very one because they were cancelled when it came. Nobody else gets it. */
    private suspend fun answered(question: Any, call: suspend () -> vn.idwallet.ffi.CameraAnswer): CameraAnswer {
        val lost = untold
        val answer = if (lost?.first == question) lost.second else wallet.changing { call().toApi().also { untold = question to it } }
        untold = null
        return answer
    }

    /** What tells the reader that its request is faulty, after [resolve] said so; `null` for errors that are not the reader's business. */
    public fun failureMessage(): ByteArray? = ffi.failureMessage()

    /** Ends it without an answer: nothing is shown, and the history says so. */
    public fun cancel() {
        untold = null
        ffi.cancel()
    }

    /** The same as [cancel]. */
    override fun close(): Unit = cancel()
}
