package vn.idwallet

import java.io.File
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds

/** A moment, on both clocks that the wallet looks at. */
public data class Now(
    /** The time of day. Anybody may set it; it decides what is valid and what has expired. */
    public val time: Instant,
    /** The time since the device was started, sleep included where the platform can tell. It decides how long a lock holds. */
    public val uptime: Duration,
)

/** Where the wallet takes the time from. Called from any thread; an exception makes the call that needed it fail. */
public fun interface Clock {
    /** The present moment. */
    public fun now(): Now

    public companion object {
        /** The clocks of the machine. On Android, the platform module has one that counts sleep too. */
        @JvmStatic
        public val system: Clock = Clock { Now(Instant.now(), uptime()) }

        private val procUptime = File("/proc/uptime")

        private fun uptime(): Duration {
            val counted = runCatching { procUptime.readText().substringBefore(' ').toDouble() }.getOrNull()
            return counted?.let { (it * 1000).toLong().milliseconds } ?: System.nanoTime().nanoseconds
        }
    }
}

/** How much a [LogRecord] matters. */
public enum class LogLevel {
    /** Something was done. */
    INFO,

    /** Something was refused. */
    WARNING,

    /** Something failed. */
    ERROR,
}

/** One line of the wallet's log. Holds no personal data and no secret. */
public data class LogRecord(
    /** How much it matters. */
    public val level: LogLevel,
    /** The call that it is about. */
    public val call: String,
    /** The code of the error, if it is one. */
    public val code: String?,
    /** In words, in English. */
    public val detail: String,
)

/** Where the wallet's log goes. Called from any thread; must return quickly. What it throws is dropped. */
public fun interface LogSink {
    /** Takes one line. */
    public fun log(record: LogRecord)
}
