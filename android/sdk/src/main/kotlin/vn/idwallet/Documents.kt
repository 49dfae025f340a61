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
    /** Showings left that cannot be linked; `null` where that does not depend on counting. */
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
    /** The value as a person reads it; pictures by their size. */
    public val shown: LocalizedText,
    /** What codes in it mean. */
    public val meanings: List<LocalizedText>,
    /** The picture, if it is one: JPEG or JPEG 2000, as the issuer gave it. Decode it where it can do no harm. */
    public val image: ByteArray?,
    /** The value as its issuer encoded it: one CBOR item. */
    public val cbor: ByteArray,
)

/** One document with everything that it says. */
public data class DocumentView(
    /** What the list says of it. */
    public val summary: DocumentSummary,
    /** Its elements, in the order in which its type shows them. */
    public val claims: List<Claim>,
)

/** Something that its owner should know about a document. */
public data class Finding(
    /** The stable code, such as `Q201`. */
    public val code: String,
    /** Whether it keeps the document from being used. */
    public val isRefusal: Boolean,
    /** What to tell the person. */
    public val text: LocalizedText,
    /** The id of the document, where it is one in the wallet. */
    public val document: String?,
)

/** How strictly certificates and documents are held to their profiles. Signatures and digests are verified at each. */
public enum class Strictness {
    /** ISO/IEC 18013-5 to the letter. */
    ISO,

    /** The key purposes of ISO/IEC 23220 alone will do for documents other than the driving licence. */
    GENERIC,

    /** Departures from certificate profiles and forms are warnings. */
    LENIENT,
}

/** One copy of a document that is to be taken into the wallet. */
public class NewCopy(
    /** The `IssuerSigned` as the issuer gave it, in CBOR. */
    public val issuerSigned: ByteArray,
    /** The device key if it was made elsewhere, PKCS #8 in PEM or DER: the software area alone takes it. `null` for a key of [Wallet.createDeviceKey]. */
    public val deviceKey: ByteArray? = null,
)

/** A document that was taken into the wallet. */
public data class Imported(
    /** Its name in this wallet. */
    public val id: String,
    /** How many copies were taken. */
    public val copies: Int,
    /** What the policy let pass, in English with the clause. */
    public val warnings: List<String>,
    /** What its owner should know about it. */
    public val findings: List<Finding>,
    /** The ids of older documents that are no longer shown now that this one is there. */
    public val replaces: List<String>,
)

/** A device key that waits for its document. */
public data class DeviceKey(
    /** The key for the issuer to put into the document: a DER `SubjectPublicKeyInfo`. */
    public val publicKey: ByteArray,
    /** Evidence of where it lives, if a challenge was given and the area can attest. */
    public val attestation: Attestation?,
)

/** A status list to be fetched (HTTP GET) and handed to [Wallet.updateStatus], at a time of its own: never when a document is shown. */
public data class StatusSource(
    /** Where it is published. */
    public val uri: String,
    /** The media type to ask for. */
    public val mediaType: String,
    /** When what is known of it grows old; `null` when nothing is known yet. */
    public val due: Instant?,
    /** How many documents ask for it. */
    public val documents: Int,
)

/** A document whose state is another one now. */
public data class StatusChange(
    /** The id of the document. */
    public val document: String,
    /** What it is now. */
    public val state: DocumentState,
    /** What to tell the owner. */
    public val text: LocalizedText,
)

/** What a locked wallet holds, by type and issuer. */
public data class HeldPapers(
    /** The ISO docType. */
    public val docType: String,
    /** Who signed it. */
    public val issuer: String,
    /** How many there are. */
    public val count: Int,
)
