package vn.idwallet

/** What an animated QR code carries. */
public enum class MessageKind {
    /** A reader's request. */
    REQUEST,

    /** A holder's answer. */
    RESPONSE,
}

/** How far a [FrameDecoder] is. */
public data class FrameProgress(
    /** How many different frames were taken. */
    public val received: Int,
    /** About how many are needed. */
    public val needed: Int,
    /** Whether the message is there. */
    public val complete: Boolean,
)

/**
 * A message as an animated QR code: any frames, enough of them and in any order, give the message back.
 *
 * @throws WalletException.InvalidState for a message that is empty or longer than 256 KiB.
 */
public class FrameEncoder(
    /** What it carries. */
    kind: MessageKind,
    /** The message. */
    data: ByteArray,
) {
    private val ffi = ffiCall { vn.idwallet.ffi.FrameEncoder(kind.toFfi(), data) }

    /** How many frames suffice when none is lost. */
    public val fragments: Int = ffiCall { ffi.fragments().toInt() }

    /** The text of frame [index], for [qrCode]. There is no last one: count up while the screen shows it. */
    public fun frame(index: Int): String = ffi.frame(index.toUInt())
}

/** Puts a message together from the frames that a camera sees. */
public class FrameDecoder(
    /** What to expect; `null` for either. */
    kind: MessageKind? = null,
) {
    private val ffi = ffiCall { vn.idwallet.ffi.FrameDecoder(kind?.toFfi()) }

    /**
     * Takes the text of a QR code; the same frame may come again.
     *
     * @throws WalletException.Verifier for what is no frame of this message: nothing is lost, go on scanning.
     */
    public fun push(text: String): FrameProgress = ffiCall { ffi.push(text).toApi() }

    /** The message, once it is complete. */
    public val data: ByteArray? get() = ffi.message()

    /** Forgets what was scanned. */
    public fun reset(): Unit = ffi.reset()
}

/** A QR code. */
public class QrCode internal constructor(
    /** How many modules a side has, without the quiet zone of four that a picture needs. */
    public val size: Int,
    private val modules: ByteArray,
) {
    /** Whether the module in column [x] and row [y] is dark; false outside. */
    public fun isDark(x: Int, y: Int): Boolean =
        x in 0 until size && y in 0 until size && modules.getOrNull(y * size + x)?.toInt() == 1
}

/**
 * The QR code of [text].
 *
 * @throws WalletException.InvalidState for a text that is too long for one.
 */
public fun qrCode(text: String): QrCode = ffiCall { vn.idwallet.ffi.qrCode(text).let { QrCode(it.size.toInt(), it.modules) } }

/**
 * The texts of the QR codes in a picture: [luminance] has one byte a pixel, row by row, [width] times [height] of them.
 *
 * @throws WalletException.InvalidState when that is not their number, or it is more than 50 million.
 */
public fun scanQr(luminance: ByteArray, width: Int, height: Int): List<String> =
    ffiCall { vn.idwallet.ffi.scanQr(luminance, width.toUInt(), height.toUInt()) }

/** The version of the library. */
public fun libraryVersion(): String = ffiCall { vn.idwallet.ffi.version() }
