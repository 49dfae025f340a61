"""The consent screen as plain data, and what the person decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from ._documents import Finding, Sensitivity
from ._text import LocalizedText


@dataclass(frozen=True)
class ElementName:
    """Namespace and identifier of a data element."""

    name_space: str
    """Its namespace."""

    element: str
    """Its identifier."""


class ReaderState(Enum):
    """How far it is known who asks. The four stay apart, and only a verified reader has a name."""

    ABSENT = "absent"
    """It did not say who it is."""

    INVALID = "invalid"
    """It did, and the proof is false."""

    UNTRUSTED = "untrusted"
    """The proof is good and nobody whom the wallet trusts vouches for it."""

    VERIFIED = "verified"
    """Proof and certificate are good."""


@dataclass(frozen=True)
class ReaderView:
    """Who asks."""

    state: ReaderState
    """How far that is known."""

    name: str | None
    """The name to show, of a verified reader alone."""

    organization: str | None
    """The organisation in its certificate, of a verified reader alone."""

    country: str | None
    """The country in its certificate, of a verified reader alone."""

    text: LocalizedText
    """Who asks, as a sentence."""

    reason: LocalizedText | None
    """The reason behind a bad proof, for who wants to know."""


@dataclass(frozen=True)
class AskedElement:
    """An element that is asked for."""

    name_space: str
    """Its namespace."""

    element: str
    """Its identifier."""

    label: LocalizedText
    """What it is called."""

    sensitivity: Sensitivity
    """How sensitive it is."""

    intent_to_retain: bool
    """Whether the reader means to keep the value."""


@dataclass(frozen=True)
class GivenElement:
    """An element that would leave the wallet."""

    name_space: str
    """Its namespace."""

    element: str
    """Its identifier."""

    label: LocalizedText
    """What it is called."""

    sensitivity: Sensitivity
    """How sensitive it is."""

    shown: LocalizedText = field(repr=False)
    """The value as a person reads it."""

    meanings: tuple[LocalizedText, ...] = field(repr=False)
    """What codes in it mean in this document."""

    gives_away: tuple[LocalizedText, ...] = field(repr=False)
    """What it gives away beside itself."""


@dataclass(frozen=True)
class OfferedElement:
    """A row of the consent screen: what was asked for, and what would leave for it."""

    asked: AskedElement
    """What was asked for."""

    gives: tuple[GivenElement, ...]
    """What would leave: one element, or all of an alternative that the reader named."""

    preselected: bool
    """Whether the screen may tick it by itself."""


@dataclass(frozen=True)
class MissingElement:
    """An element that is asked for and not on offer."""

    asked: AskedElement
    """What was asked for."""

    reason: LocalizedText
    """Why it is not on offer. For the owner alone."""


@dataclass(frozen=True)
class Candidate:
    """A document that could answer."""

    document: str
    """Which document."""

    summary: LocalizedText = field(repr=False)
    """A few words that tell it from others of its type."""

    issuer: str
    """Who signed it."""

    valid_until: datetime
    """Until when it is valid."""

    ward: LocalizedText | None = field(repr=False)
    """Whose it is, if not the owner's."""

    authority: LocalizedText | None
    """What authorises the owner to show it, if it is a ward's and the wallet has it."""

    copy_again: bool
    """Whether a copy would be shown that was shown before: the approval has to allow that, because whoever saw it can
    tell."""

    reissue_due: LocalizedText | None
    """Why new copies are to be fetched once this one is shown, if they are."""

    elements: tuple[OfferedElement, ...]
    """What it can give."""

    missing: tuple[MissingElement, ...]
    """What is asked for and it does not give."""

    portrait_is_due: bool
    """The portrait goes with whatever is given, or nothing goes."""

    warnings: tuple[Finding, ...]
    """What its owner should know about it before showing it."""


@dataclass(frozen=True)
class UnsuitableDocument:
    """A document of the type asked for that cannot answer."""

    document: str
    """Which document."""

    reason: LocalizedText
    """Why not. For the owner alone."""


