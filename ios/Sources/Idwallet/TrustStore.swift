import Foundation
internal import IdwalletFFI

/// Whom the wallet or the reader trusts: issuer and reader anchors, revocation lists, status lists.
///
/// It may be filled at any time, from any thread; every check uses what is there when it runs.
public final class TrustStore: Sendable {
    let ffi: IdwalletFFI.TrustStore

    /// A store that trusts nobody yet.
    public init() {
        ffi = IdwalletFFI.TrustStore()
    }

    /// Adds authorities that issue documents (IACA certificates), PEM or DER.
    ///
    /// - Throws: ``WalletError/invalidState(_:document:)`` when it is no certificate; nobody new is trusted then.
    @discardableResult
    public func addIssuerAnchors(_ certificates: Data) throws -> [Anchor] {
        try call { try ffi.addIssuerAnchors(pemOrDer: certificates).map(Anchor.init) }
    }

    /// Adds authorities that certify readers, PEM or DER.
    @discardableResult
    public func addReaderAnchors(_ certificates: Data) throws -> [Anchor] {
        try call { try ffi.addReaderAnchors(pemOrDer: certificates).map(Anchor.init) }
    }

    /// Adds certificate revocation lists, PEM or DER, and returns how many. `fetchedAt`: when they were downloaded.
    @discardableResult
    public func addRevocationLists(_ lists: Data, fetchedAt: Date) throws -> Int {
        try call { Int(try ffi.addCrls(pemOrDer: lists, fetchedAt: fetchedAt.wholeSeconds)) }
    }

    /// Adds a status list token (CWT) that was downloaded from `uri` at `fetchedAt`.
    public func addStatusList(_ token: Data, from uri: String, fetchedAt: Date) throws {
        try call { try ffi.addStatusList(uri: uri, token: token, fetchedAt: fetchedAt.wholeSeconds) }
    }
}

/// An authority that was added.
public struct Anchor: Sendable, Hashable {
    /// Its name, as in its certificate.
    public let subject: String
    /// What is unusual about the certificate, in English with the clause; empty for a usual one.
    public let findings: [String]

    init(_ ffi: IdwalletFFI.AnchorReport) {
        subject = ffi.subject
        findings = ffi.findings
    }
}
