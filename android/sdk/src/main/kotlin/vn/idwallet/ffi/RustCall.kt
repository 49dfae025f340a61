package vn.idwallet.ffi

import kotlinx.coroutines.CompletableDeferred

/** Where a call of the library has got to when it was last asked. */
internal class Poll {
    val code = CompletableDeferred<Byte>()

    @Volatile var isReady = false
}

/** Those that were asked and have not answered yet. */
internal val polls = UniffiHandleMap<Poll>()

private object polled : UniffiRustFutureContinuationCallback {
    override fun callback(data: Long, pollResult: Byte) {
        val poll = polls.remove(data)
        poll.isReady = pollResult == UNIFFI_RUST_FUTURE_POLL_READY
        poll.code.complete(pollResult)
    }
}

/**
 * In the place of the generated function of this name, which the build sets aside. That one can be cancelled between the moment when a
 * call is done and that when its result is taken, and frees the call then: a wallet that was opened would stay open for good, an answer
 * that was given would be given to nobody. This one waits, and can be cancelled, only while there is no result.
 */
internal suspend fun <T, F, E : Exception> uniffiRustCallAsync(
    rustFuture: Long,
    pollFunc: (Long, UniffiRustFutureContinuationCallback, Long) -> Unit,
    completeFunc: (Long, UniffiRustCallStatus) -> F,
    freeFunc: (Long) -> Unit,
    liftFunc: (F) -> T,
    errorHandler: UniffiRustCallStatusErrorHandler<E>,
): T {
    try {
        while (true) {
            val poll = Poll()
            // Where the call is done, it says so before this returns: it makes progress in here and nowhere else.
            pollFunc(rustFuture, polled, polls.insert(poll))
            if (poll.isReady) return liftFunc(uniffiRustCallWithError(errorHandler) { status -> completeFunc(rustFuture, status) })
            poll.code.await()
        }
    } finally {
        freeFunc(rustFuture)
    }
}
