"""Who asked for what, and what they got: names, never values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ._text import LocalizedText


class HistoryOutcome(Enum):
    """How something ended."""

    DONE = "done"
    """It was done."""

    SHOWN = "shown"
    """Something was handed out."""

    DECLINED = "declined"
    """The person declined."""

    NOTHING_TO_GIVE = "nothingToGive"
    """There was nothing to give."""

    CANCELLED = "cancelled"
    """It was broken off before an answer."""

    NOT_ANSWERED = "notAnswered"
    """No outcome was ever written: the app was closed, the device went off, or it goes on."""

    FAILED = "failed"
    """It went wrong: the code says how."""

    REFUSED = "refused"
    """The wallet did not take it: the code says why."""


@dataclass(frozen=True)
class HistoryNames:
    """Elements of one document, by name."""

    title: LocalizedText
    """What the document is called."""

    names: tuple[LocalizedText, ...]
    """What the elements are called."""

    retained: tuple[LocalizedText, ...]
    """Those of them that the reader meant to keep."""


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened."""

    sequence: int
    """Its number; grows by one with everything that is written."""

    at: datetime
    """When."""

    event: str
    """What, in a stable word: `presentation`, `import`…"""

    event_text: LocalizedText
    """The same in words."""

    outcome: HistoryOutcome
    """How it ended."""

    outcome_text: LocalizedText
    """The same in words."""

    who: LocalizedText | None
    """Who was at the other end. A name stands alone only if it was verified."""

    asked: tuple[HistoryNames, ...]
    """What was asked for, one entry a document request."""

    shared: tuple[HistoryNames, ...]
    """What was handed out."""

    documents: tuple[LocalizedText, ...]
    """What the documents are called that something was done to."""

    text: LocalizedText
    """All of it in one sentence."""

    code: str | None
    """The code of what went wrong."""


@dataclass(frozen=True)
class History:
    """Everything that happened, oldest first."""

    entries: tuple[HistoryEntry, ...]
    """The entries that can be read."""

    intact: bool
    """Whether nothing was removed, edited, damaged or moved."""

    problems: tuple[LocalizedText, ...]
    """What is wrong, if it is not."""

    deleted: int
    """How many older entries its owner deleted."""

    past: tuple[HistoryEntry, ...]
    """What earlier wallets wrote, from backups that were restored into this one; their numbers are their own."""


