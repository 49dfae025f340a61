"""What both sides of a session have in common: messages come from a carrier, and somebody may call meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from collections.abc import AsyncIterator
from datetime import datetime

from ._carrier import Carrier
from ._ports import Clock


class Events:
    """What happens while a session waits."""

    LOST = object()
    WAKE = object()

    def __init__(self) -> None:
        self._queue: asyncio.Queue[object] = asyncio.Queue()

    def wake(self) -> None:
        """Has the session look again at what to do. From the session's own loop."""
        self._queue.put_nowait(self.WAKE)

    async def next(self, clock: Clock, until: datetime | None) -> object:
        """The next message, `LOST`, or `WAKE`, also when the time is over. What the carrier must not raise is raised here."""
        # A little later than that time, so that the session finds it over.
        timeout = None if until is None else max(0.0, (until - clock.now().time).total_seconds()) + 0.05
        try:
            event = await asyncio.wait_for(self._queue.get(), timeout)
        except asyncio.TimeoutError:
            return self.WAKE
        if isinstance(event, BaseException):
            raise event
        return event

    @asynccontextmanager
    async def of(self, carrier: Carrier) -> AsyncIterator[None]:
        """Takes the messages of `carrier`, and closes it in the end."""
        pump = asyncio.create_task(self._pump(carrier))
        try:
            yield
        finally:
            try:
                await carrier.close()
            except OSError:
                # It is gone already.
                pass
            finally:
                pump.cancel()
                await asyncio.wait([pump])

    async def _pump(self, carrier: Carrier) -> None:
        try:
            while (message := await carrier.receive()) is not None:
                self._queue.put_nowait(message)
            self._queue.put_nowait(self.LOST)
        except OSError:
            self._queue.put_nowait(self.LOST)
        except Exception as error:
            self._queue.put_nowait(error)
