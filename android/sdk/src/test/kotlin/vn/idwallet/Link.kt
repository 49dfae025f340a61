package vn.idwallet

import kotlinx.coroutines.channels.Channel

/** Two carriers with a wire between them, in memory. */
class Link {
    private val there = Channel<ByteArray>(Channel.UNLIMITED)
    private val back = Channel<ByteArray>(Channel.UNLIMITED)
    val holder: Carrier = End(there, back)
    val reader: Carrier = End(back, there)

    private class End(private val incoming: Channel<ByteArray>, private val outgoing: Channel<ByteArray>) : Carrier {
        override suspend fun send(data: ByteArray) {
            if (outgoing.trySend(data).isFailure) throw java.io.IOException("the wire is cut")
        }

        override suspend fun receive(): ByteArray? = incoming.receiveCatching().getOrNull()

        override suspend fun close() {
            outgoing.close()
            incoming.close()
        }
    }
}
