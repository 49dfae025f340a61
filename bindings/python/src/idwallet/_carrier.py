"""What carries messages: streams, and pictures from screen to screen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from . import _ffi
from ._calls import call
from ._convert import data as _data
from ._convert import instance, lift, number
from ._convert import text as _text
from ._errors import WalletError


class Carrier(Protocol):
    """What carries the messages of a session: a socket, Bluetooth, NFC. It moves whole messages and knows nothing about them. One task sends
    and one receives, at the same time."""

    async def send(self, data: bytes) -> None:
        """Sends one message; returns when the carrier took it. Raises `OSError` when the connection is lost."""
        ...

    async def receive(self) -> bytes | None:
        """The next message; `None` when the other side has closed the connection. A call that is cancelled must not lose a message. Raises
        `OSError` when the connection is lost."""
        ...

    async def close(self) -> None:
        """Ends the connection and wakes who waits for a message. May be called twice."""
        ...


def _place(address: str) -> tuple[str, int]:
    host, colon, port = _text("address", address).rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("the address must be host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


class StreamCarrier:
    """Messages over a TCP connection, each with its length before it. For desks, tests and local networks: the engagement says where the
    holder listens."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Over a connection that is there; `connect` and `listen` make one."""
        self._reader, self._writer = reader, writer
        self._decoder = call(_ffi.StreamDecoder)

    @classmethod
    async def connect(cls, address: str, timeout: float = 10) -> StreamCarrier:
        """Connects to a holder at `host:port`, as `ReaderSession.stream_address` gives it. Raises `OSError` when nobody answers there within
        `timeout` seconds."""
        host, port = _place(address)
        task = asyncio.create_task(asyncio.open_connection(host, port))
        try:
            await asyncio.wait([task], timeout=timeout)
            if task.done():
                return cls(*task.result())
            raise TimeoutError(f"nobody answers at {address}")
        except BaseException:
            task.cancel()
            if task.done() and not task.cancelled() and task.exception() is None:
                task.result()[1].close()
            raise

    @classmethod
    async def listen(cls, address: str) -> StreamListener:
        """Listens at `host:port`; port 0 takes any free one. Raises `OSError` when it is taken."""
        host, port = _place(address)
        arrived: asyncio.Queue[StreamCarrier] = asyncio.Queue()
        server = await asyncio.start_server(lambda reader, writer: arrived.put_nowait(cls(reader, writer)), host, port)
        return StreamListener(server, arrived)

    async def send(self, data: bytes) -> None:
        """Sends one message."""
        self._writer.write(call(_ffi.encode_stream_message, _data("data", data)))
        await self._writer.drain()

    async def receive(self) -> bytes | None:
        """The next message; `None` at the end."""
        try:
            while (message := call(self._decoder.pop)) is None:
                read = await self._reader.read(16 * 1024)
                if not read:
                    return None
                call(self._decoder.push, read)
            return message
        except WalletError as error:
            raise ConnectionError(error.detail) from None

    async def close(self) -> None:
        """Ends the connection."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            # It is gone already.
            pass


class StreamListener:
    """Where a holder waits for a reader; made by `StreamCarrier.listen`."""

    def __init__(self, server: asyncio.Server, arrived: asyncio.Queue[StreamCarrier]) -> None:
        self._server, self._arrived = server, arrived
        host, port = server.sockets[0].getsockname()[:2]
        self.address: str = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        """Where it listens, as `host:port`: what `Wallet.present` announces in the engagement."""

    async def accept(self) -> StreamCarrier:
        """The next reader that connects."""
        return await self._arrived.get()

    async def close(self) -> None:
        """Stops listening. A carrier that was accepted goes on; whoever connected and was not is hung up on."""
        self._server.close()
        while not self._arrived.empty():
            await self._arrived.get_nowait().close()

    async def __aenter__(self) -> StreamListener:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class MessageKind(Enum):
    """Which message of an exchange from screen to screen is carried."""

    REQUEST = "request"
    """From the reader: what it asks for."""

    RESPONSE = "response"
    """From the holder: the encrypted answer."""


@dataclass(frozen=True)
class FrameProgress:
    """How far a transfer is."""

    received: int
    """Frames that brought something new."""

    needed: int
    """Frames that suffice."""

    complete: bool
    """The message is there."""


@dataclass(frozen=True)
class QrCode:
    """A QR code as dark and light squares, without the quiet zone of four squares that has to surround it."""

    size: int
    """How many squares it is wide and high."""

    modules: bytes
    """The squares row by row: 1 is dark, 0 is light."""

    def is_dark(self, x: int, y: int) -> bool:
        """Whether the square in column `x` and row `y` is dark; not outside."""
        return 0 <= x < self.size and 0 <= y < self.size and self.modules[y * self.size + x] == 1


class FrameEncoder:
    """Turns a message into an endless sequence of QR codes. A screen shows frame 0, 1, 2, … until the other side has seen enough of them; it
    may miss as many as it likes."""

    def __init__(self, kind: MessageKind, data: bytes) -> None:
        """For a message of 1 byte to 256 KiB. Raises `InvalidStateError` for another length."""
        which = _ffi.MessageKind[instance("kind", kind, MessageKind).name]
        self._ffi = call(_ffi.FrameEncoder, which, _data("data", data))

    @property
    def fragments(self) -> int:
        """The fewest frames that can carry the message."""
        return call(self._ffi.fragments)

    def frame(self, index: int) -> str:
        """The text of one frame, for `qr_code`. Any index may be asked for."""
        return call(self._ffi.frame, number("index", index))


class FrameDecoder:
    """Takes scanned texts in any order until they give one message."""

    def __init__(self, kind: MessageKind | None = None) -> None:
        """For messages of one kind, or of any."""
        self._ffi = call(_ffi.FrameDecoder, None if kind is None else _ffi.MessageKind[instance("kind", kind, MessageKind).name])

    def push(self, text: str) -> FrameProgress:
        """Takes what was scanned. Raises `VerifierError` for a text that is no frame of this transfer: nothing is lost, go on scanning."""
        return lift(FrameProgress, call(self._ffi.push, _text("text", text)))

    @property
    def message(self) -> bytes | None:
        """The message, once it is complete."""
        return call(self._ffi.message)

    def reset(self) -> None:
        """Forgets what was scanned."""
        call(self._ffi.reset)


def qr_code(text: str) -> QrCode:
    """The QR code for a text. Raises `InvalidStateError` for one that is too long."""
    return lift(QrCode, call(_ffi.qr_code, _text("text", text)))


def scan_qr(luminance: bytes, width: int, height: int) -> tuple[str, ...]:
    """The texts of the QR codes in a picture: luminance, one byte a pixel, row by row. Codes that cannot be read are left out.

    Raises `InvalidStateError` when there are not `width` × `height` bytes, or more than 50 million.
    """
    return tuple(call(_ffi.scan_qr, _data("luminance", luminance), number("width", width), number("height", height)))


def version() -> str:
    """The version of the library, as `1.2.3`."""
    return call(_ffi.version)
