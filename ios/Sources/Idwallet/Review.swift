import Foundation
internal import IdwalletFFI

/// What the consent screen shows: who asks for what, and what this wallet could give.
///
/// It belongs to one request by its handle. An answer to another request is refused.
public struct Review: Sendable, Hashable {
    let handle: Data
    /// Whether there is anything to answer with.
    public let canAnswer: Bool
    /// Whether a reader's signature is invalid. Such a reader should get nothing.
    public let hasBadReader: Bool
    /// The documents asked for.
    public let requests: [RequestedDocument]
    /// How they belong together, when the reader says so.
    public let useCases: [UseCase]

    init(_ ffi: IdwalletFFI.Review) {
        handle = ffi.handle
        canAnswer = ffi.canAnswer
        hasBadReader = ffi.hasBadReader
        requests = ffi.requests.map(RequestedDocument.init)
        useCases = ffi.useCases.map(UseCase.init)
    }
}

/// One document that is asked for.
public struct RequestedDocument: Sendable, Hashable {
    /// The document type.
    public let docType: String
    /// The name of the type, for the person.
    public let title: LocalizedText
    /// Who asks.
    public let reader: AskingReader
    /// The account level that the reader wants, when it wants one.
    public let accountLevel: Int?
    /// What is asked.
    public let asked: [AskedElement]
    /// The documents that could answer, the one to propose first.
    public let candidates: [Candidate]
    /// Documents of that type that cannot answer.
    public let unsuitable: [UnsuitableDocument]
    /// Why none could, for the person.
    public let whyNone: LocalizedText?

    init(_ ffi: IdwalletFFI.RequestedDocument) {
        docType = ffi.docType
        title = LocalizedText(ffi.title)
        reader = AskingReader(ffi.reader)
        accountLevel = ffi.accountLevel.map(Int.init)
        asked = ffi.asked.map(AskedElement.init)
        candidates = ffi.candidates.map(Candidate.init)
        unsuitable = ffi.unsuitable.map(UnsuitableDocument.init)
        whyNone = localized(ffi.whyNone)
    }
}

/// A document of the type asked for that cannot answer.
public struct UnsuitableDocument: Sendable, Hashable {
    /// The id of the document.
    public let document: String
    /// Why not. For the owner alone.
    public let reason: LocalizedText

    init(_ ffi: IdwalletFFI.UnsuitableDocument) {
        document = ffi.document
        reason = LocalizedText(ffi.reason)
    }
}

/// Who asks, and how sure that is.
public struct AskingReader: Sendable, Hashable {
    /// How sure the reader's name is.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// The reader did not say who it is.
        case absent
        /// It signed, and the signature is wrong.
        case invalid
        /// It signed, and nobody whom this wallet trusts vouches for it.
        case untrusted
        /// It is who it says.
        case verified
    }

    /// How sure the name is.
    public let state: State
    /// Its name. Only a verified name may be shown as the name of the one who asks.
    public let name: String?
    /// Its organisation.
    public let organization: String?
    /// Its country, ISO 3166-1 alpha-2.
    public let country: String?
    /// The sentence for the person.
    public let text: LocalizedText
    /// Why it is not verified.
    public let reason: LocalizedText?

    init(_ ffi: IdwalletFFI.ReaderView) {
        switch ffi.state {
        case .absent: state = .absent
        case .invalid: state = .invalid
        case .untrusted: state = .untrusted
        case .verified: state = .verified
        }
        name = ffi.name
        organization = ffi.organization
        country = ffi.country
        text = LocalizedText(ffi.text)
        reason = localized(ffi.reason)
    }
}

/// An element that the reader asks for.
public struct AskedElement: Sendable, Hashable {
    /// Its name space and identifier.
    public let name: ElementName
    /// Its name for the person.
    public let label: LocalizedText
    /// How careful one should be with it.
    public let sensitivity: Sensitivity
    /// Whether the reader means to keep it.
    public let intentToRetain: Bool

