package vn.idwallet

import java.time.Instant

/** Whether a document may be used now. */
public enum class DocumentState {
    /** It is valid. */
    ACTIVE,

    /** Not valid yet. */
    NOT_YET_VALID,

    /** No longer valid. */
    EXPIRED,

    /** Taken back by its issuer for a time. */
    SUSPENDED,

    /** Taken back by its issuer for good. */
    REVOKED,
}

/** How sensitive what an element says is. Elements that are not known count as very sensitive. */
public enum class Sensitivity {
    /** Of the kind that is on every card. */
    NORMAL,

    /** Ask before it is ticked. */
    SENSITIVE,

    /** Health, biometry, family and the like. */
    VERY_SENSITIVE,
}

/** One document of the wallet, for a list. */
public data class DocumentSummary(
    /** Its name in this wallet. */
    public val id: String,
    /** The ISO docType. */
    public val docType: String,
    /** What such a document is called. */
    public val title: LocalizedText,
    /** A few words that tell two documents of one type apart; may be empty. */
    public val summary: LocalizedText,
    /** Who signed it. */
    public val issuer: String,
    /** The country of who signed it, ISO 3166-1 alpha-2. */
    public val issuingCountry: String?,
    /** From when it is valid. */
    public val validFrom: Instant,
    /** Until when it is valid. */
    public val validUntil: Instant,
    /** Whether it may be used now. */
    public val state: DocumentState,
    /** The state in words. */
    public val stateText: LocalizedText,
    /** How many copies it came with. */
    public val copiesTotal: Int,
    /** How many copies were never shown; `null` where copies may be shown again. */
    public val copiesLeft: Int?,
    /** Whether and why new copies are to be fetched. */
    public val reissueDue: LocalizedText?,
    /** Whose it is, if it is a ward's and not the owner's. */
    public val ward: LocalizedText?,
    /** When it was taken into the wallet. */
    public val importedAt: Instant,
)

/** A document that cannot be read any more. Its record was set aside and not deleted. */
public data class DamagedDocument(
    /** Its name in this wallet. */
    public val id: String,
    /** What happened and what to do. */
    public val text: LocalizedText,
)

/** What is in the wallet. Empty while the wallet is locked. */
public data class DocumentList(
    /** The documents that can be read. */
    public val documents: List<DocumentSummary>,
    /** Those that cannot. */
    public val damaged: List<DamagedDocument>,
)

/** One element of a document, with what it says. */
public data class Claim(
    /** Its namespace. */
    public val nameSpace: String,
    /** Its identifier. */
    public val element: String,
    /** What it is called. */
    public val label: LocalizedText,
    /** How sensitive it is. */
    public val sensitivity: Sensitivity,
    /** What it gives away beside itself, such as the birth year in a personal number. */
    public val givesAway: List<LocalizedText>,
    /** The value as a person reads it. */
    public val shown: LocalizedText,
    /** What codes in it mean. */
    public val meanings: List<LocalizedText>,
    /** Whether it is a picture. */
    public val isImage: Boolean,
    /** The picture as the issuer gave it, JPEG or JPEG 2000. */
    public val image: ByteArray?,
    /** The value as the issuer signed it, in CBOR. */
    public val cbor: ByteArray,
)

/** One document with everything that it says. */
public data class DocumentView(
    /** What the list says of it. */
    public val summary: DocumentSummary,
    /** Its elements, in the order in which its type shows them. */
    public val claims: List<Claim>,
)

/** What a finding leads to. */
public enum class FindingSeverity {
    /** The owner is told; the document can be used. */
    WARN,

    /** The document is not taken, or not shown if it is in the wallet already. */
    REFUSE,
}

/** Something that was noticed about a document. */
public data class Finding(
    /** The stable code. */
    public val code: String,
    /** What it leads to. */
    public val severity: FindingSeverity,
    /** In words. */
    public val text: LocalizedText,
)

/** How strictly a document or an answer is read. */
public enum class Strictness {
    /** Every rule of ISO/IEC 18013-5. */
    ISO,

    /** The rules that hold for every mdoc, not only a driving licence. */
    GENERIC,

    /** As generic, and known slips of issuers are forgiven. Never less of cryptography. */
    LENIENT,
}

/** One copy of a document that is to be taken into the wallet. */
public data class NewCopy(
    /** The `IssuerSigned`, in CBOR. */
    public val issuerSigned: ByteArray,
    /** The device key that it is bound to, in PKCS #8, for areas in software alone; `null` when the area holds it already. */
    public val deviceKey: ByteArray? = null,
)

/** A document that was taken into the wallet. */
public data class Imported(
    /** Its name in this wallet. */
    public val id: String,
    /** How many copies were taken. */
    public val copies: Int,
    /** What its owner should know. */
    public val warnings: List<String>,
    /** What was noticed about it. */
    public val findings: List<Finding>,
    /** The ids of documents that it took the place of. */
    public val replaces: List<String>,
)

/** A key that was made for a document to come: what an issuer is given. */
public data class DeviceKey(
    /** Its name in the area; `null` where the wallet keeps it by itself. */
    public val handle: ByteArray?,
    /** Its public half, as a DER `SubjectPublicKeyInfo`. */
    public val publicKey: ByteArray,
    /** The same as a `COSE_Key`. */
    public val publicKeyCose: ByteArray,
    /** Evidence of where it lives, if a challenge was given and the area can attest. */
    public val attestation: Attestation?,
)

/** A status list that says which documents were revoked, and that an app fetches when there is a network. */
public data class StatusSource(
    /** Where it is to be had. */
    public val uri: String,
)
