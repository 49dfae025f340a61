package vn.idwallet

/** A file with the wallet's documents, sealed under a passphrase. */
public data class Exported(
    /** How many documents it has. */
    public val documents: Int,
)

/** What would happen to one document of a file. */
public data class PlannedDocument(
    /** What it is called. */
    public val title: LocalizedText,
    /** What would happen to it, and why. */
    public val actionText: LocalizedText,
)

/** What a restore did. */
public data class Restored(
    /** How many documents were added. */
    public val documents: Int,
)

/** What a restore would do. Nothing was changed yet. */
public class RestorePlan internal constructor(
    private val ffi: vn.idwallet.ffi.RestorePlan,
    private val wallet: Wallet,
) {
    /** The documents of the file. */
    public val documents: List<PlannedDocument> = ffiCall { ffi.documents().map { it.toApi() } }

    /**
     * Does it.
     *
     * @throws WalletException.Backup when the wallet or the file changed since: plan again.
     */
    public suspend fun apply(): Restored = wallet.changing { ffi.apply().toApi() }
}
