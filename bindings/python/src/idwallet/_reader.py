"""The reader's side."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import _ffi
from ._adapters import ClockPort
from ._calls import at_once, call
from ._carrier import Carrier
from ._convert import data, instance, lift, number, text, time
from ._documents import Strictness
from ._errors import VerifierError, already_running
from ._ports import Clock, SystemClock
from ._report import Report
from ._review import EndReason
from ._sessions import Events
from ._text import LocalizedText
from ._trust import TrustStore


@dataclass(frozen=True)
class ReaderPolicy:
    """What a reader asks of documents and of its own knowledge."""

    strictness: Strictness = Strictness.ISO
    """How strictly certificates and documents are held to their profiles."""

    max_snapshot_age: timedelta | None = None
    """Knowledge from a snapshot made longer ago than this refuses whatever rests on it; `None` for any age."""

    require_revocation: bool = False
    """The state of every certificate must be known from a CRL."""

    require_status: bool = False
    """The status of the document must be known."""

    require_all_elements: bool = True
    """Every element that was asked for must be there."""

    account_level: int | None = None
    """The level (1 or 2) of the identity account below which a document that states one is refused; `None` for any."""


@dataclass(frozen=True)
class ReaderIdentity:
    """Who a reader is, proven to the holder by a signature over each request."""

    private_key: bytes = field(repr=False)
    """Its private key, PKCS#8 in PEM or DER."""

    chain: bytes = field(repr=False)
    """Its certificate and those between it and the root, PEM, the reader's first, without the root."""


@dataclass(frozen=True)
class RequestedItem:
    """An element to ask for."""

    name_space: str
    """Its namespace."""

    element: str
    """Its identifier."""

    intent_to_retain: bool = False
    """Whether the reader means to keep the value; the holder is told."""


@dataclass(frozen=True)
class RequestedItems:
    """What to ask of one document."""

    doc_type: str
    """The ISO docType."""

    elements: tuple[RequestedItem, ...]
    """The elements."""


@dataclass(frozen=True)
class Template:
    """A request by name, with its requirements."""

    id: str
    """Its id, such as `age-over-18`; `request_templates` lists them. It asks for its first choice of documents; who has another one that serves, such as
    a driving licence for the age, is asked for that by `Elements`."""


@dataclass(frozen=True)
class Elements:
    """A request for elements of one or more documents."""

    documents: tuple[RequestedItems, ...]
    """One entry a document."""


ReaderRequest = Template | Elements
"""What to ask for."""


@dataclass(frozen=True)
class RequestTemplate:
    """A request that is ready to be asked."""

    id: str
    """Its id, for `Template`."""

    title: LocalizedText
    """What it asks for, in a few words."""


def request_templates() -> tuple[RequestTemplate, ...]:
    """The requests that the library knows by name."""
    return lift(tuple[RequestTemplate, ...], call(_ffi.request_templates))


def _request(value: ReaderRequest) -> _ffi.ReaderRequest:
    if isinstance(value, Template):
        return _ffi.ReaderRequest.TEMPLATE(id=text("id", value.id))
    instance("request", value, (Template, Elements))
    documents = [
        _ffi.RequestedItems(
            doc_type=text("doc_type", instance("document", document, RequestedItems).doc_type),
            elements=[
                _ffi.RequestedItem(
                    name_space=text("name_space", instance("element", it, RequestedItem).name_space), element=text("element", it.element),
                    intent_to_retain=bool(it.intent_to_retain),
                )
                for it in document.elements
            ],
        )
        for document in value.documents
    ]
    return _ffi.ReaderRequest.ELEMENTS(documents=documents)


