package vn.idwallet

import java.time.Instant

/** How an event of the history ended. */
public enum class HistoryOutcome {
    /** It was done. */
    DONE,

    /** What is listed as shared was handed out. */
    SHOWN,

    /** The owner said no. */
    DECLINED,

    /** The wallet has nothing of what was asked for. */
    NOTHING_TO_GIVE,

    /** It was broken off before an answer. */
    CANCELLED,

    /** No outcome was ever written: the app was closed, the device went off, or it goes on. */
    NOT_ANSWERED,

    /** It went wrong: the entry's code says how. */
    FAILED,

    /** The wallet did not take it: the entry's code says why. */
    REFUSED,
}

/** What was asked for, or shared, of one document: names, never values. */
public data class HistoryNames(
    /** What the document is called. */
    public val title: LocalizedText,
    /** The elements. */
    public val names: List<LocalizedText>,
    /** Those that the reader said it keeps. */
    public val retained: List<LocalizedText>,
)

/** One entry of the owner's history. */
public data class HistoryEntry(
    /** Its number, ascending. */
    public val sequence: Long,
    /** When it happened. */
    public val at: Instant,
    /** What happened, as a stable word: `presentation`, `import`… */
    public val event: String,
    /** The same as a person says it. */
    public val eventText: LocalizedText,
    /** How it ended. */
    public val outcome: HistoryOutcome,
    /** The same as a person says it. */
    public val outcomeText: LocalizedText,
    /** Who asked, in words. */
    public val who: LocalizedText?,
    /** What was asked for. */
    public val asked: List<HistoryNames>,
    /** What was handed out. */
    public val shared: List<HistoryNames>,
    /** What the documents are called that it is about. */
    public val documents: List<LocalizedText>,
    /** The whole entry in one sentence. */
    public val text: LocalizedText,
    /** The code of the error, if it was one. */
    public val code: String?,
)

/** Who asked for what, what left, and what was done to the wallet. Only its owner deletes it. */
public data class History(
    /** The entries that can be read, the oldest first. */
    public val entries: List<HistoryEntry>,
    /** Whether nothing was removed, edited, damaged or moved. */
    public val intact: Boolean,
    /** What is not in order, if so. */
    public val problems: List<LocalizedText>,
    /** How many older entries its owner deleted. */
    public val deleted: Long,
    /** What earlier wallets wrote, from backups that were restored into this one; their numbers are their own. */
    public val past: List<HistoryEntry>,
)
