package vn.idwallet

import java.io.IOException
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketTimeoutException
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * What carries the messages of a session: a socket, Bluetooth, NFC. It moves whole messages and knows nothing about them. One
 * coroutine sends and one receives, at the same time.
 */
public interface Carrier {
    /**
     * Sends one message. Suspends until the carrier took it.
     *
     * @throws IOException when the connection is lost.
     */
    public suspend fun send(data: ByteArray)

    /**
     * The next message; `null` when the other side has closed the connection. A cancelled call must not lose a message.
     *
     * @throws IOException when the connection is lost.
     */
    public suspend fun receive(): ByteArray?

    /** Ends the connection and wakes who waits for a message. May be called twice. */
    public suspend fun close()
}

/**
 * Messages over a TCP connection, each with its length before it. For desks, tests and local networks: the engagement says where the
 * holder listens.
 */
public class StreamCarrier private constructor(
    private val socket: Socket,
    private val dispatcher: CoroutineDispatcher,
) : Carrier {
    private val decoder = ffiCall { vn.idwallet.ffi.StreamDecoder() }
    private val closed = AtomicBoolean()

    override suspend fun send(data: ByteArray) {
        val framed = ffiCall { vn.idwallet.ffi.encodeStreamMessage(data) }
        // Half a message is worth nothing: who cancels gives up the connection.
        closingOnCancel(socket) { withContext(dispatcher) { socket.getOutputStream().run { write(framed); flush() } } }
    }

    override suspend fun receive(): ByteArray? = withContext(dispatcher) {
        val buffer = ByteArray(BUFFER)
        var message = ffiCall { decoder.pop() }
        while (message == null) {
            val count = try {
                socket.getInputStream().read(buffer)
            } catch (_: SocketTimeoutException) {
                ensureActive()
                continue
            } catch (error: IOException) {
                if (closed.get()) -1 else throw error
            }
            if (count < 0) break
            message = ffiCall { decoder.push(buffer.copyOf(count)); decoder.pop() }
        }
        message
    }

    override suspend fun close() {
        if (closed.compareAndSet(false, true)) withContext(dispatcher) { runCatching { socket.close() } }
    }

    public companion object {
        private const val BUFFER = 16 * 1024

        /** Milliseconds after which a blocked read looks whether its coroutine was cancelled. */
        internal const val PATIENCE = 200

        /**
         * Connects to a holder at [address], `host:port` as [ReaderSession.streamAddress] gives it.
         *
         * @throws IOException when nobody answers there within [timeout].
         */
        public suspend fun connect(
            address: String,
            timeout: Duration = 10.seconds,
            dispatcher: CoroutineDispatcher = Dispatchers.IO,
        ): StreamCarrier {
            val place = socketAddress(address)
            return withContext(dispatcher) {
                val socket = Socket()
                try {
                    closingOnCancel(socket) { withContext(dispatcher) { socket.connect(place, timeout.inWholeMilliseconds.toInt()) } }
                    over(socket, dispatcher)
                } catch (error: Throwable) {
                    runCatching { socket.close() }
                    throw error
                }
            }
        }

        /**
         * Listens at [address], `host:port`; port 0 takes any free one.
         *
         * @throws IOException when it is taken.
         */
        public suspend fun listen(address: String, dispatcher: CoroutineDispatcher = Dispatchers.IO): StreamListener {
            val place = socketAddress(address)
            return withContext(dispatcher) {
                val server = ServerSocket()
                try {
                    server.bind(place, 1)
                } catch (error: Throwable) {
                    runCatching { server.close() }
                    throw error
                }
                StreamListener(server, dispatcher)
            }
        }

        internal fun over(socket: Socket, dispatcher: CoroutineDispatcher): StreamCarrier {
            socket.tcpNoDelay = true
            socket.soTimeout = PATIENCE
            return StreamCarrier(socket, dispatcher)
        }

        private fun socketAddress(address: String): InetSocketAddress {
            val colon = address.lastIndexOf(':')
            val port = address.substring(colon + 1).toIntOrNull()
            if (colon <= 0 || port == null || port !in 0..65535) throw IOException("not a host and port: $address")
            return InetSocketAddress(address.substring(0, colon).removeSurrounding("[", "]"), port)
        }
    }
}

/** Where a holder waits for one reader. */
public class StreamListener internal constructor(
    private val server: ServerSocket,
    private val dispatcher: CoroutineDispatcher,
) : AutoCloseable {
    /** Where it listens, as `host:port`: what [Wallet.present] announces in the engagement. */
    public val address: String
        get() = "${server.inetAddress.hostAddress?.let { if (':' in it) "[$it]" else it }}:${server.localPort}"

    /**
     * The first reader that connects.
     *
     * @throws IOException when the listener was closed.
     */
    public suspend fun accept(): StreamCarrier = withContext(dispatcher) {
        server.soTimeout = StreamCarrier.PATIENCE
        var socket: Socket? = null
        while (socket == null) {
            ensureActive()
            socket = try {
                server.accept()
            } catch (_: SocketTimeoutException) {
                null
            }
        }
        StreamCarrier.over(socket, dispatcher)
    }

    /** Stops listening. A carrier that was accepted goes on. */
    override fun close() {
        runCatching { server.close() }
    }
}

/** Runs [block], which blocks on [socket]; a cancellation closes the socket and so ends the blocking. */
private suspend fun <T> closingOnCancel(socket: Socket, block: suspend () -> T): T = coroutineScope {
    var done = false
    val closer = launch(start = CoroutineStart.UNDISPATCHED) {
        try {
            awaitCancellation()
        } finally {
            if (!done) runCatching { socket.close() }
        }
    }
    try {
        block().also { done = true }
    } finally {
        closer.cancel()
    }
}

/** Hands every message of [carrier] on; `null` when there are no more. */
internal fun CoroutineScope.pump(dispatcher: CoroutineDispatcher, carrier: Carrier, incoming: Channel<ByteArray?>): Job = launch(dispatcher) {
    try {
        do {
            val message = carrier.receive()
            incoming.send(message)
        } while (message != null)
    } catch (_: IOException) {
        incoming.send(null)
    }
}

/** Closes [carrier], which wakes [pump], and waits for it. */
internal suspend fun hangUp(carrier: Carrier, pump: Job) = withContext(NonCancellable) {
    try {
        carrier.close()
    } catch (_: IOException) {
        // It is gone already.
    }
    pump.cancelAndJoin()
}
