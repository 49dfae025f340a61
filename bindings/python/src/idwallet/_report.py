"""What a reader found out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from ._convert import lift
from ._text import LocalizedText


class ReasonKind(Enum):
    """What a reason means."""

    INVALID = "invalid"
    """Altered, malformed or against the rules."""

    UNTRUSTED = "untrusted"
    """Nobody whom the reader trusts vouches for it."""

    NOT_YET_VALID = "notYetValid"
    """Not valid yet."""

    EXPIRED = "expired"
    """No longer valid."""

    REVOKED = "revoked"
    """Taken back for good."""

    SUSPENDED = "suspended"
    """Taken back for a time."""

    STATUS_UNKNOWN = "statusUnknown"
    """Whether it was taken back is not known."""

    NOT_BOUND = "notBound"
    """Not proven to be presented by its holder in this session."""

    REQUEST_MISMATCH = "requestMismatch"
    """Not what was asked for."""

    NOT_CHECKED = "notChecked"
    """A check that the policy needs was not made."""

    ACCOUNT_LEVEL = "accountLevel"
    """The identity account of the holder is of a lower level than is needed."""

    KNOWLEDGE_TOO_OLD = "knowledgeTooOld"
    """The reader's own knowledge is older than its policy allows."""

    RESPONSE = "response"
    """The response as a whole: an error of the holder, nothing in it, something unsupported in it."""


@dataclass(frozen=True)
class Reason:
    """Why something is refused."""

    kind: ReasonKind
    """What it means."""

    check: str | None
    """The stable name of the check, if it is one."""

    text: LocalizedText
    """A sentence, with its clause where there is one."""

    clause: str
    """The clause; empty where the reader's own policy is the reason."""


class CheckState(Enum):
    """How a check came out."""

    PASSED = "passed"
    """It holds."""

    WARNED = "warned"
    """It holds as far as the policy wants it to."""

    FAILED = "failed"
    """It does not hold."""

    SKIPPED = "skipped"
    """It was not made."""


@dataclass(frozen=True)
class CheckReport:
    """One line of the checklist."""

    id: str
    """The stable name."""

    state: CheckState
    """How it came out."""

    clause: str
    """The clause that asks for it, or that is not met."""

    reason: LocalizedText | None
    """Why it did not simply pass."""


class TrustState(Enum):
    """Whether an issuer is believed."""

    TRUSTED = "trusted"
    """It is."""

    UNTRUSTED = "untrusted"
    """It is not."""

    NOT_CHECKED = "notChecked"
    """There was nothing to check it with."""


@dataclass(frozen=True)
class TrustResult:
    """Whether an issuer is believed, and through whom."""

    state: TrustState
    """Whether it is."""

    anchor: str | None
    """The name of the authority, if it is."""

    reason: LocalizedText | None
    """Why not, if not."""


ClaimValue = str | bytes | bool | int | date | list[Any] | dict[str, Any]
"""A verified value. A `full-date` is a `date`; a list or a dictionary, such as the classes of a licence, is read from JSON, where bytes are
`{"bytes": base64url}`."""


def _value(ffi: Any) -> Any:
    if ffi.is_date():
        try:
            return date.fromisoformat(ffi.value)
        except ValueError:
            return ffi.value
    return json.loads(ffi.value) if ffi.is_json() else ffi.value


@dataclass(frozen=True)
class VerifiedClaim:
    """A verified data element."""

    name_space: str
    """Its namespace."""

    element: str
    """Its identifier."""

    label: LocalizedText
    """What it is called; the identifier where that is not known."""

    value: ClaimValue = field(repr=False)
    """The value."""

    shown: LocalizedText = field(repr=False)
    """The value as a person reads it; pictures by their size."""

    @classmethod
    def _lift(cls, ffi: Any) -> VerifiedClaim:
        return cls(ffi.name_space, ffi.element, lift(LocalizedText, ffi.label), _value(ffi.value), lift(LocalizedText, ffi.shown))


@dataclass(frozen=True)
class VerifiedDocument:
    """A document that holds. Only an accepted one is here."""

    doc_type: str
    """The ISO docType."""

    title: LocalizedText
    """What the document is called."""

    claims: tuple[VerifiedClaim, ...]
    """What the issuer says, in the order received."""

    portrait: bytes | None = field(repr=False)
    """The holder's picture, with which the person has to be compared. Decode it where it can do no harm."""

    is_bound: bool
    """Whether the holder's device proved itself in this session."""

    valid_from: datetime
    """From when it is valid."""

    valid_until: datetime
    """Until when."""

    issuer: str
    """The name in the signer's certificate."""

    issuing_country: str | None
    """The country in the signer's certificate."""

    def claim(self, name_space: str, element: str) -> VerifiedClaim | None:
        """The claim of that name, if the document has it."""
        return next((claim for claim in self.claims if (claim.name_space, claim.element) == (name_space, element)), None)


@dataclass(frozen=True)
class DocumentAccepted:
    """A document that holds."""

    document: VerifiedDocument
    """With its claims."""


@dataclass(frozen=True)
class DocumentRefused:
    """A document that does not hold. There are no claims of it."""

    reasons: tuple[Reason, ...]
    """Why. Never empty."""


DocumentOutcome = DocumentAccepted | DocumentRefused
"""What became of a document."""


@dataclass(frozen=True)
class DocumentReport:
    """Everything that was found out about one document."""

    claimed_type: str
    """The docType that it claims; only a claim unless it is accepted."""

    title: LocalizedText
    """What such a document is called."""

    outcome: DocumentOutcome
    """What became of it."""

    checks: tuple[CheckReport, ...]
    """Every check, in order."""

    trust: TrustResult
    """Whether its issuer is believed."""

    @classmethod
    def _lift(cls, ffi: Any) -> DocumentReport:
        if ffi.outcome.is_accepted():
            outcome: DocumentOutcome = DocumentAccepted(lift(VerifiedDocument, ffi.outcome.document))
        else:
            outcome = DocumentRefused(lift(tuple[Reason, ...], ffi.outcome.reasons))
        return cls(
            ffi.claimed_type, lift(LocalizedText, ffi.title), outcome, lift(tuple[CheckReport, ...], ffi.checks), lift(TrustResult, ffi.trust)
        )


@dataclass(frozen=True)
class Report:
    """Everything that a reader found out."""

    accepted: bool
    """Whether everything is accepted and there is at least one document."""

    checked_at: datetime
    """The time of the check."""

    documents: tuple[DocumentReport, ...]
    """The documents in the order received. One of a refused response may still be accepted by itself."""

    problems: tuple[Reason, ...]
    """What is wrong with the whole."""

    reasons: tuple[Reason, ...]
    """Why it is refused, all of it; empty if and only if it is accepted."""

    @property
    def outcome(self) -> Outcome:
        """The verdict: `Accepted` with the documents, or `Refused` with the reasons."""
        if not self.accepted:
            return Refused(self.reasons)
        return Accepted(tuple(it.outcome.document for it in self.documents if isinstance(it.outcome, DocumentAccepted)))


@dataclass(frozen=True)
class Accepted:
    """Everything holds."""

    documents: tuple[VerifiedDocument, ...]
    """The documents in the order received. Never empty."""


@dataclass(frozen=True)
class Refused:
    """Something does not hold."""

    reasons: tuple[Reason, ...]
    """Why, all of it. Never empty."""


Outcome = Accepted | Refused
"""The verdict on a response."""
