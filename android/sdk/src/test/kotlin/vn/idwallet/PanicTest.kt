package vn.idwallet

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.lang.reflect.InvocationTargetException
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/** A panic in the library is an error, and the process lives. Only a library built with `test-panics` has what panics. */
class PanicTest {
    private val generated = Class.forName("vn.idwallet.ffi.Idwallet_ffiKt")

    private fun method(name: String, vararg parameters: Class<*>) = runCatching { generated.getMethod(name, *parameters) }.getOrNull()

    @Test
    fun `a panic is an error`() = inFolder { folder ->
        val panics = method("panicForTest")
        assumeTrue(panics != null, "the library was built without test-panics")
        val error = failsWith<WalletException.Internal> { ffiCall { unwrapped { panics!!.invoke(null) } } }
        assertEquals("W901", error.code)
        Wallet.create(File(folder, "wallet")).use { assertEquals(0, it.refresh().documents.size) }
    }

    @Test
    fun `a panic while it waits is an error`() = inFolder { folder ->
        val panics = method("panicLaterForTest", Continuation::class.java)
        assumeTrue(panics != null, "the library was built without test-panics")
        failsWith<WalletException.Internal> {
            ffiCall { suspendCoroutineUninterceptedOrReturn<Any?> { unwrapped { panics!!.invoke(null, it) } } }
        }
        Wallet.create(File(folder, "wallet")).use { assertEquals(0, it.refresh().documents.size) }
    }

    private fun unwrapped(block: () -> Any?): Any? = try {
        block()
    } catch (error: InvocationTargetException) {
        throw error.targetException
    }
}
