package vn.idwallet

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import java.io.IOException
import java.time.Instant
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration

/** What a reader insists on. */
public data class ReaderPolicy(
    /** How strictly answers are read. */
    public val strictness: Strictness = Strictness.ISO,
    /** How old the reader's own knowledge of revocation may be; `null` for any age. */
    public val maxSnapshotAge: Duration? = null,
    /** Whether it must be known that the signer's certificate was not revoked. */
    public val requireRevocation: Boolean = false,
    /** Whether it must be known that the document was not revoked. */
    public val requireStatus: Boolean = false,
    /** Whether an answer that lacks something that was asked for is refused. */
    public val requireAllElements: Boolean = true,
    /** The level (1 or 2) that the holder's identity account has to have; `null` for any. */
    public val accountLevel: Int? = null,
)

/** Who the reader is, proven to the holder by a signature over each request. */
public class ReaderIdentity(
    /** The private key, PKCS #8, PEM or DER. */
    public val privateKey: ByteArray,
    /** Its certificate and those between it and the root, PEM, the reader's first, without the root. */
    public val chain: ByteArray,
)

/** An element to ask for. */
public data class RequestedItem(
    /** Its namespace. */
    public val nameSpace: String,
    /** Its identifier. */
    public val element: String,
    /** Whether the reader means to keep the value; the holder is told. */
    public val intentToRetain: Boolean = false,
)

/** What to ask for of one document. */
public data class RequestedItems(
    /** The docType. */
    public val docType: String,
    /** The elements. */
    public val elements: List<RequestedItem>,
)

/** What to ask for. */
public sealed interface ReaderRequest {
    /**
     * A template by its id, one of [requestTemplates]. It asks for its first choice of documents; who has another one that serves, such as a driving
     * licence for the age, is asked for that by [Elements].
     */
    public data class Template(
        /** Its id, such as `age-over-18`. */
        public val id: String,
    ) : ReaderRequest

    /** Elements of one or more documents. */
    public data class Elements(
        /** What to ask for. */
        public val documents: List<RequestedItems>,
    ) : ReaderRequest
}

/** A request that is ready made. */
public data class RequestTemplate(
    /** Its id, for [ReaderRequest.Template]. */
    public val id: String,
    /** What it asks for, in words. */
    public val title: LocalizedText,
)

/** The requests that are ready made. */
public fun requestTemplates(): List<RequestTemplate> = ffiCall { vn.idwallet.ffi.requestTemplates().map { it.toApi() } }

/**
 * A reader: asks wallets for claims and verifies what they answer, with no network. One serves any number of sessions, from any thread.
 *
 * @throws WalletException.InvalidState for an identity whose key or chain is none, or that do not belong together.
 */
public class Reader(
    /** Whom it trusts. May be filled while the reader is used. */
    trust: TrustStore,
    /** What it insists on. */
    policy: ReaderPolicy = ReaderPolicy(),
    /** Who it is; `null` for a reader that does not say. */
    identity: ReaderIdentity? = null,
    private val clock: Clock = Clock.system,
    private val dispatcher: CoroutineDispatcher = Dispatchers.IO,
) {
    private val ffi = ffiCall { vn.idwallet.ffi.Reader(trust.ffi, policy.toFfi(), identity?.toFfi(), ClockPort(clock)) }

    /**
     * A session with the wallet whose QR code says [qrText], to ask for [request].
     *
     * @throws WalletException.Verifier for a text that is no device engagement.
     * @throws WalletException.InvalidState for a request that asks for nothing, too much, or by a template that is not there.
     */
    public suspend fun scan(qrText: String, request: ReaderRequest): ReaderSession =
        ffiCallOn(dispatcher) { ReaderSession(ffi.scan(qrText, request.toFfi()), clock, dispatcher) }

    /**
     * A request from screen to screen.
     *
     * @throws WalletException.InvalidState for a request that asks for nothing or too much.
     */
    public suspend fun camera(request: ReaderRequest): CameraReader =
        ffiCallOn(dispatcher) { CameraReader(ffi.camera(request.toFfi()), dispatcher) }

    /**
     * Verifies a `DeviceResponse` that came another way, with its `SessionTranscript` and, to check that it is what was asked for, the
     * `DeviceRequest`; all in CBOR.
     *
     * @throws WalletException.InvalidState when the bytes are none of these at all: what is refused is no error, the report says why.
     */
    public suspend fun verifyDeviceResponse(response: ByteArray, sessionTranscript: ByteArray, request: ByteArray? = null): Report =
        ffiCallOn(dispatcher) { ffi.verifyDeviceResponse(response, sessionTranscript, request).toApi() }

    /**
     * Verifies a document as an issuer gives it to a holder, an `IssuerSigned` in CBOR, of [docType] if that is known. It proves no holder.
     *
     * @throws WalletException.InvalidState when the bytes are no `IssuerSigned` at all.
     */
    public suspend fun verifyIssuerSigned(issuerSigned: ByteArray, docType: String? = null): Report =
        ffiCallOn(dispatcher) { ffi.verifyIssuerSigned(issuerSigned, docType).toApi() }
}

/** How a reader's session ended. */
public data class ReaderResult(
    /** One report a round, in order; empty when no answer came. */
    public val reports: List<Report>,
    /** Why it ended. */
    public val reason: EndReason,
    /** Why, in words. */
    public val text: LocalizedText,
) {
    /** Whether there was an answer and every answer is accepted. */
    public val accepted: Boolean get() = reports.isNotEmpty() && reports.all { it.accepted }
}