    init(_ ffi: IdwalletFFI.AskedElement) {
        name = ElementName(nameSpace: ffi.nameSpace, element: ffi.element)
        label = LocalizedText(ffi.label)
        sensitivity = Sensitivity(ffi.sensitivity)
        intentToRetain = ffi.intentToRetain
    }
}

/// A document that could answer.
public struct Candidate: Sendable, Hashable {
    /// The id of the document.
    public let document: String
    /// A line that tells it from others.
    public let summary: LocalizedText
    /// Who issued it.
    public let issuer: String
    /// Good until then.
    public let validUntil: Date
    /// Whose it is, when the holder keeps it for another person.
    public let ward: LocalizedText?
    /// What authorises the holder to show it, if it is another person's and the wallet has it.
    public let authority: LocalizedText?
    /// Whether every copy has been shown before, so that readers could compare. It then takes ``Approval/again``.
    public let copyAgain: Bool
    /// Why a new issue is due once this one is shown, when it is.
    public let reissueDue: LocalizedText?
    /// What it can give.
    public let elements: [OfferedElement]
    /// What it cannot give.
    public let missing: [MissingElement]
    /// Whether the portrait should go along, so that the person can be recognised.
    public let portraitIsDue: Bool
    /// What the person should know before.
    public let warnings: [Finding]

    init(_ ffi: IdwalletFFI.Candidate) {
        document = ffi.document
        summary = LocalizedText(ffi.summary)
        issuer = ffi.issuer
        validUntil = Date(seconds: ffi.validUntil)
        ward = localized(ffi.ward)
        authority = localized(ffi.authority)
        copyAgain = ffi.copyAgain
        reissueDue = localized(ffi.reissueDue)
        elements = ffi.elements.map(OfferedElement.init)
        missing = ffi.missing.map(MissingElement.init)
        portraitIsDue = ffi.portraitIsDue
        warnings = ffi.warnings.map(Finding.init)
    }
}

/// An asked element and what would be given for it.
public struct OfferedElement: Sendable, Hashable {
    /// What was asked.
    public let asked: AskedElement
    /// What would be given: one element, or all of an alternative that the reader named.
    public let gives: [GivenElement]
    /// Whether the consent screen should start with it chosen.
    public let preselected: Bool

    init(_ ffi: IdwalletFFI.OfferedElement) {
        asked = AskedElement(ffi.asked)
        gives = ffi.gives.map(GivenElement.init)
        preselected = ffi.preselected
    }
}

/// What would be given.
public struct GivenElement: Sendable, Hashable {
    /// Its name space and identifier.
    public let name: ElementName
    /// Its name for the person.
    public let label: LocalizedText
    /// How careful one should be with it.
    public let sensitivity: Sensitivity
    /// The value as it may stand on the screen.
    public let shown: LocalizedText
    /// What codes in the value mean.
    public let meanings: [LocalizedText]
    /// What it reveals beside itself.
    public let givesAway: [LocalizedText]

    init(_ ffi: IdwalletFFI.GivenElement) {
        name = ElementName(nameSpace: ffi.nameSpace, element: ffi.element)
        label = LocalizedText(ffi.label)
        sensitivity = Sensitivity(ffi.sensitivity)
        shown = LocalizedText(ffi.shown)
        meanings = ffi.meanings.map(LocalizedText.init)
        givesAway = ffi.givesAway.map(LocalizedText.init)
    }
}

/// An asked element that the document cannot give.
public struct MissingElement: Sendable, Hashable {
    /// What was asked.
    public let asked: AskedElement
    /// Why it is missing. For the owner alone.
    public let reason: LocalizedText

    init(_ ffi: IdwalletFFI.MissingElement) {
        asked = AskedElement(ffi.asked)
        reason = LocalizedText(ffi.reason)
    }
}

/// Documents that answer together.
public struct UseCase: Sendable, Hashable {
    /// Whether the reader needs it.
    public let mandatory: Bool
    /// The ways to answer it: each names requests by their place in ``Review/requests``.
    public let sets: [[Int]]
    /// The place of the set that the wallet proposes.
    public let proposed: Int?

