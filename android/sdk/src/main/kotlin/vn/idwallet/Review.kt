package vn.idwallet

import java.time.Instant

/** What is known about who asks. */
public enum class ReaderState {
    /** The reader did not say who it is. */
    ABSENT,

    /** It did, and the proof is false. */
    INVALID,

    /** The proof is good and nobody the wallet trusts vouches for it. */
    UNTRUSTED,

    /** Proof and certificate are good. */
    VERIFIED,
}

/** Who asks. Only a verified reader has a name. */
public data class ReaderView(
    /** What is known. */
    public val state: ReaderState,
    /** The name to show. */
    public val name: String?,
    /** The organisation in the certificate. */
    public val organization: String?,
    /** The country in the certificate. */
    public val country: String?,
    /** Who asks, as a sentence. A warning for [ReaderState.INVALID] and [ReaderState.UNTRUSTED]: show it first. */
    public val text: LocalizedText,
    /** The reason behind a bad proof, for an expert. */
    public val reason: LocalizedText?,
)

/** The name of an element. */
public data class ElementName(
    /** Its namespace. */
    public val nameSpace: String,
    /** Its identifier. */
    public val element: String,
)

/** An element that is asked for. */
public data class AskedElement(
    /** Its namespace. */
    public val nameSpace: String,
    /** Its identifier. */
    public val element: String,
    /** What it is called. */
    public val label: LocalizedText,
    /** How sensitive it is. */
    public val sensitivity: Sensitivity,
    /** Whether the reader means to keep the value. */
    public val intentToRetain: Boolean,
) {
    /** Its name, as an [Approval] has it. */
    public val name: ElementName get() = ElementName(nameSpace, element)
}

/** An element that would leave the wallet. */
public data class GivenElement(
    /** Its namespace. */
    public val nameSpace: String,
    /** Its identifier. */
    public val element: String,
    /** What it is called. */
    public val label: LocalizedText,
    /** How sensitive it is. */
    public val sensitivity: Sensitivity,
    /** The value as a person reads it. */
    public val shown: LocalizedText,
    /** What codes in it mean. */
    public val meanings: List<LocalizedText>,
    /** What it gives away beside itself. */
    public val givesAway: List<LocalizedText>,
)

/** An element that a document can give. */
public data class OfferedElement(
    /** What was asked for. */
    public val asked: AskedElement,
    /** What would leave: one element, or all of an alternative that the reader named. */
    public val gives: List<GivenElement>,
    /** Whether the screen may tick it by itself: never a sensitive element, and nothing at all for a reader with a bad proof. */
    public val preselected: Boolean,
)

/** An element that is asked for and not on offer. */
public data class MissingElement(
    /** What was asked for. */
    public val asked: AskedElement,
    /** Why it is not offered. For the owner alone: the reader does not learn it. */
    public val reason: LocalizedText,
)

/** A document that could answer. */
public data class Candidate(
    /** The id of the document. */
    public val document: String,
    /** A few words that tell it from others of its type. */
    public val summary: LocalizedText,
    /** Who signed it. */
    public val issuer: String,
    /** Until when it is valid. */
    public val validUntil: Instant,
    /** Whose it is, if it is a ward's. */
    public val ward: LocalizedText?,
    /** What authorises the owner to show it, if it is a ward's and the wallet has it. */
    public val authority: LocalizedText?,
    /** Whether the copy was shown before, so that who saw it could know the owner again: ask, and name the document in [Approval.again]. */
    public val copyAgain: Boolean,
    /** Why new copies are to be fetched once this one is shown, if they are. */
    public val reissueDue: LocalizedText?,
    /** What it can give. */
    public val elements: List<OfferedElement>,
    /** What is asked for and it does not give. */
    public val missing: List<MissingElement>,
    /** Whether the portrait goes with whatever is given, or nothing goes. */
    public val portraitIsDue: Boolean,
    /** What its owner should know about it before showing it. */
    public val warnings: List<Finding>,
)

/** A document of the type asked for that cannot answer. */
public data class UnsuitableDocument(
    /** The id of the document. */
    public val document: String,
    /** Why not. For the owner alone. */
    public val reason: LocalizedText,
)

/** One document that is asked for. */
public data class RequestedDocument(
    /** The docType asked for. */
    public val docType: String,
    /** What such a document is called. */
    public val title: LocalizedText,
    /** Who asks for it. */
    public val reader: ReaderView,
    /** The level (1 or 2) that the owner's identity account has to have for the reader. */
    public val accountLevel: Int?,
    /** Every element asked for, whether the wallet has it or not. */
    public val asked: List<AskedElement>,
    /** The documents that could answer, the one to be proposed first. */
    public val candidates: List<Candidate>,
    /** Documents of that type that cannot answer. */
    public val unsuitable: List<UnsuitableDocument>,
    /** Why nothing answers; `null` when something does. */
    public val whyNone: LocalizedText?,
)

/** A purpose of the reader, which one of several sets of documents serves. */
public data class UseCase(
    /** Whether the reader needs it served. */
    public val mandatory: Boolean,
    /** Each set, as indices into [Review.requests]. */
    public val sets: List<List<Int>>,
    /** The set to propose, as an index into [sets]. */
    public val proposed: Int?,
)

/** What a reader asks for: plain data for the consent screen, bound to that very request. */
public data class Review(
    /** What binds an answer to this request. */
    public val handle: ByteArray,
    /** Whether anything in the wallet answers it. */
    public val canAnswer: Boolean,
    /** Whether somebody who asks gave a false or untrusted proof of who they are: warn of it before anything else. */
    public val hasBadReader: Boolean,
    /** The documents asked for. */
    public val requests: List<RequestedDocument>,
    /** What the reader wants them for, if it said. */
    public val useCases: List<UseCase>,
)

/** A document of which something may leave. */
public data class ApprovedDocument(
    /** Which request it answers, as an index into [Review.requests]. */
    public val request: Int,
    /** The id of the document. */
    public val document: String,
    /** What may leave, named as it was asked for. */
    public val elements: List<ElementName>,
)

/** What the person approves. An approval of nothing is a decline. */
public data class Approval(
    /** What may leave. */
    public val choices: List<ApprovedDocument>,
    /** Ids of documents of which a copy may be shown that was shown before. */
    public val again: List<String> = emptyList(),
)

/** What left of one document. */
public data class SharedDocument(
    /** Which request it answers, as an index into [Review.requests]. */
    public val request: Int,
    /** The id of the document. */
    public val document: String,
    /** The elements that left. */
    public val elements: List<ElementName>,
    /** Showings left that cannot be linked; `null` where that does not depend on counting. */
    public val copiesLeft: Int?,
    /** Whether and why new copies are to be fetched. */
    public val reissueDue: LocalizedText?,
)

/** What was answered. */
public data class Answer(
    /** What left; empty for a decline. */
    public val shared: List<SharedDocument>,
    /** Requests of which nothing left although something was approved, because the portrait was due and was not approved. */
    public val withheld: List<Int>,
    /** Whether the history has it. If not, for want of room to write, tell the owner. */
    public val logged: Boolean,
)
