package vn.idwallet.android

import android.os.SystemClock
import java.time.Instant
import kotlin.time.Duration.Companion.milliseconds
import vn.idwallet.Clock
import vn.idwallet.Now

/** The clocks of the device. Its uptime counts sleep, so that waiting after wrong PINs goes on while the phone sleeps. */
public object AndroidClock : Clock {
    override fun now(): Now = Now(Instant.ofEpochMilli(System.currentTimeMillis()), SystemClock.elapsedRealtime().milliseconds)
}
