package vn.idwallet

/** What is in an export. */
public data class Exported(
    /** How many documents can be restored anywhere where keys can be brought in. */
    public val documents: Int,
    /** What has to be issued again after a restore, because its keys are bound to this device. */
    public val toBeReissued: List<LocalizedText>,
    /** How many entries of the history it has. */
    public val history: Int,
)

/** What would happen to one document of a file. */
public data class PlannedDocument(
    /** What it is called. */
    public val title: LocalizedText,
    /** A few words that tell it from others of its type; of one whose keys stayed where they were, who issued it. */
    public val summary: LocalizedText,
    /** Whether it would be added. */
    public val isAdded: Boolean,
    /** What would happen to it, in words. */
    public val actionText: LocalizedText,
)

/** What a restore did. */
public data class Restored(
    /** The ids of the documents that were added. */
    public val added: List<String>,
    /** How many of the file the wallet had already. */
    public val skipped: Int,
    /** How many stayed in the file. */
    public val leftOut: Int,
    /** How many have to be issued again. */
    public val toBeReissued: Int,
    /** How many entries of the history were added. */
    public val history: Int,
)

/** What a restore would do. Nothing has been changed yet. */
public class RestorePlan internal constructor(
    private val ffi: vn.idwallet.ffi.RestorePlan,
    private val wallet: Wallet,
) {
    /** The documents of the file, then those that have to be issued again because their keys are not in it. */
    public val documents: List<PlannedDocument> = ffiCall { ffi.documents().map { it.toApi() } }

    /** Lets the file go, which is held until this object is collected else. */
    internal fun letGo() = ffi.destroy()

    /**
     * Does it: all of it or nothing. Can be done once.
     *
     * @throws WalletException.Backup when the wallet or the file changed since, or it was done already: plan again.
     */
    public suspend fun apply(): Restored = wallet.changing { ffi.apply().toApi() }
}
