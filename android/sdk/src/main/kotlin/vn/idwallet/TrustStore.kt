package vn.idwallet

import java.time.Instant

/** A trust anchor that was taken. */
public data class AnchorReport(
    /** The name in it. */
    public val subject: String,
    /** The SHA-256 of the certificate, in hexadecimal: to compare with what the authority publishes. */
    public val fingerprint: String,
)

/**
 * Whom a wallet or a reader trusts, and what is known of revocation. It ships with the app or is fetched by it, and may be filled at any
 * time and from any thread.
 */
public class TrustStore {
    internal val ffi = ffiCall { vn.idwallet.ffi.TrustStore() }

    /** Trusts issuers: root certificates, PEM (any number) or DER (one). @throws WalletException.InvalidRequest for anything else. */
    public fun addIssuerAnchors(pemOrDer: ByteArray): List<AnchorReport> = ffiCall { ffi.addIssuerAnchors(pemOrDer).map { it.toApi() } }

    /** Trusts readers: root certificates, PEM (any number) or DER (one). @throws WalletException.InvalidRequest for anything else. */
    public fun addReaderAnchors(pemOrDer: ByteArray): List<AnchorReport> = ffiCall { ffi.addReaderAnchors(pemOrDer).map { it.toApi() } }

    /**
     * Learns which certificates were revoked: certificate revocation lists, PEM or DER, as they were fetched at [fetchedAt].
     *
     * @return how many lists were taken.
     * @throws WalletException.InvalidRequest for what is no such list.
     */
    public fun addCrls(data: ByteArray, fetchedAt: Instant): Int = ffiCall { ffi.addCrls(data, fetchedAt.epochSecond).toInt() }

    /**
     * Learns which documents were revoked: the status list [token] from [uri], as it was fetched at [fetchedAt].
     *
     * @throws WalletException.Untrusted for a list that cannot be believed.
     */
    public fun addStatusList(uri: String, token: ByteArray, fetchedAt: Instant): Unit =
        ffiCall { ffi.addStatusList(uri, token, fetchedAt.epochSecond) }
}
