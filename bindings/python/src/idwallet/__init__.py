"""A citizen's wallet and a reader for verifiers, servers and notebooks: async calls, typed errors, no cryptography and no protocol in the app.

Begin with `Reader` to verify what a wallet answers, or with `Wallet` to hold documents and present them. Times are `datetime` with a zone,
spans of time `timedelta`; texts for people are `LocalizedText`, in Vietnamese and English; ids of documents are 32 hexadecimal digits.
"""

from ._carrier import (
    Carrier, FrameDecoder, FrameEncoder, FrameProgress, MessageKind, QrCode, StreamCarrier, StreamListener,
    qr_code, scan_qr, version,
)
from ._documents import (
    Access, AnchorReport, Claim, DamagedDocument, DeviceKey, DocumentList, DocumentState, DocumentSummary,
    DocumentView, Exported, Finding, HeldPapers, Imported, NewCopy, PlannedDocument, Restored, Sensitivity,
    StatusChange, StatusSource, Strictness,
)
from ._errors import (
    BackupError, ExpiredError, InternalError, InvalidRequestError, InvalidStateError, IssuerError,
    KeyInvalidatedError, LockedError, Reaction, StorageError, UnsupportedError, UntrustedError,
    UserAuthRequiredError, UserCancelledError, VerifierError, WalletError,
)
from ._history import (
    History, HistoryEntry, HistoryNames, HistoryOutcome,
)
from ._ports import (
    AndroidKeyAttestation, AppleAppAttestation, AreaCapabilities, AreaFault, Attestation, Authentication,
    Clock, Counters, CreatedKey, Curve, KeyPurpose, KeySpec, LogLevel, LogRecord, LogSink, Now, SecureArea,
    SecureAreaError, SecurityLevel, SoftwareAttestation, SystemClock,
)
from ._presentation import (
    CameraPresentation, Decide, Presentation, PresentationResult,
)
from ._reader import (
    CameraNoAnswer, CameraOutcome, CameraReader, CameraVerified, Elements, Reader, ReaderIdentity,
    ReaderPolicy, ReaderRequest, ReaderResult, ReaderSession, RequestTemplate, RequestedItem, RequestedItems,
    Template, request_templates,
)
from ._report import (
    Accepted, CheckReport, CheckState, ClaimValue, DocumentAccepted, DocumentOutcome, DocumentRefused,
    DocumentReport, Outcome, Reason, ReasonKind, Refused, Report, TrustResult, TrustState, VerifiedClaim,
    VerifiedDocument,
)
from ._review import (
    Answer, Approval, ApprovedDocument, AskedElement, CameraAnswer, Candidate, ElementName, EndReason,
    GivenElement, MissingElement, OfferedElement, ReaderState, ReaderView, RequestedDocument, Review,
    SharedDocument, UnsuitableDocument, UseCase,
)
from ._text import (
    LocalizedText,
)
from ._trust import (
    TrustStore,
)
from ._wallet import (
    RestorePlan, Wallet,
)

__all__ = [
    "Accepted", "Access", "AnchorReport", "AndroidKeyAttestation", "Answer", "AppleAppAttestation",
    "Approval", "ApprovedDocument", "AreaCapabilities", "AreaFault", "AskedElement", "Attestation",
    "Authentication", "BackupError", "CameraAnswer", "CameraNoAnswer", "CameraOutcome", "CameraPresentation",
    "CameraReader", "CameraVerified", "Candidate", "Carrier", "CheckReport", "CheckState", "Claim",
    "ClaimValue", "Clock", "Counters", "CreatedKey", "Curve", "DamagedDocument", "Decide", "DeviceKey",
    "DocumentAccepted", "DocumentList", "DocumentOutcome", "DocumentRefused", "DocumentReport",
    "DocumentState", "DocumentSummary", "DocumentView", "ElementName", "Elements", "EndReason",
    "ExpiredError", "Exported", "Finding", "FrameDecoder", "FrameEncoder", "FrameProgress", "GivenElement",
    "HeldPapers", "History", "HistoryEntry", "HistoryNames", "HistoryOutcome", "Imported", "InternalError",
    "InvalidRequestError", "InvalidStateError", "IssuerError", "KeyInvalidatedError", "KeyPurpose", "KeySpec",
    "LocalizedText", "LockedError", "LogLevel", "LogRecord", "LogSink", "MessageKind", "MissingElement",
    "NewCopy", "Now", "OfferedElement", "Outcome", "PlannedDocument", "Presentation", "PresentationResult",
    "QrCode", "Reaction", "Reader", "ReaderIdentity", "ReaderPolicy", "ReaderRequest", "ReaderResult",
    "ReaderSession", "ReaderState", "ReaderView", "Reason", "ReasonKind", "Refused", "Report",
    "RequestTemplate", "RequestedDocument", "RequestedItem", "RequestedItems", "RestorePlan", "Restored",
    "Review", "SecureArea", "SecureAreaError", "SecurityLevel", "Sensitivity", "SharedDocument",
    "SoftwareAttestation", "StatusChange", "StatusSource", "StorageError", "StreamCarrier", "StreamListener",
    "Strictness", "SystemClock", "Template", "TrustResult", "TrustState", "TrustStore", "UnsuitableDocument",
    "UnsupportedError", "UntrustedError", "UseCase", "UserAuthRequiredError", "UserCancelledError",
    "VerifiedClaim", "VerifiedDocument", "VerifierError", "Wallet", "WalletError", "qr_code",
    "request_templates", "scan_qr", "version",
]
