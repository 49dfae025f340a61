package vn.idwallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext
import vn.idwallet.ffi.PortException
import vn.idwallet.ffi.SecureAreaException as FfiAreaException

/** The app's clock, as the library asks it. */
internal class ClockPort(private val clock: Clock) : vn.idwallet.ffi.Clock {
    override fun now(): vn.idwallet.ffi.Now = try {
        clock.now().let { vn.idwallet.ffi.Now(it.time.epochSecond, it.uptime.inWholeMilliseconds.coerceAtLeast(0).toULong()) }
    } catch (error: Throwable) {
        throw PortException.Failed("the clock threw ${error.javaClass.name}")
    }
}

/** The app's log, as the library writes it. */
internal class LogPort(private val log: LogSink) : vn.idwallet.ffi.LogSink {
    override fun log(record: vn.idwallet.ffi.LogRecord) {
        runCatching { log.log(LogRecord(record.level.toApi(), record.call, record.code, record.detail)) }
    }
}

/** What an app's area threw and must not: its class, for the developer, and nothing of its text, which may be personal. */
internal class UndeclaredException(thrown: Throwable) : Exception("the secure area threw ${thrown.javaClass.name}")

/** The app's secure area, as the library asks it. Its methods run on [dispatcher]. */
internal class AreaPort(private val area: SecureArea, private val dispatcher: CoroutineDispatcher) : vn.idwallet.ffi.SecureArea {
    override suspend fun capabilities() = ask { area.capabilities().toFfi() }

    override suspend fun createKey(spec: vn.idwallet.ffi.KeySpec) = ask { area.createKey(spec.toApi()).toFfi() }

    override suspend fun publicKey(id: ByteArray) = ask { area.publicKey(id) }

    override suspend fun sign(id: ByteArray, data: ByteArray) = ask { area.sign(id, data) }

    override suspend fun agree(id: ByteArray, peer: ByteArray) = ask { area.agree(id, peer) }

    override suspend fun wrap(context: ByteArray, secret: ByteArray) = ask { area.wrap(context, secret) }

    override suspend fun unwrap(context: ByteArray, wrapped: ByteArray) = ask { area.unwrap(context, wrapped) }

    override suspend fun deleteKey(id: ByteArray) = ask { area.deleteKey(id) }

    override suspend fun createCounter() = ask { area.createCounter() }

    override suspend fun readCounter(id: ByteArray) = ask { area.readCounter(id).toULong() }

    override suspend fun incrementCounter(id: ByteArray) = ask { area.incrementCounter(id).toULong() }

    override suspend fun deleteCounter(id: ByteArray) = ask { area.deleteCounter(id) }

    private suspend fun <T> ask(block: suspend () -> T): T = try {
        withContext(dispatcher) { block() }
    } catch (error: SecureAreaException) {
        throw error.toFfi()
    } catch (cancelled: CancellationException) {
        // The library gave the call up; or the area cancelled something of its own, which it must not let out.
        currentCoroutineContext().ensureActive()
        throw UndeclaredException(cancelled)
    } catch (error: Throwable) {
        // Errors too: the generated code answers the library after exceptions alone, which would wait for ever.
        throw UndeclaredException(error)
    }
}

private fun SecureAreaException.toFfi(): FfiAreaException = when (this) {
    is SecureAreaException.UserCancelled -> FfiAreaException.UserCancelled()
    is SecureAreaException.AuthenticationRequired -> FfiAreaException.AuthenticationRequired()
    is SecureAreaException.KeyInvalidated -> FfiAreaException.KeyInvalidated()
    is SecureAreaException.NotFound -> FfiAreaException.NotFound()
    is SecureAreaException.Unavailable -> FfiAreaException.Unavailable()
    is SecureAreaException.HardwareAbsent -> FfiAreaException.HardwareAbsent()
    is SecureAreaException.Full -> FfiAreaException.Full()
    is SecureAreaException.ReadOnly -> FfiAreaException.ReadOnly()
    is SecureAreaException.Unsupported -> FfiAreaException.Unsupported()
    is SecureAreaException.Integrity -> FfiAreaException.Integrity()
    is SecureAreaException.Failed -> FfiAreaException.Failed(platformCode)
}