class Reader:
    """A reader: asks wallets for claims and verifies what they answer, with no network. One serves any number of sessions, one after the other
    or side by side, from any thread."""

    def __init__(
        self, trust: TrustStore, policy: ReaderPolicy = ReaderPolicy(), identity: ReaderIdentity | None = None, clock: Clock | None = None
    ) -> None:
        """Believes whom `trust` has, which may be filled while the reader is used. Without an `identity` it does not say who it is, and wallets
        warn their owners.

        Raises `InvalidStateError` for a key or chain that is none, or that do not belong together.
        """
        instance("trust", trust, TrustStore)
        instance("policy", policy, ReaderPolicy)
        age = None if policy.max_snapshot_age is None else instance("max_snapshot_age", policy.max_snapshot_age, timedelta)
        wanted = _ffi.ReaderPolicy(
            strictness=_ffi.Strictness[instance("strictness", policy.strictness, Strictness).name],
            max_snapshot_age_seconds=None if age is None else number("max_snapshot_age", int(age.total_seconds()), 64),
            require_revocation=bool(policy.require_revocation), require_status=bool(policy.require_status),
            require_all_elements=bool(policy.require_all_elements),
            account_level=None if policy.account_level is None else number("account_level", policy.account_level, 8),
        )
        who = None
        if identity is not None:
            instance("identity", identity, ReaderIdentity)
            who = _ffi.ReaderIdentity(private_key=data("private_key", identity.private_key), chain=data("chain", identity.chain))
        self._clock: Clock = SystemClock() if clock is None else instance("clock", clock, Clock)  # type: ignore[type-abstract]
        self._ffi = call(_ffi.Reader, trust._ffi, wanted, who, ClockPort(self._clock))

    def verify_device_response(self, response: bytes, session_transcript: bytes, request: bytes | None = None) -> Report:
        """Verifies a `DeviceResponse` that came in the session of that `SessionTranscript`, as the answer to that `DeviceRequest` if there was
        one; all in CBOR.

        Raises `InvalidStateError` only when the bytes are none of these at all: what is refused is no error, the report says why.
        """
        asked = None if request is None else data("request", request)
        report = call(self._ffi.verify_device_response, data("response", response), data("session_transcript", session_transcript), asked)
        return lift(Report, report)

    def verify_issuer_signed(self, issuer_signed: bytes, doc_type: str | None = None) -> Report:
        """Verifies a document as an issuer gives it to a holder (`IssuerSigned`, CBOR). It proves no holder.

        Raises `InvalidStateError` only when the bytes are no `IssuerSigned` at all.
        """
        kind = None if doc_type is None else text("doc_type", doc_type)
        return lift(Report, call(self._ffi.verify_issuer_signed, data("issuer_signed", issuer_signed), kind))

    def scan(self, qr_text: str, request: ReaderRequest) -> ReaderSession:
        """Begins a session with the wallet whose QR code says `qr_text`, to ask for `request`.

        Raises `VerifierError` for a code that is not a holder's; `InvalidStateError` for a request that asks for nothing, too much, or by a
        template that is not there.
        """
        return ReaderSession(call(self._ffi.scan, text("qr_text", qr_text), _request(request)), self._clock)

    def camera(self, request: ReaderRequest) -> CameraReader:
        """Asks from screen to screen. Raises `InvalidStateError` for a request that asks for nothing or too much."""
        return CameraReader(call(self._ffi.camera, _request(request)))


@dataclass(frozen=True)
class ReaderResult:
    """How a reader's session ended."""

    reports: tuple[Report, ...]
    """One report a round, in order; empty when no answer came."""

    reason: EndReason
    """Why it ended."""

    text: LocalizedText
    """The same in words."""

    @property
    def accepted(self) -> bool:
        """Whether there was an answer and every answer is accepted."""
        return bool(self.reports) and all(report.accepted for report in self.reports)


