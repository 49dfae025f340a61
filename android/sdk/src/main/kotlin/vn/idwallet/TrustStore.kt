package vn.idwallet

import java.time.Instant

/** An authority that is trusted from now on. */
public data class AnchorReport(
    /** The name in its certificate. */
    public val subject: String,
    /** What is unusual about the certificate, in English with the clause; empty for a usual one. */
    public val findings: List<String>,
)

/**
 * Whom a wallet or a reader trusts, and what is known of revocation. Certificates come with the app or from its operator, never from a
 * document or a reader. It may be filled at any time and from any thread; what was begun with it goes on with what it had then.
 */
public class TrustStore {
    internal val ffi = ffiCall { vn.idwallet.ffi.TrustStore() }

    /**
     * Trusts issuers: root certificates, PEM (any number) or DER (one).
     *
     * @throws WalletException.InvalidState for anything else.
     */
    public fun addIssuerAnchors(pemOrDer: ByteArray): List<AnchorReport> = ffiCall { ffi.addIssuerAnchors(pemOrDer).map { it.toApi() } }

    /**
     * Trusts readers: root certificates, PEM (any number) or DER (one).
     *
     * @throws WalletException.InvalidState for anything else.
     */
    public fun addReaderAnchors(pemOrDer: ByteArray): List<AnchorReport> = ffiCall { ffi.addReaderAnchors(pemOrDer).map { it.toApi() } }

    /**
     * Learns which certificates were revoked: certificate revocation lists, PEM or DER, as they were fetched at [fetchedAt].
     *
     * @return how many lists were taken.
     * @throws WalletException.InvalidState for what is no such list; nothing is taken then.
     */
    public fun addCrls(data: ByteArray, fetchedAt: Instant): Int = ffiCall { ffi.addCrls(data, fetchedAt.epochSecond).toInt() }

    /**
     * Learns which documents were revoked: the status list [token] from [uri], as it was fetched at [fetchedAt].
     *
     * @throws WalletException.InvalidState for what is no status list; nothing is taken then.
     */
    public fun addStatusList(uri: String, token: ByteArray, fetchedAt: Instant): Unit =
        ffiCall { ffi.addStatusList(uri, token, fetchedAt.epochSecond) }
}
