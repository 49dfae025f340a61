import Foundation
internal import IdwalletFFI

/// What a reader found out about one answer.
public struct Report: Sendable {
    /// Whether everything in it is accepted.
    public let isAccepted: Bool
    /// When it was checked.
    public let checkedAt: Date
    /// The documents in it.
    public let documents: [DocumentReport]
    /// What is wrong with the answer as a whole.
    public let problems: [Reason]
    /// Everything that is wrong; empty exactly when it is accepted.
    public let reasons: [Reason]

    /// The documents that were accepted.
    public var accepted: [VerifiedDocument] {
        documents.compactMap {
            if case .accepted(let document) = $0.outcome { return document }
            return nil
        }
    }

    init(_ ffi: IdwalletFFI.Report) {
        isAccepted = ffi.accepted
        checkedAt = Date(seconds: ffi.checkedAt)
        documents = ffi.documents.map(DocumentReport.init)
        problems = ffi.problems.map(Reason.init)
        reasons = ffi.reasons.map(Reason.init)
    }
}

/// What a reader found out about one document.
public struct DocumentReport: Sendable {
    /// Accepted, with its claims; or refused, with the reasons and without any claim.
    public enum Outcome: Sendable {
        /// Every check passed.
        case accepted(VerifiedDocument)
        /// Some did not.
        case refused([Reason])
    }

    /// The document type that it claims to be.
    public let claimedType: String
    /// The name of that type.
    public let title: LocalizedText
    /// Accepted or refused.
    public let outcome: Outcome
    /// Every check, in order.
    public let checks: [CheckReport]
    /// Whether its issuer is believed.
    public let trust: IssuerTrust

    init(_ ffi: IdwalletFFI.DocumentReport) {
        claimedType = ffi.claimedType
        title = LocalizedText(ffi.title)
        switch ffi.outcome {
        case .accepted(let document): outcome = .accepted(VerifiedDocument(document))
        case .refused(let reasons): outcome = .refused(reasons.map(Reason.init))
        }
        checks = ffi.checks.map(CheckReport.init)
        trust = IssuerTrust(ffi.trust)
    }
}

/// Whether an issuer is believed, and through whom.
public struct IssuerTrust: Sendable, Hashable {
    /// Whether it is.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// It is.
        case trusted
        /// It is not.
        case untrusted
        /// There was nothing to check it with.
        case notChecked
    }

    /// Whether it is.
    public let state: State
    /// The name of the authority, if it is.
    public let anchor: String?
    /// Why not, if not.
    public let reason: LocalizedText?

    init(_ ffi: IdwalletFFI.TrustResult) {
        switch ffi.state {
        case .trusted: state = .trusted
        case .untrusted: state = .untrusted
        case .notChecked: state = .notChecked
        }
        anchor = ffi.anchor
        reason = localized(ffi.reason)
    }
}

/// One check of the list.
public struct CheckReport: Sendable, Hashable {
    /// How it went.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Good.
        case passed
        /// Good enough under the policy.
        case warned
        /// Bad.
        case failed
        /// Not made, or not needed.
        case skipped
    }

    /// The stable id.
    public let id: String
    /// How it went.
    public let state: State
    /// The clause of the standard.
    public let clause: String
    /// Why, unless it passed.
    public let reason: LocalizedText?

    init(_ ffi: IdwalletFFI.CheckReport) {
        id = ffi.id
        switch ffi.state {
        case .passed: state = .passed
        case .warned: state = .warned
        case .failed: state = .failed
        case .skipped: state = .skipped
        }
        clause = ffi.clause
        reason = localized(ffi.reason)
    }
}

/// Why something is refused.
public struct Reason: Sendable, Hashable {
    /// What it means.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Altered, malformed or against the rules.
        case invalid
        /// Nobody whom the reader trusts vouches for it.
        case untrusted
        /// Not valid yet.
        case notYetValid
        /// No longer valid.
        case expired
        /// Withdrawn for good.
        case revoked
        /// Stopped for a time.
        case suspended
        /// Whether it was withdrawn is not known.
        case statusUnknown
        /// Not proven to be presented by its holder in this session.
        case notBound
        /// Not what was asked.
        case requestMismatch
        /// A check that the policy needs was not made.
        case notChecked
        /// The account level of the holder is too low.
        case accountLevel
        /// The reader's own lists are too old.
        case knowledgeTooOld
        /// The answer as a whole.
        case response

