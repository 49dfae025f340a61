"""What the tests share: the fixtures, a secure area and a clock that do as they are told, a wire in memory."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
import unittest
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from idwallet import (
    Approval, AreaCapabilities, AreaFault, CreatedKey, Curve, Elements, KeySpec, NewCopy, Now, Presentation, PresentationResult, Reader,
    ReaderIdentity, ReaderPolicy, ReaderRequest, ReaderResult, RequestedItem, RequestedItems, Review, SecureArea, SecureAreaError, SecurityLevel, Template, TrustStore, Wallet,
)

FIXTURES = Path(os.environ["IDWALLET_FIXTURES"])
PIN = "804117"
MDL, ISO = "org.iso.18013.5.1.mDL", "org.iso.18013.5.1"
AGE = Elements((RequestedItems(MDL, (RequestedItem(ISO, "age_over_18"), RequestedItem(ISO, "portrait"))),))
"""Whether the holder of a licence is over 18, with the portrait to compare."""
LICENCE = Template("driving-licence")


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def copy(document: str = "driving-licence") -> NewCopy:
    """For a wallet whose area takes keys that were made elsewhere."""
    return NewCopy(fixture(f"{document}.cbor"), fixture(f"{document}.key"))


def trust() -> TrustStore:
    store = TrustStore()
    store.add_issuer_anchors(fixture("anchors.pem"))
    store.add_reader_anchors(fixture("reader-anchors.pem"))
    return store


def reader(identity: bool = True, **policy: object) -> Reader:
    who = ReaderIdentity(fixture("reader.key"), fixture("reader.pem")) if identity else None
    return Reader(trust(), ReaderPolicy(**policy), who)  # type: ignore[arg-type]


class Case(unittest.IsolatedAsyncioTestCase):
    """Each test has a folder of its own, and a minute."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def _callTestMethod(self, method: Callable[[], Awaitable[None] | None]) -> None:
        async def limited() -> None:
            waits = method()
            if waits is not None:
                await asyncio.wait_for(waits, 60)

        self._callMaybeAsync(limited)  # type: ignore[attr-defined]

    async def wallet(self, *documents: str, **options: object) -> Wallet:
        wallet = await Wallet.create(self.folder / "wallet", **options)  # type: ignore[arg-type]
        self.addCleanup(wallet.close)
        for document in documents:
            await wallet.import_document(copy(document), trust())
        return wallet

    async def wallet_of(self, area: SecureArea) -> Wallet:
        """With a licence whose key is in `area`."""
        wallet = await self.wallet(secure_area=area)
        await wallet.create_device_key()
        await wallet.import_document(NewCopy(fixture("area-1.cbor")), trust())
        return wallet


class Link:
    """Two carriers with a wire between them, in memory."""

    class End:
        def __init__(self, incoming: asyncio.Queue[bytes | None], outgoing: asyncio.Queue[bytes | None]) -> None:
            self._incoming, self._outgoing, self._cut = incoming, outgoing, False

        async def send(self, data: bytes) -> None:
            if self._cut:
                raise ConnectionError("the wire is cut")
            self._outgoing.put_nowait(data)

        async def receive(self) -> bytes | None:
            return await self._incoming.get()

        async def close(self) -> None:
            if not self._cut:
                self._cut = True
                self._outgoing.put_nowait(None)
                self._incoming.put_nowait(None)

    def __init__(self) -> None:
        there: asyncio.Queue[bytes | None] = asyncio.Queue()
        back: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.holder, self.reader = self.End(there, back), self.End(back, there)


