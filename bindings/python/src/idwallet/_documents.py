"""What a wallet says about its documents, its door and its backups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from ._ports import Attestation
from ._text import LocalizedText


class DocumentState(Enum):
    """Whether a document can be used now."""

    ACTIVE = "active"
    """It can."""

    NOT_YET_VALID = "notYetValid"
    """Its validity begins later."""

    EXPIRED = "expired"
    """Its validity is over."""

    SUSPENDED = "suspended"
    """Its issuer has taken it back for a time."""

    REVOKED = "revoked"
    """Its issuer has taken it back for good."""


class Sensitivity(Enum):
    """How sensitive a data element is."""

    NORMAL = "normal"
    """May be selected by the screen itself."""

    SENSITIVE = "sensitive"
    """The person has to select it."""

    VERY_SENSITIVE = "verySensitive"
    """The person has to select it, and is warned."""


@dataclass(frozen=True)
class DocumentSummary:
    """One line of a list. No personal data but what the document type lets a list show."""

    id: str
    """Its id."""

    doc_type: str
    """The ISO docType."""

    title: LocalizedText
    """What the document is called."""

    summary: LocalizedText = field(repr=False)
    """A few words that tell two documents of one type apart; may be empty."""

    issuer: str
    """Who signed it: the name in the certificate that was verified at import."""

    issuing_country: str | None
    """The country in that certificate."""

    valid_from: datetime
    """From when on it may be used."""

    valid_until: datetime
    """Until when."""

    state: DocumentState
    """Whether it can be used now."""

    state_text: LocalizedText
    """The same in words."""

    copies_total: int
    """How many copies it has."""

    copies_left: int | None
    """How many showings are left that cannot be linked with earlier ones; nothing for what is shown again and again."""

    reissue_due: LocalizedText | None
    """Why it is to be fetched anew, if it is."""

    ward: LocalizedText | None = field(repr=False)
    """Whose it is, if not the owner's: "your child's (Na)"."""

    imported_at: datetime
    """When it was put into the wallet."""


@dataclass(frozen=True)
class DamagedDocument:
    """A document that cannot be read. It is set aside and left as it is; removing takes it away."""

    id: str
    """Its id."""

    text: LocalizedText
    """What to tell the person."""


@dataclass(frozen=True)
class DocumentList:
    """What is in the wallet."""

    documents: tuple[DocumentSummary, ...]
    """The documents in the order of their import."""

    damaged: tuple[DamagedDocument, ...]
    """Those that cannot be read."""


@dataclass(frozen=True)
class Claim:
    """One data element of a document."""

    name_space: str
    """Its namespace."""

    element: str
    """Its identifier."""

    label: LocalizedText
    """What it is called."""

    sensitivity: Sensitivity
    """How sensitive it is."""

    gives_away: tuple[LocalizedText, ...] = field(repr=False)
    """What the value gives away beside itself."""

    shown: LocalizedText = field(repr=False)
    """The value as a person reads it; pictures by their size."""

    meanings: tuple[LocalizedText, ...] = field(repr=False)
    """What codes in it mean in this document."""

    image: bytes | None = field(repr=False)
    """The picture, if it is one: JPEG or JPEG 2000. Decode it where it can do no harm."""

    cbor: bytes = field(repr=False)
    """The value as its issuer encoded it: one CBOR item."""


@dataclass(frozen=True)
class DocumentView:
    """A document with its claims."""

    summary: DocumentSummary
    """What the list says of it."""

    claims: tuple[Claim, ...]
    """The claims in the order of the document type."""


@dataclass(frozen=True)
class Finding:
    """Something that the owner should know about a document."""

    code: str
    """The stable code, such as `Q201`."""

    is_refusal: bool
    """Whether it keeps the document from being used."""

    text: LocalizedText
    """What to tell the person."""

    document: str | None
    """The document it is about, where it is one in the wallet."""


