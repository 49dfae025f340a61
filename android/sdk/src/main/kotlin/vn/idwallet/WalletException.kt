package vn.idwallet

import java.util.Locale
import kotlin.time.Duration

/** What an app should offer after a [WalletException]. Every code has one. */
public enum class Reaction {
    /** Nothing is to be done. */
    NOTHING,

    /** The same again, now. */
    RETRY,

    /** The same again, after some time. */
    RETRY_LATER,

    /** Have the person authenticate or unlock the device, then the same again. */
    AUTHENTICATE,

    /** Ask for the PIN. */
    ENTER_PIN,

    /** Unlock the wallet, which has no PIN. */
    UNLOCK,

    /** Have the hardware with the keys put in, then the same again. */
    INSERT_HARDWARE,

    /** Show the request again and let the person decide anew. */
    REVIEW_AGAIN,

    /** Ask the reader's staff to start again. */
    ASK_READER,

    /** Tell the issuer. */
    ASK_ISSUER,

    /** Ask the issuer for the document anew. */
    ASK_REISSUE,

    /** Update the app. */
    UPDATE_APP,

    /** Make room on the device. */
    FREE_SPACE,

    /** Close the wallet where else it is open. */
    CLOSE_OTHER,

    /** Correct who may read and write the wallet's files. */
    MEND_ACCESS,

    /** Make a wallet. */
    CREATE_WALLET,

    /** Restore the wallet from a backup, or ask for its documents again. */
    RESTORE_BACKUP,

    /** Make a support bundle and contact support. */
    CONTACT_SUPPORT,
}

/**
 * Why a call did not do what it was asked to. The subclasses are reactions: what the app does next. Nothing in it is personal
 * or secret, so [code] and [detail] may be logged.
 */
public sealed class WalletException private constructor(
    /** The stable code, such as `W111`: never changed, never used for anything else. */
    public val code: String,
    /** What to offer next. */
    public val reaction: Reaction,
    /** What to tell the person: what happened and what to do. */
    public val text: LocalizedText,
    /** What to tell the developer, in English. */
    public val detail: String,
    cause: Throwable? = null,
) : Exception("$code: $detail", cause) {
    /** What to tell the person, in the language of [locale]. */
    public fun text(locale: Locale): String = text.text(locale)

    /** What to tell the person, in the language of the device. */
    override fun getLocalizedMessage(): String = text.text()

    /** The class, the code and the detail: what a log needs. */
    override fun toString(): String = "${javaClass.name}: $message"

    /** The person closed the prompt: nothing to report. A review that was being answered stays open. */
    public class UserCancelled internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** The person must authenticate or unlock the device first; the same call may be made again after that. */
    public class UserAuthRequired internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** Device keys are gone for good: offer to have [documents] issued again. */
    public class KeyInvalidated internal constructor(
        info: ErrorInfo,
        /** The ids of the documents whose keys they were. */
        public val documents: List<String>,
    ) : WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** The wallet is locked: ask for the PIN, or wait. */
    public class Locked internal constructor(
        info: ErrorInfo,
        /** How long to wait before the next try, in time that the device is on; `null` when none is needed or waiting does not help. */
        public val retryAfter: Duration?,
        /** How many tries are left before a wait; `null` when that is not known. */
        public val triesLeft: Int?,
    ) : WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** The issuer's doing: the credential is malformed, altered or wrongly signed. Nothing was stored. */
    public class Issuer internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** The session with the other side, or its message, does not hold. */
    public class Verifier internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** Nobody whom the wallet or the reader trusts vouches for it. Nothing was stored. */
    public class Untrusted internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** What was asked is malformed, or is not a request at all. */
    public class InvalidRequest internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** The credential is sound and outside its validity. Nothing was stored. */
    public class Expired internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** The call does not fit the state of things: a closed handle, a review that was answered, a document that is not there. */
    public class InvalidState internal constructor(
        info: ErrorInfo,
        /** The id of the document that it is about, if it is about one. */
        public val document: String?,
    ) : WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** This wallet, or its secure area, cannot do it. */
    public class Unsupported internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** The vault: damaged, in use elsewhere, no room, no access. Nothing was deleted. */
    public class Storage internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** An export: its file, its passphrase, or the plan to restore it. Nothing was changed. */
    public class Backup internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)

    /** A fault of this software or of the platform, or a port of the app that threw what it must not. */
    public class Internal internal constructor(info: ErrorInfo) :
        WalletException(info.code, info.reaction, info.text, info.detail, info.cause)
}

internal class ErrorInfo(
    val code: String,
    val reaction: Reaction,
    val text: LocalizedText,
    val detail: String,
    val cause: Throwable? = null,
)
