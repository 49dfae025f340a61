"""Presenting documents."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from . import _ffi
from ._calls import at_once, call, waiting
from ._carrier import Carrier
from ._convert import data, instance, lift, number, text, time
from ._errors import InvalidRequestError, InvalidStateError, WalletError, already_running
from ._ports import Clock
from ._review import Answer, Approval, ApprovedDocument, CameraAnswer, ElementName, EndReason, Review
from ._sessions import Events
from ._text import LocalizedText

_SESSION_OVER = "W310"

Decide = Callable[[Review], Awaitable["Approval | Answer | None"]]
"""Asks the person: gives what was approved, `None` for a decline, or the `Answer` of a `respond` of its own."""


def _approval(value: Approval) -> _ffi.Approval:
    instance("approval", value, Approval)
    choices = [
        _ffi.ApprovedDocument(
            request=number("request", instance("choice", choice, ApprovedDocument).request),
            document=text("document", choice.document),
            elements=[
                _ffi.ElementName(name_space=text("name_space", instance("element", it, ElementName).name_space), element=text("element", it.element))
                for it in choice.elements
            ],
        )
        for choice in value.choices
    ]
    return _ffi.Approval(choices=choices, again=[text("again", it) for it in value.again])


def _handle(review: Review) -> bytes:
    return data("handle", instance("review", review, Review).handle)


@dataclass(frozen=True)
class PresentationResult:
    """How a presentation ended."""

    reason: EndReason
    """Why it ended."""

    text: LocalizedText
    """The same in words."""

    answers: tuple[Answer, ...]
    """What was answered, one for each request that was, in order."""


class Presentation:
    """One session with a reader: show `qr_text` as a QR code and `run` it over a carrier. Any number of requests can come; nothing is answered
    without its own review. Made by `Wallet.present`; to be used in one event loop."""

    def __init__(self, ffi: _ffi.Presentation, clock: Clock) -> None:
        self._ffi, self._clock = ffi, clock
        self._events = Events()
        # One call at a time: a message that comes while an answer is being signed waits for it.
        self._turn = asyncio.Lock()
        self._running = False
        self._answers: list[Answer] = []
        self.qr_text: str = call(ffi.qr_text)
        """The text of the QR code: `mdoc:` and the device engagement."""

    async def run(self, carrier: Carrier, decide: Decide, end: bool = True) -> PresentationResult | None:
        """Drives the session over `carrier` until it ends, and closes the carrier. Each request is put to `decide`; with `end` the session is over
        after the answer, else the reader may ask again. `decide` is cancelled when the session ends meanwhile. A lost connection is an end
        and not an exception. Cancelling the task cancels the session; nothing is lost then.

        Gives nothing when the connection broke before the reader said anything: the QR code stays good, run it again over the next connection.

        Raises `InvalidStateError` when it runs already, and, after the session was ended, what `decide`, the secure area or the wallet raised;
        a `decide` that wants to try again after that calls `respond` itself.
        """
        if self._running:
            raise already_running()
        self._running = True
        self._events = Events()
        ended = False
        try:
            async with self._events.of(carrier):
                result = await self._drive(carrier, decide, end)
                ended = True
                return result
        finally:
            self._running = False
            if not ended:
                self._ffi.cancel()

    async def _drive(self, carrier: Carrier, decide: Decide, end: bool) -> PresentationResult | None:
        held: deque[bytes] = deque()
        deciding: asyncio.Task[None] | None = None
        failure: BaseException | None = None
        lost = False
        try:
            while True:
                until = None
                # While an answer is being signed, only a lost connection matters.
                if not self._turn.locked():
                    if deciding is not None and deciding.done():
                        failure = failure or self._failure(deciding)
                        deciding = None
                    if held:
                        await self._received(held.popleft())
                        continue
                    step = await self._step()
                    if step.is_send():
                        try:
                            await carrier.send(step.data)
                        except OSError:
                            lost = True
                            self._ffi.connection_lost()
                        continue
                    if step.is_resolve():
                        try:
                            review = await self.resolve()
                        except InvalidRequestError:
                            # The reader has been told.
                            continue
                        except WalletError as error:
                            failure = failure or error
                            self._ffi.cancel()
                            continue
                        deciding = asyncio.create_task(self._decide(decide, review, end))
                        deciding.add_done_callback(lambda _: self._events.wake())
                        continue
                    if step.is_terminated():
                        if failure is not None:
                            raise failure
                        return PresentationResult(lift(EndReason, step.reason), lift(LocalizedText, step.text), tuple(self._answers))
                    if lost and step.is_receive():
                        return None
                    until = time(step.until)
                event = await self._events.next(self._clock, until)
                if event is Events.LOST:
                    lost = True
                    self._ffi.connection_lost()
                elif isinstance(event, (bytes, bytearray)):
                    held.append(bytes(event))
        finally:
            if deciding is not None:
                deciding.cancel()
                await asyncio.wait([deciding])
                if not deciding.cancelled():
                    deciding.exception()

    async def _decide(self, decide: Decide, review: Review, end: bool) -> None:
        choice = await decide(review)
        if isinstance(choice, Answer):
            return
        if choice is None:
            await self.decline(end)
        else:
            await self.respond(review, choice, end)

    def _failure(self, deciding: asyncio.Task[None]) -> BaseException | None:
        error: BaseException | None = asyncio.CancelledError() if deciding.cancelled() else deciding.exception()
        if error is None or (isinstance(error, InvalidStateError) and error.code == _SESSION_OVER):
            # The end itself is told by the next step.
            return None
        self._ffi.cancel()
        return error

    async def _step(self) -> _ffi.NextStep:
        async with self._turn:
            return await at_once(self._ffi.next_step)

    async def _received(self, message: bytes) -> None:
        async with self._turn:
            try:
                await at_once(self._ffi.received, message)
            except InvalidStateError:
                # A message after the end: the next step tells the end.
                pass

    async def resolve(self) -> Review:
        """Finds out who asks for what, and what could answer. `run` does it.

        Raises `InvalidStateError` when no request waits, `InvalidRequestError`, `LockedError`, `StorageError`.
        """
        async with self._turn:
            return lift(Review, await at_once(self._ffi.resolve))

    async def preselected(self) -> Approval:
        """What a screen may tick by itself. Often nothing. Raises `InvalidStateError` when there is no review."""
        return lift(Approval, await at_once(self._ffi.preselected))

    async def everything(self) -> Approval:
        """Everything that can be given: only after the person said so. Raises `InvalidStateError` when there is no review."""
        return lift(Approval, await at_once(self._ffi.everything))

    async def gives_away(self, approval: Approval) -> tuple[LocalizedText, ...]:
        """What a choice gives away that nothing of what is shared beside it states openly. Raises `InvalidStateError` when there is no
        review."""
        return lift(tuple[LocalizedText, ...], await at_once(self._ffi.gives_away, _approval(approval)))

    async def respond(self, review: Review, approval: Approval, end: bool = True) -> Answer:
        """Answers `review` with what was approved: exactly that. With `end` the session is over afterwards, else the reader may ask again. The
        secure area may ask the person meanwhile; cancelling the task closes that prompt, uses up nothing, and leaves the review open.

        Raises `InvalidStateError` when nothing waits for this answer or the approval does not fit the review; `UserCancelledError` and
        `UserAuthRequiredError`, after which the same call may be made again; `KeyInvalidatedError`; `LockedError`, `StorageError`.
        """
        handle, choice = _handle(review), _approval(approval)
        try:
            async with self._turn:
                answer = lift(Answer, await waiting(self._ffi.respond, handle, choice, bool(end)))
                self._answers.append(answer)
                return answer
        finally:
            self._events.wake()

    async def decline(self, end: bool = True) -> Answer:
        """Answers that nothing is given. The reader cannot tell it from a wallet that has nothing.

        Raises `InvalidStateError` when nothing waits for an answer; `LockedError`.
        """
        try:
            async with self._turn:
                answer = lift(Answer, await at_once(self._ffi.decline, bool(end)))
                self._answers.append(answer)
                return answer
        finally:
            self._events.wake()

    def cancel(self) -> None:
        """Ends the session whatever its state, also while `respond` waits: the reader is told, nothing more can be answered. `run` returns soon
        after."""
        self._ffi.cancel()
        self._events.wake()


class CameraPresentation:
    """A presentation from screen to screen: the reader's request was scanned, the answer is shown. One request, one answer, no connection.
    Made by `Wallet.answer_camera`."""

    def __init__(self, ffi: _ffi.CameraPresentation) -> None:
        self._ffi = ffi

    async def resolve(self) -> Review:
        """Finds out who asks for what, and what could answer.

        Raises `InvalidRequestError` for a faulty request, after which `failure_message` has what to show; `InvalidStateError` after the
        answer; `LockedError`, `StorageError`.
        """
        return lift(Review, await at_once(self._ffi.resolve))

    async def preselected(self) -> Approval:
        """What a screen may tick by itself. Often nothing. Raises `InvalidStateError` when there is no review."""
        return lift(Approval, await at_once(self._ffi.preselected))

    async def everything(self) -> Approval:
        """Everything that can be given: only after the person said so. Raises `InvalidStateError` when there is no review."""
        return lift(Approval, await at_once(self._ffi.everything))

    async def gives_away(self, approval: Approval) -> tuple[LocalizedText, ...]:
        """What a choice gives away that nothing of what is shared beside it states openly. Raises `InvalidStateError` when there is no
        review."""
        return lift(tuple[LocalizedText, ...], await at_once(self._ffi.gives_away, _approval(approval)))

    async def respond(self, review: Review, approval: Approval) -> CameraAnswer:
        """Answers `review` with what was approved; gives what the screen has to show. Raises as `Presentation.respond`, and
        `InvalidStateError` for an answer that is too large for a camera."""
        return lift(CameraAnswer, await waiting(self._ffi.respond, _handle(review), _approval(approval)))

    async def decline(self) -> CameraAnswer:
        """Answers that nothing is given. Raises `InvalidStateError` when nothing waits for an answer; `LockedError`."""
        return lift(CameraAnswer, await at_once(self._ffi.decline))

    @property
    def failure_message(self) -> bytes | None:
        """What tells the reader that its request is faulty, after `resolve` said so; nothing for errors that are not the reader's business."""
        return call(self._ffi.failure_message)

    def cancel(self) -> None:
        """Ends it without an answer, also while `respond` waits: nothing is shown, and the history says so."""
        self._ffi.cancel()