@dataclass(frozen=True)
class RequestedDocument:
    """One document that is asked for."""

    doc_type: str
    """The docType asked for."""

    title: LocalizedText
    """What such a document is called."""

    reader: ReaderView
    """Who asks for it."""

    account_level: int | None
    """The level (1 or 2) that the owner's identity account has to have for the reader."""

    asked: tuple[AskedElement, ...]
    """Every element asked for, whether the wallet has it or not."""

    candidates: tuple[Candidate, ...]
    """The documents that could answer, the one to be proposed first."""

    unsuitable: tuple[UnsuitableDocument, ...]
    """Documents of that type that cannot answer."""

    why_none: LocalizedText | None
    """Why nothing in the wallet answers; nothing when something does."""


@dataclass(frozen=True)
class UseCase:
    """Requests that belong together: exactly one of the sets is to be given."""

    mandatory: bool
    """Whether the reader has no use for an answer without it."""

    sets: tuple[tuple[int, ...], ...]
    """Sets of indexes into the requests, the reader's favourite first."""

    proposed: int | None
    """The first set of which the wallet has all documents: an index into `sets`."""


@dataclass(frozen=True)
class Review:
    """Everything that a consent screen needs."""

    handle: bytes
    """Binds the approval to this very request; to be given back with it."""

    can_answer: bool
    """Whether there is anything that could be given."""

    has_bad_reader: bool
    """Whether somebody who asks gave a false or untrusted proof of who they are: to be warned of before anything
    else."""

    requests: tuple[RequestedDocument, ...]
    """One entry a document request, in the reader's order."""

    use_cases: tuple[UseCase, ...]
    """Which of the requests belong together; empty when all are asked for alike."""


@dataclass(frozen=True)
class ApprovedDocument:
    """What may leave of one document."""

    request: int
    """Which request it answers: an index into the requests of the review."""

    document: str
    """Which document."""

    elements: tuple[ElementName, ...]
    """The elements, named as they were asked for."""


@dataclass(frozen=True)
class Approval:
    """What the person approved. An approval of nothing is a decline."""

    choices: tuple[ApprovedDocument, ...] = ()
    """One entry a document request of which something may leave."""

    again: tuple[str, ...] = ()
    """Documents of which a copy may be shown that was shown before."""


class EndReason(Enum):
    """Why a session ended."""

    FINISHED = "finished"
    """This side said that it is done."""

    FINISHED_BY_PEER = "finishedByPeer"
    """The other side said that it is done."""

    DECLINED = "declined"
    """The holder did not want to answer."""

    PEER_ERROR = "peerError"
    """The other side could not decrypt or decode a message."""

    REFUSED = "refused"
    """A message of the other side was refused; it was told so."""

    TIMED_OUT = "timedOut"
    """Nothing happened for too long."""

    CANCELLED = "cancelled"
    """This side ended the session before it was done."""

    CONNECTION_LOST = "connectionLost"
    """The carrier broke off."""


@dataclass(frozen=True)
class SharedDocument:
    """What leaves of one document."""

    request: int
    """Which request it answers: an index into the requests of the review."""

    document: str
    """Which document."""

    elements: tuple[ElementName, ...]
    """The elements."""

    copies_left: int | None
    """Showings left that cannot be linked; nothing where that does not depend on counting."""

    reissue_due: LocalizedText | None
    """Why new copies are to be fetched, if they are."""


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    shared: tuple[SharedDocument, ...]
    """What leaves; empty for a decline."""

    withheld: tuple[int, ...]
    """Requests of which nothing leaves although something was approved, because the portrait was due and was not."""

    logged: bool
    """Whether the history has it. It has not where nothing could be written; the owner is to be told."""


@dataclass(frozen=True)
class CameraAnswer:
    """An answer of a presentation from screen to screen."""

    answer: Answer
    """What was answered."""

    screen_message: bytes
    """The message for the screen, to be cut into frames by a `FrameEncoder` of `MessageKind.RESPONSE`."""
