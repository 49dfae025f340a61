"""The wallet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from . import _ffi
from ._adapters import AreaPort, ClockPort, LogPort, authentication
from ._calls import at_once, call, waiting
from ._convert import data, instance, lift, number, seconds, text
from ._documents import (
    Access, DeviceKey, DocumentList, DocumentView, Exported, Finding, HeldPapers, Imported, NewCopy, PlannedDocument, Restored, StatusChange,
    StatusSource, Strictness,
)
from ._history import History
from ._ports import Clock, Curve, KeyPurpose, KeySpec, LogSink, SecureArea, SystemClock
from ._presentation import CameraPresentation, Presentation
from ._text import LocalizedText
from ._trust import TrustStore


def _directory(path: str | os.PathLike[str]) -> str:
    return text("path", os.fspath(path))


def _pin(name: str, pin: str | None) -> str | None:
    return None if pin is None else text(name, pin)


def _trust(trust: TrustStore) -> _ffi.TrustStore:
    return instance("trust", trust, TrustStore)._ffi


class Wallet:
    """A citizen's wallet: documents in an encrypted vault, unlocked by a PIN if they want one, presented with their consent.

    It may be used from any thread and any event loop. Calls may be cancelled at any moment, and lose nothing then. One directory is open
    once: close it before it is opened again. `async with` and `with` close it.

    Every call may raise `LockedError` while it is locked, `InvalidStateError` after `close`, `StorageError` when the disk fails, the errors
    of the secure area where that is asked, and `TypeError` or `ValueError` for an argument that is of another type than it says.
    """

    def __init__(self, ffi: _ffi.Wallet, clock: Clock) -> None:
        self._ffi, self._clock = ffi, clock

    @classmethod
    async def create(
        cls, directory: str | os.PathLike[str], pin: str | None = None, *, secure_area: SecureArea | None = None, clock: Clock | None = None,
        log: LogSink | None = None,
    ) -> Wallet:
        """Makes a wallet in `directory`, which is made too if need be, for its owner alone, and opens it. With a `pin` of 6 to 32 digits it is
        locked whenever it is opened. Without a `secure_area` the key lies in a file beside the vault: `protection` says what that is worth.

        Raises `StorageError` when there is one already, no room, or no right to write: nothing is written over; `InvalidStateError` for a PIN
        that is malformed or too easy to guess.
        """
        ports = _ports(secure_area, clock, log)
        return cls(await waiting(_ffi.Wallet.create, _directory(directory), _pin("pin", pin), *ports[1:]), ports[0])

    @classmethod
    async def open(
        cls, directory: str | os.PathLike[str], *, secure_area: SecureArea | None = None, clock: Clock | None = None, log: LogSink | None = None
    ) -> Wallet:
        """Opens the wallet in `directory`. One without a PIN is unlocked at once; one with a PIN is locked until `unlock`, and so is one that
        its owner closed.

        Raises `StorageError`: in use, missing, damaged, of a newer version, of another key. The file is left as it is in each case.
        """
        ports = _ports(secure_area, clock, log)
        return cls(await waiting(_ffi.Wallet.open, _directory(directory), *ports[1:]), ports[0])

    def close(self) -> None:
        """Locks it and lets its files go; every later call raises `InvalidStateError`. Calls that wait for the secure area end, whether it ever
        answers them or not; where such a call changes the PIN or unlocks, the files are free when it has ended. May be called again.
        """
        self._ffi.shutdown()

    def __enter__(self) -> Wallet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Wallet:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    # The door

    @property
    def is_locked(self) -> bool:
        """Whether it is locked. Raises `InvalidStateError` after `close`."""
        return call(self._ffi.is_locked)

    def lock(self) -> None:
        """Locks it now: every derived key and everything decrypted is wiped.

        Calls that wait for the secure area end with `LockedError`, whether it ever answers them or not, and lose nothing.
        """
        call(self._ffi.lock)

    def lock_if_idle(self) -> timedelta | None:
        """Locks it when it was not used for longer than the limit, and says after how long to ask again; nothing when it is locked."""
        left = call(self._ffi.lock_if_idle)
        return None if left is None else timedelta(milliseconds=min(left, 10**15))

    def set_idle_limit(self, limit: timedelta) -> None:
        """Locks it after so long without use, whole seconds; two minutes unless it is set."""
        call(self._ffi.set_idle_limit, number("limit", int(instance("limit", limit, timedelta).total_seconds()), 64))

    async def access(self) -> Access:
        """What can be said before the PIN: tries, waits, holds. Raises `InvalidStateError` when it is open."""
        return lift(Access, await waiting(self._ffi.access))

    async def unlock(self, pin: str | None = None) -> None:
        """Opens it, with the PIN if it has one. A try counts before it is made, whatever happens to this call.

        Raises `LockedError` with the tries that are left or how long to wait; `InvalidStateError` for what cannot be a PIN, or when its owner
        closed it.
        """
        await waiting(self._ffi.unlock, _pin("pin", pin))

    async def unlock_closed(self, pin: str | None = None) -> None:
        """`unlock` of a wallet that its owner closed by `close_by_owner`, which is over then."""
        await waiting(self._ffi.unlock_closed, _pin("pin", pin))

    async def recover(self, code: str, new_pin: str) -> None:
        """Opens it with the recovery code and puts a new PIN in the place of the forgotten one. The documents are kept. Raises `LockedError` for
        a wrong code."""
        await waiting(self._ffi.recover, text("code", code), text("new_pin", new_pin))

    async def close_by_owner(self) -> None:
        """Locks it at its owner's wish, so that from now on only `unlock_closed` opens it. Raises `InvalidStateError` without a PIN."""
        await waiting(self._ffi.close_by_owner)

    async def held_papers(self) -> tuple[HeldPapers, ...]:
        """What it holds by type and issuer, readable without the PIN: what to have issued again when the PIN is forgotten and there is no recovery
        code. Raises `InvalidStateError` when it is open."""
        return lift(tuple[HeldPapers, ...], await waiting(self._ffi.held_papers))

    async def has_pin(self) -> bool:
        """Whether it has a PIN. Raises `LockedError` while it is locked: `access` says so then."""
        return await at_once(self._ffi.has_pin)

    async def has_recovery_code(self) -> bool:
        """Whether it has a recovery code. Raises `LockedError` while it is locked: `access` says so then."""
        return await at_once(self._ffi.has_recovery_code)

    async def set_pin(self, pin: str) -> None:
        """Gives it a PIN of 6 to 32 digits. Raises `InvalidStateError`: it has one, or this one is malformed or too easy to guess."""
        await waiting(self._ffi.set_pin, text("pin", pin))

    async def change_pin(self, old: str, new: str) -> None:
        """Changes the PIN. Raises `LockedError` when `old` is wrong, which counts as a try."""
        await waiting(self._ffi.change_pin, text("old", old), text("new", new))

    async def remove_pin(self, pin: str) -> None:
        """Removes the PIN. Raises `LockedError` when it is wrong, which counts as a try."""
        await waiting(self._ffi.remove_pin, text("pin", pin))

    async def set_recovery_code(self, pin: str) -> str:
        """Makes a new recovery code, to be shown once and written down. An older one is worthless then. Raises `LockedError` when the PIN is
        wrong, `InvalidStateError` without one."""
        return await waiting(self._ffi.set_recovery_code, text("pin", pin))

    async def remove_recovery_code(self) -> None:
        """Takes the recovery code back. Raises `InvalidStateError` when there is none."""
        await waiting(self._ffi.remove_recovery_code)

    async def protection(self) -> LocalizedText:
        """What protects the wallet's key, to be told to its owner."""
        return lift(LocalizedText, await at_once(self._ffi.protection))

    # The documents

    async def documents(self) -> DocumentList:
        """Every document. Damaged ones are set aside and do not concern the others."""
        return lift(DocumentList, await at_once(self._ffi.documents))

    async def document(self, id: str) -> DocumentView:
        """A document with its claims. Raises `InvalidStateError` when there is none, `StorageError` when it is damaged."""
        return lift(DocumentView, await at_once(self._ffi.document, text("id", id)))

    async def create_device_key(self, spec: KeySpec = KeySpec()) -> DeviceKey:
        """Makes a device key in the secure area and remembers it, so that a document issued to it can be imported, also much later.

        Raises `UnsupportedError` for what the area does not have.
        """
        instance("spec", spec, KeySpec)
        challenge = spec.attestation_challenge
        wanted = _ffi.KeySpec(
            curve=_ffi.Curve[instance("curve", spec.curve, Curve).name],
            purpose=_ffi.KeyPurpose[instance("purpose", spec.purpose, KeyPurpose).name], authentication=authentication(spec.authentication),
            attestation_challenge=None if challenge is None else data("attestation_challenge", challenge),
        )
        return lift(DeviceKey, await waiting(self._ffi.create_device_key, wanted))

    async def import_document(
        self, copies: NewCopy | Sequence[NewCopy], trust: TrustStore, strictness: Strictness = Strictness.ISO
    ) -> Imported:
        """Takes a document in, in one copy or several, one for each presentation that shall not be linked to another: verified whole and stored
        whole, or not at all. Each device key must be held by the wallet or come with its copy.

        Raises `IssuerError` when it is malformed, altered or wrongly signed; `UntrustedError` when nobody in `trust` vouches for its signer;
        `ExpiredError` outside its validity; `InvalidStateError` when it is there already.
        """
        new = [
            _ffi.NewCopy(
                issuer_signed=data("issuer_signed", instance("copies", copy, NewCopy).issuer_signed),
                device_key=None if copy.device_key is None else data("device_key", copy.device_key),
            )
            for copy in ([copies] if isinstance(copies, NewCopy) else instance("copies", copies, Sequence))  # type: ignore[type-abstract]
        ]
        options = _ffi.ImportOptions(strictness=_ffi.Strictness[instance("strictness", strictness, Strictness).name])
        return lift(Imported, await waiting(self._ffi.import_document, new, _trust(trust), options))

    async def remove(self, id: str) -> int:
        """Takes a document out, damaged or not, with its copies and device keys. Gives how many keys the area did not destroy yet: they serve
        nothing and are tried again at the next removal. Raises `InvalidStateError` when there is none."""
        return await waiting(self._ffi.remove, text("id", id))

    async def check(self, trust: TrustStore | None = None) -> tuple[Finding, ...]:
        """What its owner should know about the documents. With `trust`, signatures and issuers are checked anew."""
        return lift(tuple[Finding, ...], await at_once(self._ffi.check, None if trust is None else _trust(trust)))

    async def status_sources(self) -> tuple[StatusSource, ...]:
        """The status lists of what is held. Fetch them at times of their own and not when a document is shown, so that their providers do not
        learn when that is."""
        return lift(tuple[StatusSource, ...], await at_once(self._ffi.status_sources))

    async def update_status(self, token: bytes, trust: TrustStore) -> tuple[StatusChange, ...]:
        """Takes a status list that was fetched, and gives the documents whose state is another one now.

        Raises `IssuerError` for a list that cannot be believed: what is known stays as it was.
        """
        return lift(tuple[StatusChange, ...], await at_once(self._ffi.update_status, data("token", token), _trust(trust)))

    # Presenting

    async def present(self, trust: TrustStore, stream_address: str | None = None) -> Presentation:
        """Begins a session with a reader: show its QR code and run it over a carrier. Readers are believed as `trust` says. `stream_address` is
        `host:port` where a `StreamListener` listens; nothing when the app carries the messages by means of its own.

        Raises `VerifierError` when that makes no engagement.
        """
        options = _ffi.PresentOptions(stream_address=None if stream_address is None else text("stream_address", stream_address))
        return Presentation(await at_once(self._ffi.present, options, _trust(trust)), self._clock)

    async def answer_camera(self, message: bytes, trust: TrustStore) -> CameraPresentation:
        """Begins to answer a request that a reader's screen showed and a `FrameDecoder` put together. Raises `VerifierError` for a message that
        is not a reader's."""
        return CameraPresentation(await at_once(self._ffi.answer_camera, data("message", message), _trust(trust)))

    # The owner's own

    async def history(self) -> History:
        """Who asked for what, and what they got."""
        return lift(History, await at_once(self._ffi.history))

    async def history_json(self) -> str:
        """The history as JSON, for its owner to keep or hand on."""
        return await at_once(self._ffi.history_json)

    async def delete_history(self, before: datetime | None = None) -> int:
        """Deletes the history, or what is older than that time. That it was deleted, and how much, stays. Gives how many records."""
        return await at_once(self._ffi.delete_history, None if before is None else seconds("before", before))

    async def export_file(self, path: str | os.PathLike[str], passphrase: str, include_history: bool = True) -> Exported:
        """Writes everything that can move into one sealed file, which must not exist yet. It is opened by the passphrase alone: 12 characters or
        more, four or five words that have nothing to do with each other are good. Takes seconds, on purpose.

        Raises `BackupError` for a weak passphrase or a file that cannot be written, and no file is left then.
        """
        return lift(Exported, await waiting(self._ffi.export_file, _directory(path), text("passphrase", passphrase), bool(include_history)))

    async def plan_restore(self, path: str | os.PathLike[str], passphrase: str, trust: TrustStore) -> RestorePlan:
        """Opens a backup, verifies every byte and every document of it, and says what restoring it would do.

        Raises `BackupError`: foreign, newer, damaged, incomplete, or another passphrase.
        """
        return RestorePlan(await waiting(self._ffi.plan_restore, _directory(path), text("passphrase", passphrase), _trust(trust)))

    async def support_bundle(self) -> str:
        """What support needs to help, as JSON; no personal data."""
        return await at_once(self._ffi.support_bundle)


