package vn.idwallet.android

import android.app.Activity
import android.hardware.biometrics.BiometricManager.Authenticators
import android.hardware.biometrics.BiometricPrompt
import android.os.CancellationSignal
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import vn.idwallet.SecureAreaException

/** Has the person prove that they are there, by biometry or by the device's passcode. */
public fun interface UserPresence {
    /**
     * Suspends until the person has confirmed.
     *
     * @param operation the operation of the key store that is confirmed with it; `null` when a confirmation counts for some time.
     * @param biometryOnly whether the passcode does not do.
     * @throws SecureAreaException.UserCancelled when the person closed the prompt.
     * @throws SecureAreaException.AuthenticationRequired when the device has nothing to prove it with, or wants its passcode first.
     */
    public suspend fun confirm(operation: BiometricPrompt.CryptoObject?, biometryOnly: Boolean)
}

/** What the prompt says, in the language of the person. */
public data class PromptTexts(
    /** What is about to happen. */
    public val title: String,
    /** Why, in a few words. */
    public val subtitle: String,
    /** The button that closes a prompt without a passcode. */
    public val cancel: String,
)

/** The prompt of the system, over the activity that is in front. */
public class BiometricPresence(
    /** The activity in front; `null` when there is none. */
    private val activity: () -> Activity?,
    /** What the prompt says. Asked each time, since the language may change. */
    private val texts: () -> PromptTexts,
) : UserPresence {
    override suspend fun confirm(operation: BiometricPrompt.CryptoObject?, biometryOnly: Boolean) {
        val front = activity() ?: throw SecureAreaException.AuthenticationRequired()
        suspendCancellableCoroutine { continuation ->
            val signal = CancellationSignal()
            continuation.invokeOnCancellation { signal.cancel() }
            front.mainExecutor.execute {
                try {
                    show(front, operation, biometryOnly, signal, continuation)
                } catch (error: RuntimeException) {
                    // Nothing that a prompt throws may end the app.
                    if (continuation.isActive) continuation.resumeWithException(SecureAreaException.Unavailable(error))
                }
            }
        }
    }

    private fun show(
        front: Activity,
        operation: BiometricPrompt.CryptoObject?,
        biometryOnly: Boolean,
        signal: CancellationSignal,
        continuation: CancellableContinuation<Unit>,
    ) {
        val says = texts()
        val builder = BiometricPrompt.Builder(front).setTitle(says.title).setSubtitle(says.subtitle)
        if (biometryOnly) {
            builder.setAllowedAuthenticators(Authenticators.BIOMETRIC_STRONG)
            builder.setNegativeButton(says.cancel, front.mainExecutor) { _, _ ->
                if (continuation.isActive) continuation.resumeWithException(SecureAreaException.UserCancelled())
            }
        } else {
            builder.setAllowedAuthenticators(Authenticators.BIOMETRIC_STRONG or Authenticators.DEVICE_CREDENTIAL)
        }
        val callback = object : BiometricPrompt.AuthenticationCallback() {
            override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult?) {
                if (continuation.isActive) continuation.resume(Unit)
            }

            override fun onAuthenticationError(errorCode: Int, errString: CharSequence?) {
                if (continuation.isActive) continuation.resumeWithException(promptError(errorCode))
            }
        }
        val prompt = builder.build()
        if (operation == null) prompt.authenticate(signal, front.mainExecutor, callback)
        else prompt.authenticate(operation, signal, front.mainExecutor, callback)
    }
}

/** What a prompt's error means to the wallet. A finger that was not recognised is none: the prompt stays. */
internal fun promptError(code: Int): SecureAreaException = when (code) {
    BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, BiometricPrompt.BIOMETRIC_ERROR_CANCELED -> SecureAreaException.UserCancelled()
    BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS, BiometricPrompt.BIOMETRIC_ERROR_NO_DEVICE_CREDENTIAL,
    BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT, BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT,
    -> SecureAreaException.AuthenticationRequired()
    BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT -> SecureAreaException.HardwareAbsent()
    BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE, BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT -> SecureAreaException.Unavailable()
    else -> SecureAreaException.Failed(code)
}
