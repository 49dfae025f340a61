package vn.idwallet

import java.time.Instant

/** What a reason means. */
public enum class ReasonKind {
    /** Altered, malformed or against the rules. */
    INVALID,

    /** Nobody whom the reader trusts vouches for it. */
    UNTRUSTED,

    /** Not valid yet. */
    NOT_YET_VALID,

    /** No longer valid. */
    EXPIRED,

    /** Taken back for good. */
    REVOKED,

    /** Taken back for a time. */
    SUSPENDED,

    /** Whether it was taken back is not known. */
    STATUS_UNKNOWN,

    /** Not proven to be presented by its holder in this session. */
    NOT_BOUND,

    /** Not what was asked for. */
    REQUEST_MISMATCH,

    /** A check that the policy needs was not made. */
    NOT_CHECKED,

    /** The identity account of the holder is of a lower level than is needed. */
    ACCOUNT_LEVEL,

    /** The reader's own knowledge is older than its policy allows. */
    KNOWLEDGE_TOO_OLD,

    /** The response as a whole: an error of the holder, nothing in it, something unsupported in it. */
    RESPONSE,
}

/** Why something is refused. */
public data class Reason(
    /** What it means. */
    public val kind: ReasonKind,
    /** The stable name of the check, if it is one. */
    public val check: String?,
    /** A sentence that names elements and never their values. */
    public val text: LocalizedText,
    /** The clause of the standard; empty where the reader's own policy is the reason. */
    public val clause: String,
)

/** How a check came out. */
public enum class CheckState {
    /** It holds. */
    PASSED,

    /** It holds as far as the policy wants it to. */
    WARNED,

    /** It does not hold. */
    FAILED,

    /** It was not made. */
    SKIPPED,
}

/** One line of the checklist. */
public data class CheckReport(
    /** The stable name. */
    public val id: String,
    /** How it came out. */
    public val state: CheckState,
    /** The clause that asks for it. */
    public val clause: String,
    /** Why it did not simply pass. */
    public val reason: LocalizedText?,
)

/** Whether an issuer is believed. */
public enum class TrustState {
    /** It is. */
    TRUSTED,

    /** It is not. */
    UNTRUSTED,

    /** There was nothing to check it with. */
    NOT_CHECKED,
}

/** Whether the issuer of a document is believed, and through whom. */
public data class TrustResult(
    /** Whether it is. */
    public val state: TrustState,
    /** The name of the anchor, if it is. */
    public val anchor: String?,
    /** Why not, if not. */
    public val reason: LocalizedText?,
)

/** The value of a verified claim. */
public sealed interface ClaimValue {
    /** A text. */
    public data class Text(
        /** The text. */
        public val value: String,
    ) : ClaimValue

    /** Bytes, such as a picture. */
    public data class Bytes(
        /** The bytes. */
        public val value: ByteArray,
    ) : ClaimValue

    /** Yes or no. */
    public data class Bool(
        /** Which. */
        public val value: Boolean,
    ) : ClaimValue

    /** A whole number. */
    public data class Integer(
        /** The number. */
        public val value: Long,
    ) : ClaimValue

    /** A day. */
    public data class Date(
        /** As `1990-01-31`. */
        public val value: String,
    ) : ClaimValue

    /** Anything else, such as the classes of a licence. */
    public data class Json(
        /** As JSON; bytes in it are `{"bytes": base64url}`. */
        public val value: String,
    ) : ClaimValue
}

/** One thing that an issuer says and that was verified. */
public data class VerifiedClaim(
    /** Its namespace. */
    public val nameSpace: String,
    /** Its identifier. */
    public val element: String,
    /** What it is called. */
    public val label: LocalizedText,
    /** The value. */
    public val value: ClaimValue,
    /** The value as a person reads it. */
    public val shown: LocalizedText,
)

/** A document that holds. */
public data class VerifiedDocument(
    /** The docType. */
    public val docType: String,
    /** What such a document is called. */
    public val title: LocalizedText,
    /** What the issuer says. */
    public val claims: List<VerifiedClaim>,
    /** The holder's picture, with which the person must be compared. */
    public val portrait: ByteArray?,
    /** Whether the holder's device proved itself in this session. */
    public val isBound: Boolean,
    /** From when it is valid. */
    public val validFrom: Instant,
    /** Until when it is valid. */
    public val validUntil: Instant,
    /** The name in the signer's certificate. */
    public val issuer: String,
    /** The country in the signer's certificate. */
    public val issuingCountry: String?,
) {
    /** The claim of that name, if the document has it. */
    public fun claim(nameSpace: String, element: String): VerifiedClaim? =
        claims.find { it.nameSpace == nameSpace && it.element == element }
}

/** What became of one document. Claims exist on an accepted one alone. */
public sealed interface DocumentOutcome {
    /** Every check holds. */
    public data class Accepted(
        /** What it says. */
        public val document: VerifiedDocument,
    ) : DocumentOutcome

    /** Something does not hold. */
    public data class Refused(
        /** What; never empty. */
        public val reasons: List<Reason>,
    ) : DocumentOutcome
}

/** Everything that was found out about one document. */
public data class DocumentReport(
    /** The docType that it claims; only a claim unless it is accepted. */
    public val claimedType: String,
    /** What such a document is called. */
    public val title: LocalizedText,
    /** What became of it. */
    public val outcome: DocumentOutcome,
    /** The checklist. */
    public val checks: List<CheckReport>,
    /** Whether its issuer is believed. */
    public val trust: TrustResult,
)

/** What is to be done after a verification. */
public sealed interface Outcome {
    /** Everything is accepted. */
    public data class Accepted(
        /** The documents; there is at least one. */
        public val documents: List<VerifiedDocument>,
    ) : Outcome

    /** Something is not: do not act on any of it. */
    public data class Refused(
        /** Why; never empty. */
        public val reasons: List<Reason>,
    ) : Outcome
}

/** Everything that was found out about an answer. */
public data class Report(
    /** Whether every document in it is accepted and there is at least one. */
    public val accepted: Boolean,
    /** The time for which it was checked. */
    public val checkedAt: Instant,
    /** The documents, in the order of the answer. One of a refused answer may still be accepted by itself. */
    public val documents: List<DocumentReport>,
    /** What is wrong with the answer as a whole. */
    public val problems: List<Reason>,
    /** Everything that speaks against it; empty exactly when it is accepted. */
    public val reasons: List<Reason>,
) {
    /** What is to be done. */
    public val outcome: Outcome
        get() = if (accepted) {
            Outcome.Accepted(documents.mapNotNull { (it.outcome as? DocumentOutcome.Accepted)?.document })
        } else {
            Outcome.Refused(reasons)
        }
}