def _ports(area: SecureArea | None, clock: Clock | None, log: LogSink | None) -> tuple[Clock, AreaPort | None, ClockPort, LogPort | None]:
    if area is not None:
        instance("secure_area", area, SecureArea)  # type: ignore[type-abstract]
    used: Clock = SystemClock() if clock is None else instance("clock", clock, Clock)  # type: ignore[type-abstract]
    if log is not None:
        instance("log", log, LogSink)  # type: ignore[type-abstract]
    return used, None if area is None else AreaPort(area), ClockPort(used), None if log is None else LogPort(log)


class RestorePlan:
    """A backup that was opened and verified, and what restoring it would do. Does nothing until `apply`. Made by `Wallet.plan_restore`."""

    def __init__(self, ffi: _ffi.RestorePlan) -> None:
        self._ffi = ffi
        self.documents: tuple[PlannedDocument, ...] = lift(tuple[PlannedDocument, ...], call(ffi.documents))
        """The documents of the file and what would become of each, then those that have to be issued again because their keys are not in it."""

    async def apply(self) -> Restored:
        """Does it: all of it or nothing. Can be done once.

        Raises `BackupError` when the wallet or the file changed since, `InvalidStateError` when it was done already. Nothing was restored then.
        """
        return lift(Restored, await waiting(self._ffi.apply))
