import Foundation
internal import IdwalletFFI

/// The documents of a wallet at one moment.
public struct DocumentList: Sendable, Hashable {
    /// The documents, in the order in which they were imported.
    public let documents: [DocumentSummary]
    /// Records that could not be read. They are kept, and named so that the person can ask for a new document.
    public let damaged: [DamagedDocument]
    /// Whether the wallet is locked; then both lists are empty.
    public let isLocked: Bool

    static let locked = DocumentList(documents: [], damaged: [], isLocked: true)

    private init(documents: [DocumentSummary], damaged: [DamagedDocument], isLocked: Bool) {
        self.documents = documents
        self.damaged = damaged
        self.isLocked = isLocked
    }

    init(_ ffi: IdwalletFFI.DocumentList) {
        self.init(documents: ffi.documents.map(DocumentSummary.init), damaged: ffi.damaged.map(DamagedDocument.init), isLocked: false)
    }
}

/// One document of the list.
public struct DocumentSummary: Sendable, Hashable, Identifiable {
    /// Its id in this wallet, hexadecimal.
    public let id: String
    /// Its document type, for example `org.iso.18013.5.1.mDL`.
    public let docType: String
    /// The name of its type, for the person.
    public let title: LocalizedText
    /// A line that tells it from others of its type.
    public let summary: LocalizedText
    /// Who issued it, as its certificate says.
    public let issuer: String
    /// The issuer's country, ISO 3166-1 alpha-2, when the certificate names one.
    public let issuingCountry: String?
    /// Good from then on.
    public let validFrom: Date
    /// Good until then.
    public let validUntil: Date
    /// Whether it can be used now.
    public let state: DocumentState
    /// The same for the person.
    public let stateText: LocalizedText
    /// How many copies were imported; each is shown to one reader, so that readers cannot compare.
    public let copiesTotal: Int
    /// How many of them nobody has seen yet; `nil` when that is not counted.
    public let copiesLeft: Int?
    /// Why a new issue is due, when it is.
    public let reissueDue: LocalizedText?
    /// Whose document it is, when the holder keeps it for another person.
    public let ward: LocalizedText?
    /// When it was imported.
    public let importedAt: Date

    init(_ ffi: IdwalletFFI.DocumentSummary) {
        id = ffi.id
        docType = ffi.docType
        title = LocalizedText(ffi.title)
        summary = LocalizedText(ffi.summary)
        issuer = ffi.issuer
        issuingCountry = ffi.issuingCountry
        validFrom = Date(seconds: ffi.validFrom)
        validUntil = Date(seconds: ffi.validUntil)
        state = DocumentState(ffi.state)
        stateText = LocalizedText(ffi.stateText)
        copiesTotal = Int(ffi.copiesTotal)
        copiesLeft = ffi.copiesLeft.map(Int.init)
        reissueDue = localized(ffi.reissueDue)
        ward = localized(ffi.ward)
        importedAt = Date(seconds: ffi.importedAt)
    }
}

/// Whether a document can be used.
public enum DocumentState: String, Sendable, Hashable, CaseIterable {
    /// It can.
    case active
    /// Its time has not come.
    case notYetValid
    /// Its time is over.
    case expired
    /// The issuer has stopped it for now.
    case suspended
    /// The issuer has withdrawn it.
    case revoked

    init(_ ffi: IdwalletFFI.DocumentState) {
        switch ffi {
        case .active: self = .active
        case .notYetValid: self = .notYetValid
        case .expired: self = .expired
        case .suspended: self = .suspended
        case .revoked: self = .revoked
        }
    }
}

/// A record that could not be read.
public struct DamagedDocument: Sendable, Hashable, Identifiable {
    /// Its id, hexadecimal.
    public let id: String
    /// What is wrong, for the person.
    public let text: LocalizedText

    init(_ ffi: IdwalletFFI.DamagedDocument) {
        id = ffi.id
        text = LocalizedText(ffi.text)
    }
}

/// A document with all of its claims, for the holder's own eyes.
public struct Document: Sendable, Hashable, Identifiable {
    /// What the list shows.
    public let summary: DocumentSummary
    /// Every claim, in the order of its type.
    public let claims: [Claim]
    /// The id of the document.
    public var id: String { summary.id }

    init(_ ffi: IdwalletFFI.DocumentView) {
        summary = DocumentSummary(ffi.summary)
        claims = ffi.claims.map(Claim.init)
    }
}