/** Where a reader's session stands. */
public enum class ReaderProgress {
    /** Not connected yet. */
    READY,

    /** The request is on its way, or the holder is deciding. */
    WAITING,

    /** Over: [ReaderSession.run] has the reports. */
    FINISHED,
}

/** A session with a phone: asks, receives, verifies, ends. */
public class ReaderSession internal constructor(
    private val ffi: vn.idwallet.ffi.ReaderSession,
    private val clock: Clock,
    private val dispatcher: CoroutineDispatcher,
) {
    private val states = MutableStateFlow(ReaderProgress.READY)
    private val isRunning = AtomicBoolean()
    private val wake = Channel<Unit>(Channel.CONFLATED)

    /** Where the holder listens, `host:port` for [StreamCarrier.connect]; `null` when its engagement names no such place. */
    public val streamAddress: String? = ffiCall { ffi.streamAddress() }

    /** Where it stands. */
    public val progress: StateFlow<ReaderProgress> = states.asStateFlow()

    /**
     * Drives the session over [carrier] until it ends, and closes the carrier. After an answer each request of [then] is asked in the same
     * session. A lost connection is an end and not an exception; cancelling the coroutine ends the session.
     *
     * @throws WalletException.InvalidState when it runs already.
     */
    public suspend fun run(carrier: Carrier, then: List<ReaderRequest> = emptyList()): ReaderResult {
        if (!isRunning.compareAndSet(false, true)) throw alreadyRunning()
        states.value = ReaderProgress.WAITING
        var result: ReaderResult? = null
        try {
            result = coroutineScope {
                val incoming = Channel<ByteArray?>(Channel.UNLIMITED)
                val pump = pump(dispatcher, carrier, incoming)
                try {
                    loop(carrier, incoming, ArrayDeque(then))
                } finally {
                    hangUp(carrier, pump)
                }
            }
            return result
        } finally {
            if (result == null) ffi.connectionLost()
            states.value = ReaderProgress.FINISHED
        }
    }

    /** The `DeviceResponse` of the last answer as received, in CBOR. What was not asked for with intent to retain may not be kept. */
    public fun lastResponse(): ByteArray? = ffiCall { ffi.lastResponse() }

    /** The `SessionTranscript`, in CBOR, the same for every answer of the session. */
    public fun sessionTranscript(): ByteArray = ffiCall { ffi.sessionTranscript() }

    /** Ends the session and tells the holder so. [run] returns soon after with what there is. */
    public fun finish() {
        ffi.finish()
        wake.trySend(Unit)
    }

    private suspend fun loop(carrier: Carrier, incoming: ReceiveChannel<ByteArray?>, then: ArrayDeque<ReaderRequest>): ReaderResult {
        if (then.isNotEmpty()) call { ffi.keepOpen() }
        while (true) {
            when (val action = call { ffi.nextAction() }) {
                is vn.idwallet.ffi.ReaderAction.Send -> try {
                    carrier.send(action.data)
                } catch (_: IOException) {
                    call { ffi.connectionLost() }
                }
                is vn.idwallet.ffi.ReaderAction.Receive -> await(incoming, action.until.toInstant())
                is vn.idwallet.ffi.ReaderAction.Decide -> {
                    val next = then.removeFirstOrNull()
                    call { if (next == null) ffi.finish() else ffi.ask(next.toFfi()) }
                }
                is vn.idwallet.ffi.ReaderAction.Finished ->
                    return ReaderResult(action.reports.map { it.toApi() }, action.reason.toApi(), action.text.toApi())
            }
        }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    private suspend fun await(incoming: ReceiveChannel<ByteArray?>, until: Instant) {
        val left = clock.millisUntil(until)
        select {
            wake.onReceive { }
            incoming.onReceive { message ->
                try {
                    call { if (message == null) ffi.connectionLost() else ffi.received(message) }
                } catch (_: WalletException.Verifier) {
                    // A message after the end: the next action tells the end.
                }
            }
            onTimeout(left) { }
        }
    }

    private suspend fun <T> call(block: suspend () -> T): T = ffiCallOn(dispatcher) { block() }
}

/** What a camera's answer came to. */
public sealed interface CameraOutcome {
    /** An answer, verified. */
    public data class Verified(
        /** The verdict; it may still refuse. */
        public val report: Report,
    ) : CameraOutcome

    /** The holder declined, or could not read the request. Nobody authenticates this. */
    public data class NoAnswer(
        /** What to tell the person. */
        public val text: LocalizedText,
    ) : CameraOutcome
}

/** A reader's request from screen to screen: show [screenMessage], scan the answer. */
public class CameraReader internal constructor(
    private val ffi: vn.idwallet.ffi.CameraReader,
    private val dispatcher: CoroutineDispatcher,
) {
    /** What the screen shows the holder, by a [FrameEncoder] of [MessageKind.REQUEST]. */
    public val screenMessage: ByteArray = ffiCall { ffi.message() }

    /** Until when an answer is taken. */
    public val until: Instant = ffiCall { ffi.until() }.toInstant()

    /**
     * Takes the answer that a [FrameDecoder] put together.
     *
     * There is one answer: whatever comes of it, the session is over.
     *
     * @throws WalletException.Verifier when it is too late, not of this session, or damaged.
     * @throws WalletException.InvalidState after the answer.
     */
    public suspend fun received(data: ByteArray): CameraOutcome = ffiCallOn(dispatcher) { ffi.received(data).toApi() }
}