        init(_ ffi: IdwalletFFI.ReasonKind) {
            switch ffi {
            case .invalid: self = .invalid
            case .untrusted: self = .untrusted
            case .notYetValid: self = .notYetValid
            case .expired: self = .expired
            case .revoked: self = .revoked
            case .suspended: self = .suspended
            case .statusUnknown: self = .statusUnknown
            case .notBound: self = .notBound
            case .requestMismatch: self = .requestMismatch
            case .notChecked: self = .notChecked
            case .accountLevel: self = .accountLevel
            case .knowledgeTooOld: self = .knowledgeTooOld
            case .response: self = .response
            }
        }
    }

    /// What it means.
    public let kind: Kind
    /// The id of the check, if it is one.
    public let check: String?
    /// The sentence for the person.
    public let text: LocalizedText
    /// The clause of the standard.
    public let clause: String

    init(_ ffi: IdwalletFFI.Reason) {
        kind = Kind(ffi.kind)
        check = ffi.check
        text = LocalizedText(ffi.text)
        clause = ffi.clause
    }
}

/// A document whose every check passed, and its claims.
public struct VerifiedDocument: Sendable, Hashable {
    /// The document type.
    public let docType: String
    /// The name of the type.
    public let title: LocalizedText
    /// The claims.
    public let claims: [VerifiedClaim]
    /// The portrait (JPEG or JPEG 2000), when it was given.
    public let portrait: Data?
    /// Whether the holder proved to have the document's key in this session.
    public let isBound: Bool
    /// Good from then on.
    public let validFrom: Date
    /// Good until then.
    public let validUntil: Date
    /// Who issued it.
    public let issuer: String
    /// The issuer's country, ISO 3166-1 alpha-2.
    public let issuingCountry: String?

    /// The claim of that name, if it was given.
    public func claim(_ nameSpace: String, _ element: String) -> VerifiedClaim? {
        claims.first { $0.nameSpace == nameSpace && $0.element == element }
    }

    init(_ ffi: IdwalletFFI.VerifiedDocument) {
        docType = ffi.docType
        title = LocalizedText(ffi.title)
        claims = ffi.claims.map(VerifiedClaim.init)
        portrait = ffi.portrait
        isBound = ffi.isBound
        validFrom = Date(seconds: ffi.validFrom)
        validUntil = Date(seconds: ffi.validUntil)
        issuer = ffi.issuer
        issuingCountry = ffi.issuingCountry
    }
}

/// A claim that was verified.
public struct VerifiedClaim: Sendable, Hashable {
    /// Its value.
    public enum Value: Sendable, Hashable {
        /// A text.
        case text(String)
        /// Bytes.
        case bytes(Data)
        /// Yes or no.
        case boolean(Bool)
        /// A number.
        case integer(Int64)
        /// A date, as `2026-11-27`.
        case date(String)
        /// Anything else, as JSON; bytes in it are `{"bytes": base64url}`.
        case json(String)
    }

    /// Its name space.
    public let nameSpace: String
    /// Its element identifier.
    public let element: String
    /// Its name for the person.
    public let label: LocalizedText
    /// Its value.
    public let value: Value
    /// The value as it may stand on the screen.
    public let shown: LocalizedText

    init(_ ffi: IdwalletFFI.VerifiedClaim) {
        nameSpace = ffi.nameSpace
        element = ffi.element
        label = LocalizedText(ffi.label)
        switch ffi.value {
        case .text(let value): self.value = .text(value)
        case .bytes(let value): self.value = .bytes(value)
        case .boolean(let value): self.value = .boolean(value)
        case .integer(let value): self.value = .integer(value)
        case .date(let value): self.value = .date(value)
        case .json(let value): self.value = .json(value)
        }
        shown = LocalizedText(ffi.shown)
    }
}
