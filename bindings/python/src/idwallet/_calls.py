"""How calls reach the library.

They run on one thread with an event loop of its own, so that work on keys never holds up the loop of the caller. What the library asks of the app's
secure area is asked in the loop of who called.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar

from . import _ffi
from ._errors import error, internal

T = TypeVar("T")

home: ContextVar[asyncio.AbstractEventLoop] = ContextVar("idwallet_home")
"""The loop of who called."""


class _Thread:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        # To derive a key from a PIN takes this loop a part of a second, which is what the loop is for.
        self.loop.slow_callback_duration = 10
        threading.Thread(target=self.loop.run_forever, name="idwallet", daemon=True).start()


_thread: _Thread | None = None
_lock = threading.Lock()


def _running() -> _Thread:
    global _thread
    with _lock:
        if _thread is None:
            _thread = _Thread()
        return _thread


def _forked() -> None:
    # Threads stay with the parent.
    global _thread, _lock
    _thread, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class _Poll:
    """One poll of a call of the library that waits."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.over = self.loop.create_future()
        self.code: int | None = None

    def come(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


_polls = _ffi._UniffiHandleMap()


@_ffi._UNIFFI_RUST_FUTURE_CONTINUATION_CALLBACK
def _polled(handle: int, code: int) -> None:
    poll = _polls.remove(handle)
    poll.code = code
    try:
        poll.loop.call_soon_threadsafe(poll.come)
    except RuntimeError:
        # Its loop is closed.
        pass


async def _drive(future: Any, poll: Any, complete: Any, free: Any, lift: Callable[[Any], T], converter: Any) -> T:
    """In the place of the function of the generated module, which frees a call that is done and cancelled at once without taking its result:
    a wallet that was opened would stay open for good."""
    this = None
    try:
        while this is None or this.code != _ffi._UNIFFI_RUST_FUTURE_POLL_READY:
            this = _Poll()
            poll(future, _polled, _polls.insert(this))
            await this.over
        return lift(_ffi._uniffi_rust_call_with_error(converter, complete, future))
    except asyncio.CancelledError:
        if this is not None and this.code == _ffi._UNIFFI_RUST_FUTURE_POLL_READY:
            with contextlib.suppress(Exception):
                _late(lift(_ffi._uniffi_rust_call_with_error(converter, complete, future)))
        raise
    finally:
        free(future)


_ffi._uniffi_rust_call_async = _drive


def _late(result: object) -> None:
    """Closes what came too late, when nobody else could."""
    if isinstance(result, _ffi.Wallet):
        result.shutdown()


def call(function: Callable[..., T], *arguments: Any) -> T:
    """A call that is over at once. Its errors are those of this package."""
    try:
        return function(*arguments)
    except _ffi.WalletError as caught:
        raise error(caught) from None
    except _ffi.InternalError:
        raise internal("the boundary of the library failed") from None


async def at_once(function: Callable[..., T], *arguments: Any) -> T:
    """The same beside the loop of who calls. One that is cancelled is done or was never begun."""

    async def now() -> T:
        return function(*arguments)

    return await waiting(now)


async def waiting(function: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
    """A call that waits for a person, for hardware or for a key to be derived. A caller that is cancelled has it abandoned, and goes on when
    the library has let go of it, so that the next call finds everything in order."""
    loop, worker = asyncio.get_running_loop(), _running().loop
    home.set(loop)
    done: asyncio.Future[T] = loop.create_future()
    task: asyncio.Task[T] | None = None

    def start() -> None:
        nonlocal task
        task = worker.create_task(function(*arguments))
        task.add_done_callback(finished)

    def finished(task: asyncio.Task[T]) -> None:
        try:
            loop.call_soon_threadsafe(settle, task)
        except RuntimeError:
            # Who called is gone with its loop.
            if not task.cancelled():
                task.exception()

    def settle(task: asyncio.Task[T]) -> None:
        if task.cancelled():
            done.cancel()
        elif (fault := task.exception()) is not None:
            done.set_exception(fault)
            done.exception()
        else:
            done.set_result(task.result())

    def abandon() -> None:
        if task is not None:
            task.cancel()

    worker.call_soon_threadsafe(start)
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        worker.call_soon_threadsafe(abandon)
        while not done.done():
            try:
                await asyncio.wait([done])
            except asyncio.CancelledError:
                # Impatience does not make it faster.
                continue
        if not done.cancelled() and done.exception() is None:
            _late(done.result())
        raise
    except _ffi.WalletError as caught:
        raise error(caught) from None
    except _ffi.InternalError:
        raise internal("the boundary of the library failed") from None