/// How careful one should be with a claim.
public enum Sensitivity: String, Sendable, Hashable, CaseIterable {
    /// As with a name.
    case normal
    /// As with an address.
    case sensitive
    /// As with religion or health.
    case verySensitive

    init(_ ffi: IdwalletFFI.Sensitivity) {
        switch ffi {
        case .normal: self = .normal
        case .sensitive: self = .sensitive
        case .verySensitive: self = .verySensitive
        }
    }
}

/// One claim of a document.
public struct Claim: Sendable, Hashable {
    /// Its name space.
    public let nameSpace: String
    /// Its element identifier.
    public let element: String
    /// Its name for the person.
    public let label: LocalizedText
    /// How careful one should be with it.
    public let sensitivity: Sensitivity
    /// What it reveals beside itself (a personal number reveals the year of birth).
    public let givesAway: [LocalizedText]
    /// The value as it may stand on the screen.
    public let shown: LocalizedText
    /// What codes in the value mean.
    public let meanings: [LocalizedText]
    /// The picture (JPEG or JPEG 2000), when it is one.
    public let image: Data?
    /// The value as the issuer signed it, CBOR.
    public let cbor: Data

    init(_ ffi: IdwalletFFI.Claim) {
        nameSpace = ffi.nameSpace
        element = ffi.element
        label = LocalizedText(ffi.label)
        sensitivity = Sensitivity(ffi.sensitivity)
        givesAway = ffi.givesAway.map(LocalizedText.init)
        shown = LocalizedText(ffi.shown)
        meanings = ffi.meanings.map(LocalizedText.init)
        image = ffi.image
        cbor = ffi.cbor
    }
}

/// One copy of a document to import.
public struct NewCopy: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The IssuerSigned structure, CBOR.
    public let issuerSigned: Data
    /// The private device key in PKCS#8, PEM or DER, if it was made elsewhere: only a wallet without a secure area takes it.
    /// `nil` for a key of ``Wallet/createDeviceKey(_:)``, as it should be.
    public let deviceKey: Data?

    /// A copy whose key lives in the secure area, or comes with it.
    public init(issuerSigned: Data, deviceKey: Data? = nil) {
        self.issuerSigned = issuerSigned
        self.deviceKey = deviceKey
    }

    /// Without what is in it.
    public var description: String { "NewCopy(\(issuerSigned.count) bytes)" }
    /// Without what is in it.
    public var debugDescription: String { description }
    /// Without what is in it.
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    var ffi: IdwalletFFI.NewCopy {
        IdwalletFFI.NewCopy(issuerSigned: issuerSigned, deviceKey: deviceKey)
    }
}

/// Which rules a document is measured by.
public enum Strictness: String, Sendable, Hashable, CaseIterable {
    /// ISO/IEC 18013-5 to the letter.
    case iso
    /// The key purposes of ISO/IEC 23220 alone will do for documents other than the driving licence.
    case generic
    /// Departures from certificate profiles and forms are warnings.
    case lenient

    var ffi: IdwalletFFI.Strictness {
        switch self {
        case .iso: return .iso
        case .generic: return .generic
        case .lenient: return .lenient
        }
    }
}

/// What an import did.
public struct Imported: Sendable, Hashable {
    /// The id of the new document, hexadecimal.
    public let id: String
    /// How many copies it has.
    public let copies: Int
    /// What a strict issuer would do better.
    public let warnings: [String]
    /// What is doubtful about its content.
    public let findings: [Finding]
    /// The ids of the documents that it takes the place of.
    public let replaces: [String]

    init(_ ffi: IdwalletFFI.Imported) {
        id = ffi.id
        copies = Int(ffi.copies)
        warnings = ffi.warnings
        findings = ffi.findings.map(Finding.init)
        replaces = ffi.replaces
    }
}

/// A device key that waits for its document.
public struct DeviceKey: Sendable, Hashable {
    /// The key for the issuer to put into the document: SubjectPublicKeyInfo in DER.
    public let publicKey: Data
    /// Proof of where it lives, when one was asked for and the area can give it.
    public let attestation: KeyAttestation?

    init(_ ffi: IdwalletFFI.DeviceKey) {
        publicKey = ffi.publicKey
        attestation = ffi.attestation.map(KeyAttestation.init)
    }
}
