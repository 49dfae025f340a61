package vn.idwallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import java.time.Duration as JavaDuration
import java.time.Instant
import vn.idwallet.ffi.InternalException as Panic
import vn.idwallet.ffi.WalletException as FfiException

/** Runs a call of the library and gives its errors the types of this package. */
internal inline fun <T> ffiCall(block: () -> T): T = try {
    block()
} catch (cancelled: CancellationException) {
    throw cancelled
} catch (error: WalletException) {
    throw error
} catch (error: FfiException) {
    throw error.toApi()
} catch (panic: Panic) {
    throw internal("the library panicked", panic)
} catch (destroyed: IllegalStateException) {
    throw closed(destroyed)
}

/** The same on [dispatcher]. */
internal suspend fun <T> ffiCallOn(dispatcher: CoroutineDispatcher, block: suspend () -> T): T = withContext(dispatcher) { ffiCall { block() } }

/** A call that makes something, which [letGo] gets when whoever asked for it was cancelled meanwhile and never sees it. */
internal suspend fun <T : Any> ffiMakeOn(dispatcher: CoroutineDispatcher, letGo: suspend (T) -> Unit, block: suspend () -> T): T {
    var made: T? = null
    try {
        return ffiCallOn(dispatcher) { block().also { made = it } }
    } catch (error: Throwable) {
        made?.let { withContext(NonCancellable + dispatcher) { letGo(it) } }
        throw error
    }
}

internal fun internal(detail: String, cause: Throwable?): WalletException = WalletException.Internal(
    ErrorInfo(
        "W901", Reaction.CONTACT_SUPPORT,
        LocalizedText("Lỗi bên trong ví. Không có gì được gửi.", "A fault inside the wallet. Nothing was sent."), detail, cause,
    ),
)

internal fun closed(cause: Throwable?): WalletException = WalletException.InvalidState(
    ErrorInfo("W310", Reaction.ASK_READER, LocalizedText("Phiên đã kết thúc.", "The session is over."), "the object was closed", cause),
    null,
)

internal fun alreadyRunning(): WalletException = WalletException.InvalidState(
    ErrorInfo(
        "W308", Reaction.ASK_READER,
        LocalizedText("Không có phiên nào đang chờ việc này.", "No session is waiting for this."), "the session runs already", null,
    ),
    null,
)

/** The time of an app's clock. What it throws is told without its text, as by [ClockPort]. */
internal fun Clock.time(): Instant = try {
    now().time
} catch (error: Throwable) {
    throw internal("the clock threw ${error.javaClass.name}", null)
}

internal fun Clock.millisUntil(until: Instant): Long {
    val now = time()
    return if (until <= now) 0 else runCatching { JavaDuration.between(now, until).toMillis() }.getOrDefault(Long.MAX_VALUE)
}
