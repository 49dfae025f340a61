"""What both sides of a session have in common: messages come from a carrier, and somebody may call meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from ._carrier import Carrier
from ._errors import internal
from ._ports import Clock


def _left(clock: Clock, until: datetime) -> float:
    """Seconds until then. What the clock of the app raises is told without its text, as everywhere."""
    try:
        return (until - clock.now().time).total_seconds()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        raise internal("the app's clock failed") from None


class Events:
    """What happens while a session waits."""

    LOST = object()
    WAKE = object()

    def __init__(self) -> None:
        self._waiting: deque[object] = deque()
        self._come = asyncio.Event()

    def _add(self, event: object) -> None:
        self._waiting.append(event)
        self._come.set()

    def wake(self) -> None:
        """Has the session look again at what to do. From the session's own loop."""
        self._add(self.WAKE)

    async def next(self, clock: Clock, until: datetime | None) -> object:
        """The next message, `LOST`, or `WAKE`, also when the time is over. What the carrier must not raise is raised here."""
        if not self._waiting:
            self._come.clear()
            timer = None
            if until is not None:
                # A little later than that time, so that the session finds it over.
                left = max(0.0, _left(clock, until)) + 0.05
                timer = asyncio.get_running_loop().call_later(left, self._come.set)
            try:
                # Not `wait_for`, which may lose a cancellation that comes with an event.
                await self._come.wait()
            finally:
                if timer is not None:
                    timer.cancel()
        event = self._waiting.popleft() if self._waiting else self.WAKE
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
                self._add(message)
            self._add(self.LOST)
        except OSError:
            self._add(self.LOST)
        except Exception as error:
            self._add(error)