class Meeting:
    """A reader and a holder that have met, over a wire in memory. The holder's decisions are made by the test: `review` gives the request and
    `decide` what the person says to it."""

    def __init__(self, presentation: Presentation, link: Link) -> None:
        self.presentation, self.link = presentation, link
        self.reviews: asyncio.Queue[Review] = asyncio.Queue()
        self.decisions: asyncio.Queue[Callable[[Review], Awaitable[object]]] = asyncio.Queue()
        self.holder: asyncio.Task[PresentationResult]
        self.reader: asyncio.Task[ReaderResult]

    async def review(self) -> Review:
        return await self.reviews.get()

    async def ask(self, review: Review) -> object:
        self.reviews.put_nowait(review)
        return await (await self.decisions.get())(review)

    def decide(self, decision: Callable[[Review], Awaitable[object]]) -> None:
        self.decisions.put_nowait(decision)

    def approve(self) -> None:
        async def everything(_: Review) -> Approval:
            return await self.presentation.everything()

        self.decide(everything)

    def decline(self) -> None:
        async def nothing(_: Review) -> None:
            return None

        self.decide(nothing)


@contextlib.asynccontextmanager
async def meeting(
    wallet: Wallet, request: ReaderRequest = AGE, by: Reader | None = None, then: tuple[ReaderRequest, ...] = (), end: bool = True
) -> AsyncIterator[Meeting]:
    link = Link()
    presentation = await wallet.present(trust(), "127.0.0.1:9")
    session = (by or reader()).scan(presentation.qr_text, request)
    met = Meeting(presentation, link)
    met.reader = asyncio.create_task(session.run(link.reader, then))
    met.holder = asyncio.create_task(presentation.run(link.holder, met.ask, end))  # type: ignore[arg-type]
    try:
        yield met
    finally:
        for task in (met.holder, met.reader):
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()


class TestClock:
    """A clock that a test sets."""

    __test__ = False

    def __init__(self) -> None:
        self.time, self.uptime = datetime.now(timezone.utc), timedelta(seconds=1000)

    def now(self) -> Now:
        return Now(self.time, self.uptime)

    def passes(self, time: timedelta) -> None:
        self.time += time
        self.uptime += time


# P-256, with private keys that are small numbers, and 1 for the number that ECDSA uses once. Fit for tests alone.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_GENERATOR = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296


def _integer(number: int) -> bytes:
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([2, len(body)]) + body


class Area(SecureArea):
    """An area with the keys of `area-1` to `area-3`. `before` has what runs before a method does its work."""

    def __init__(self) -> None:
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}
        self.calls: list[str] = []
        self.made = 0

    async def _enter(self, method: str) -> None:
        self.calls.append(method)
        if method in self.before:
            await self.before[method]()

    async def capabilities(self) -> AreaCapabilities:
        await self._enter("capabilities")
        return AreaCapabilities(SecurityLevel.SECURE_ELEMENT, authentication=True)

    async def create_key(self, spec: KeySpec) -> CreatedKey:
        await self._enter("create_key")
        if spec.curve is not Curve.P256:
            raise SecureAreaError(AreaFault.UNSUPPORTED)
        self.made += 1
        if self.made > 3:
            raise SecureAreaError(AreaFault.FULL)
        return CreatedKey(bytes([self.made]), fixture(f"area-{self.made}.spki"))

    async def public_key(self, key: bytes) -> bytes:
        await self._enter("public_key")
        return fixture(f"area-{key[0]}.spki")

    async def sign(self, key: bytes, data: bytes) -> bytes:
        await self._enter("sign")
        digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
        body = _integer(_GENERATOR) + _integer((digest + _GENERATOR * key[0]) % _ORDER)
        return bytes([0x30, len(body)]) + body

    async def agree(self, key: bytes, peer: bytes) -> bytes:
        await self._enter("agree")
        raise SecureAreaError(AreaFault.UNSUPPORTED)

    async def wrap(self, context: bytes, secret: bytes) -> bytes:
        await self._enter("wrap")
        return hashlib.sha256(context).digest() + secret

    async def unwrap(self, context: bytes, wrapped: bytes) -> bytes:
        await self._enter("unwrap")
        if wrapped[:32] != hashlib.sha256(context).digest():
            raise SecureAreaError(AreaFault.INTEGRITY)
        return wrapped[32:]

    async def delete_key(self, key: bytes) -> None:
        await self._enter("delete_key")


async def forever() -> None:
    await asyncio.Event().wait()
