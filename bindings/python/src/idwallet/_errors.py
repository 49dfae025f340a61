"""The errors of the wallet: `WalletError` and one class for each thing that an app can do about it."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Any

from . import _ffi
from ._convert import lift
from ._text import LocalizedText


class Reaction(Enum):
    """What the app can do about an error."""

    NOTHING = "nothing"
    """Nothing."""

    RETRY = "retry"
    """Try again, at once or after the person corrected something."""

    RETRY_LATER = "retryLater"
    """Try again later."""

    AUTHENTICATE = "authenticate"
    """Let the person authenticate to the device."""

    ENTER_PIN = "enterPin"
    """Ask for the PIN."""

    UNLOCK = "unlock"
    """Unlock the wallet, which has no PIN."""

    INSERT_HARDWARE = "insertHardware"
    """Ask for the card or chip with the keys."""

    REVIEW_AGAIN = "reviewAgain"
    """Show the request and ask for consent again."""

    ASK_READER = "askReader"
    """The reader has to do something."""

    ASK_ISSUER = "askIssuer"
    """The issuer has to do something."""

    ASK_REISSUE = "askReissue"
    """Offer to have the document issued again."""

    UPDATE_APP = "updateApp"
    """Update the app."""

    FREE_SPACE = "freeSpace"
    """Make room on the device."""

    CLOSE_OTHER = "closeOther"
    """Close the wallet where else it is open."""

    MEND_ACCESS = "mendAccess"
    """Correct who may read and write the wallet's files."""

    CREATE_WALLET = "createWallet"
    """Make a wallet."""

    RESTORE_BACKUP = "restoreBackup"
    """Restore the wallet from a backup, or ask for its documents again."""

    CONTACT_SUPPORT = "contactSupport"
    """Make a support bundle and contact support."""


class WalletError(Exception):
    """A call did not do what it was asked to. The classes are what an app reacts to; `code` tells more precisely what it was."""

    code: str
    """The stable code, such as `W111`; never used again for something else."""

    reaction: Reaction
    """What the app can do."""

    localized: LocalizedText
    """What to tell the person."""

    detail: str
    """What happened, for a developer: English, with the clause where there is one, and never with personal data."""

    def __init__(self, code: str, reaction: Reaction, localized: LocalizedText, detail: str) -> None:
        super().__init__(code, reaction, localized, detail)
        self.code, self.reaction, self.localized, self.detail = code, reaction, localized, detail

    def text(self, language: str = "vi") -> str:
        """What to tell the person, in `vi` or `en`."""
        return self.localized.text(language)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class UserCancelledError(WalletError):
    """The person closed the prompt of the secure area. Nothing to report; a review stays open."""


class UserAuthRequiredError(WalletError):
    """The person must authenticate or unlock the device first; the same call may be made again after that."""


class KeyInvalidatedError(WalletError):
    """Device keys are gone for good: offer to have these documents issued again."""

    documents: tuple[str, ...] = ()
    """The documents whose keys they were."""


class LockedError(WalletError):
    """The wallet is locked: ask for the PIN, or wait."""

    retry_after: timedelta | None = None
    """How long to wait before the next try, in time that the device is on; nothing when no wait is needed or helps."""

    tries_left: int | None = None
    """How many more wrong PINs there may be before a wait begins."""


class IssuerError(WalletError):
    """The issuer's doing: a document, or a list of revoked ones, is malformed, altered or wrongly signed. Nothing was stored."""


class VerifierError(WalletError):
    """The reader's doing, or that of the connection to it: its code, its messages or its session."""


class UntrustedError(WalletError):
    """Sound, and nobody whom the wallet trusts vouches for it. Nothing was stored."""


class InvalidRequestError(WalletError):
    """The reader's request is malformed."""


class ExpiredError(WalletError):
    """Sound, and outside its validity. Nothing was stored."""


class InvalidStateError(WalletError):
    """The call does not fit the state of things, or what it was given is not what it takes."""

    document: str | None = None
    """The document it is about, if it is about one."""


class UnsupportedError(WalletError):
    """This wallet, or its secure area, cannot do it."""


class StorageError(WalletError):
    """The vault. Its file is never deleted or written over."""


class BackupError(WalletError):
    """A backup: its file, its passphrase, or the plan to restore it. Nothing was changed."""


class InternalError(WalletError):
    """A fault of this software, of the platform, or of a callback of the app."""


_CLASSES: dict[str, type[WalletError]] = {
    "UserCancelled": UserCancelledError,
    "UserAuthRequired": UserAuthRequiredError,
    "KeyInvalidated": KeyInvalidatedError,
    "Locked": LockedError,
    "Issuer": IssuerError,
    "Verifier": VerifierError,
    "Untrusted": UntrustedError,
    "InvalidRequest": InvalidRequestError,
    "Expired": ExpiredError,
    "InvalidState": InvalidStateError,
    "Unsupported": UnsupportedError,
    "Storage": StorageError,
    "Backup": BackupError,
    "Internal": InternalError,
}


def error(ffi: Any) -> WalletError:
    """The error of this package for one of the generated module."""
    info = ffi.info
    out = _CLASSES[type(ffi).__name__](info.code, Reaction[info.reaction.name], lift(LocalizedText, info.text), info.detail)
    if isinstance(out, KeyInvalidatedError):
        out.documents = tuple(ffi.documents)
    elif isinstance(out, LockedError):
        out.retry_after = lift(timedelta | None, ffi.retry_after_seconds)
        out.tries_left = ffi.tries_left
    elif isinstance(out, InvalidStateError):
        out.document = ffi.document
    return out


def internal(detail: str) -> InternalError:
    """A fault that the library itself could not report any more."""
    text = LocalizedText("Lỗi bên trong ví. Không có gì được gửi.", "A fault inside the wallet. Nothing was sent.")
    return InternalError("W901", Reaction.CONTACT_SUPPORT, text, detail)


def already_running() -> InvalidStateError:
    """A session is driven once."""
    text = LocalizedText("Không có phiên nào đang chờ việc này.", "No session is waiting for this.")
    return InvalidStateError("W308", Reaction.ASK_READER, text, "the session runs already")