    init(_ ffi: IdwalletFFI.UseCase) {
        mandatory = ffi.mandatory
        sets = ffi.sets.map { $0.map(Int.init) }
        proposed = ffi.proposed.map(Int.init)
    }
}

/// An element by its name space and identifier.
public struct ElementName: Sendable, Hashable {
    /// The name space.
    public let nameSpace: String
    /// The element identifier.
    public let element: String

    /// An element by its name space and identifier.
    public init(nameSpace: String, element: String) {
        self.nameSpace = nameSpace
        self.element = element
    }

    init(_ ffi: IdwalletFFI.ElementName) {
        nameSpace = ffi.nameSpace
        element = ffi.element
    }

    var ffi: IdwalletFFI.ElementName {
        IdwalletFFI.ElementName(nameSpace: nameSpace, element: element)
    }
}

/// What the person allows.
public struct Approval: Sendable, Hashable {
    /// What is allowed of which document. Requests without a choice get nothing.
    public var choices: [ApprovedDocument]
    /// Documents of which a copy may be shown a second time, by id. See ``Candidate/copyAgain``.
    public var again: [String]

    /// An approval of exactly these elements.
    public init(choices: [ApprovedDocument], again: [String] = []) {
        self.choices = choices
        self.again = again
    }

    init(_ ffi: IdwalletFFI.Approval) {
        choices = ffi.choices.map(ApprovedDocument.init)
        again = ffi.again
    }

    var ffi: IdwalletFFI.Approval {
        IdwalletFFI.Approval(choices: choices.map(\.ffi), again: again)
    }
}

/// What is allowed of one document.
public struct ApprovedDocument: Sendable, Hashable {
    /// The place of the request in ``Review/requests``.
    public var request: Int
    /// The id of the document that answers it.
    public var document: String
    /// The elements asked that may be given.
    public var elements: [ElementName]

    /// What is allowed of one document.
    public init(request: Int, document: String, elements: [ElementName]) {
        self.request = request
        self.document = document
        self.elements = elements
    }

    init(_ ffi: IdwalletFFI.ApprovedDocument) {
        request = Int(ffi.request)
        document = ffi.document
        elements = ffi.elements.map(ElementName.init)
    }

    var ffi: IdwalletFFI.ApprovedDocument {
        IdwalletFFI.ApprovedDocument(request: UInt32(clamping: request), document: document, elements: elements.map(\.ffi))
    }
}

/// What was given to the reader.
public struct Answer: Sendable, Hashable {
    /// What was shared, by document.
    public let shared: [SharedDocument]
    /// The requests that got nothing, by their place in ``Review/requests``.
    public let withheld: [Int]
    /// Whether it stands in the history.
    public let logged: Bool

    init(_ ffi: IdwalletFFI.Answer) {
        shared = ffi.shared.map(SharedDocument.init)
        withheld = ffi.withheld.map(Int.init)
        logged = ffi.logged
    }
}

/// What was shared of one document.
public struct SharedDocument: Sendable, Hashable {
    /// The place of the request in ``Review/requests``.
    public let request: Int
    /// The id of the document.
    public let document: String
    /// The elements shared.
    public let elements: [ElementName]
    /// How many copies nobody has seen yet.
    public let copiesLeft: Int?
    /// Why a new issue is due, when it is.
    public let reissueDue: LocalizedText?

    init(_ ffi: IdwalletFFI.SharedDocument) {
        request = Int(ffi.request)
        document = ffi.document
        elements = ffi.elements.map(ElementName.init)
        copiesLeft = ffi.copiesLeft.map(Int.init)
        reissueDue = localized(ffi.reissueDue)
    }
}

/// Something doubtful.
public struct Finding: Sendable, Hashable {
    /// The stable code, for example `Q201`.
    public let code: String
    /// Whether it keeps the document from being used.
    public let isRefusal: Bool
    /// The sentence for the person.
    public let text: LocalizedText
    /// The id of the document that it is about, where it is one of the wallet.
    public let document: String?

    init(_ ffi: IdwalletFFI.Finding) {
        code = ffi.code
        isRefusal = ffi.isRefusal
        text = LocalizedText(ffi.text)
        document = ffi.document
    }
}