@dataclass(frozen=True)
class StatusSource:
    """A status list to be fetched (HTTP GET) and handed to `update_status`, at a time of its own: never when a document
    is shown."""

    uri: str
    """Where it is published."""

    media_type: str
    """The media type to ask for."""

    due: datetime | None
    """When what is known of it grows old; nothing when nothing is known yet."""

    documents: int
    """How many documents ask for it."""


@dataclass(frozen=True)
class StatusChange:
    """A document whose state is another one now."""

    document: str
    """The document."""

    state: DocumentState
    """What it is now."""

    text: LocalizedText
    """What to tell the owner."""


@dataclass(frozen=True)
class Access:
    """What can be said of a wallet before its PIN."""

    needs_pin: bool
    """Whether it has a PIN."""

    has_recovery_code: bool
    """Whether it has a recovery code."""

    is_closed: bool
    """Whether its owner locked it: `unlock_closed` opens it."""

    is_held: bool
    """Whether an order holds it, because the device was reported lost or stolen."""

    tries_left: int
    """How many wrong PINs there may be until one costs a wait."""

    retry_after: timedelta = field(metadata={"ffi": "retry_after_seconds"})
    """How long to wait before the next try, in time that the device is on; zero for not at all."""


@dataclass(frozen=True)
class HeldPapers:
    """A document that is known of without the PIN."""

    doc_type: str
    """The ISO docType."""

    issuer: str
    """Who signed it."""

    count: int
    """How many there are."""


class Strictness(Enum):
    """How strictly certificates and documents are held to their profiles."""

    ISO = "iso"
    """ISO 18013-5 to the letter."""

    GENERIC = "generic"
    """The key purposes of ISO/IEC 23220 alone will do for documents other than the driving licence."""

    LENIENT = "lenient"
    """Departures from certificate profiles and forms are warnings."""


@dataclass(frozen=True)
class DeviceKey:
    """A device key that waits for its document."""

    public_key: bytes
    """The key for the issuer to put into the document: DER `SubjectPublicKeyInfo`."""

    attestation: Attestation | None
    """Evidence of where the key lives, if a challenge was given and the area can attest."""


@dataclass(frozen=True)
class NewCopy:
    """One copy of a document that is to be imported."""

    issuer_signed: bytes = field(repr=False)
    """`IssuerSigned` (CBOR) as the issuer gave it."""

    device_key: bytes | None = field(default=None, repr=False)
    """The device key if it was made elsewhere, PKCS#8 in PEM or DER: the software area alone takes it. Nothing for a
    key of `create_device_key`."""


@dataclass(frozen=True)
class Imported:
    """A document that is now in the wallet."""

    id: str
    """Its id."""

    copies: int
    """How many copies it has."""

    warnings: tuple[str, ...]
    """What the policy let pass, in English with the clause."""

    findings: tuple[Finding, ...]
    """What its owner should know."""

    replaces: tuple[str, ...]
    """The older documents that are no longer shown now that this one is there."""


@dataclass(frozen=True)
class Exported:
    """What is in an export."""

    documents: int
    """Documents that can be restored anywhere where keys can be brought in."""

    to_be_reissued: tuple[LocalizedText, ...]
    """What has to be issued again after a restore, because its keys are bound to this device."""

    history: int
    """Entries of the history."""


@dataclass(frozen=True)
class PlannedDocument:
    """A document of a backup, and what a restore would do with it."""

    title: LocalizedText
    """What it is called."""

    summary: LocalizedText = field(repr=False)
    """A few words that tell it from others of its type."""

    is_added: bool
    """Whether it would be added."""

    action_text: LocalizedText
    """What would happen, in words."""


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    added: tuple[str, ...]
    """Documents that were added."""

    skipped: int
    """How many of the file the wallet had already."""

    left_out: int
    """How many stayed in the file."""

    to_be_reissued: int
    """How many have to be issued again."""

    history: int
    """Entries of the history that were added."""


@dataclass(frozen=True)
class AnchorReport:
    """An authority that is trusted from now on."""

    subject: str
    """The name in its certificate."""

    findings: tuple[str, ...]
    """What is unusual about the certificate, in English with the clause; empty for a usual one."""