class ReaderSession:
    """A session with a phone: asks, receives, verifies, ends. Made by `Reader.scan`; to be used in one event loop."""

    def __init__(self, ffi: _ffi.ReaderSession, clock: Clock) -> None:
        self._ffi, self._clock = ffi, clock
        self._events = Events()
        self._running = False
        self.stream_address: str | None = call(ffi.stream_address)
        """Where the holder listens, `host:port` for `StreamCarrier.connect`; nothing when its engagement names no such place."""

    async def run(self, carrier: Carrier, then: Sequence[ReaderRequest] = ()) -> ReaderResult:
        """Drives the session over `carrier` until it ends, and closes the carrier. After an answer each request of `then` is asked in the same
        session. A lost connection is an end and not an exception; cancelling the task ends the session.

        Raises `InvalidStateError` when it runs already.
        """
        if self._running:
            raise already_running()
        more = deque(_request(request) for request in then)
        self._running = True
        if more:
            call(self._ffi.keep_open)
        ended = False
        try:
            async with self._events.of(carrier):
                result = await self._drive(carrier, more)
                ended = True
                return result
        finally:
            if not ended:
                self._ffi.connection_lost()

    async def _drive(self, carrier: Carrier, more: deque[_ffi.ReaderRequest]) -> ReaderResult:
        while True:
            action = await at_once(self._ffi.next_action)
            if action.is_send():
                try:
                    await carrier.send(action.data)
                except OSError:
                    self._ffi.connection_lost()
            elif action.is_finished():
                return ReaderResult(
                    lift(tuple[Report, ...], action.reports), lift(EndReason, action.reason), lift(LocalizedText, action.text)
                )
            elif action.is_decide():
                if more:
                    await at_once(self._ffi.ask, more.popleft())
                else:
                    self._ffi.finish()
            else:
                event = await self._events.next(self._clock, time(action.until))
                if event is Events.LOST:
                    self._ffi.connection_lost()
                elif isinstance(event, (bytes, bytearray)):
                    try:
                        await at_once(self._ffi.received, bytes(event))
                    except VerifierError:
                        # A message after the end: the next action tells the end.
                        pass

    def finish(self) -> None:
        """Ends the session and tells the holder so. `run` returns soon after with what there is."""
        self._ffi.finish()
        self._events.wake()

    @property
    def last_response(self) -> bytes | None:
        """The `DeviceResponse` of the last answer as received, in CBOR. What was not asked for with intent to retain may not be kept."""
        return call(self._ffi.last_response)

    @property
    def session_transcript(self) -> bytes:
        """The `SessionTranscript`, in CBOR, the same for every answer of the session."""
        return call(self._ffi.session_transcript)


@dataclass(frozen=True)
class CameraVerified:
    """An answer, verified."""

    report: Report
    """The report; it may still refuse."""


@dataclass(frozen=True)
class CameraNoAnswer:
    """No answer: the holder declined, or could not read the request. Nobody authenticates this."""

    text: LocalizedText
    """What to tell the person."""


CameraOutcome = CameraVerified | CameraNoAnswer
"""What the holder's screen said."""


class CameraReader:
    """A request on the screen that waits for its one answer. Made by `Reader.camera`."""

    def __init__(self, ffi: _ffi.CameraReader) -> None:
        self._ffi = ffi

    @property
    def message(self) -> bytes:
        """The message for the screen, to be cut into frames by a `FrameEncoder` of `MessageKind.REQUEST`. Raises `InvalidStateError` after the
        answer."""
        return call(self._ffi.message)

    @property
    def until(self) -> datetime:
        """Until when it may be answered. Raises `InvalidStateError` after the answer."""
        return time(call(self._ffi.until))

    def received(self, message: bytes) -> CameraOutcome:
        """Takes the message of the holder's screen and verifies the answer. There is one answer: whatever comes of it, the session is over.

        Raises `VerifierError`: too late, not of this session, or damaged; `InvalidStateError` after the answer.
        """
        outcome = call(self._ffi.received, data("message", message))
        if outcome.is_verified():
            return CameraVerified(lift(Report, outcome.report))
        return CameraNoAnswer(lift(LocalizedText, outcome.text))
