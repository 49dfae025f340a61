"""The app's ports as the generated module sees them. Whatever they raise becomes an error that the library knows; nothing of its text goes
on, for it may hold anything."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from . import _ffi
from ._calls import home
from ._convert import data, instance, lift, number, seconds
from ._ports import (
    AndroidKeyAttestation, AppleAppAttestation, AreaCapabilities, Attestation, Authentication, Clock, CreatedKey, Curve, KeySpec, LogRecord, LogSink,
    SecureArea, SecureAreaError, SoftwareAttestation,
)

_UNDECLARED = -(2**31)
"""The platform code of what the app's area should not have raised."""


class ClockPort(_ffi.Clock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> _ffi.Now:
        try:
            now = self._clock.now()
            uptime = instance("uptime", now.uptime, timedelta) // timedelta(milliseconds=1)
            return _ffi.Now(unix_seconds=seconds("time", now.time), uptime_millis=number("uptime", uptime, 64))
        except BaseException:
            # Nothing at all may pass through the library's frames.
            raise _ffi.PortError.Failed("") from None


class LogPort(_ffi.LogSink):
    def __init__(self, log: LogSink) -> None:
        self._log = log

    def log(self, record: _ffi.LogRecord) -> None:
        try:
            self._log.log(lift(LogRecord, record))
        except BaseException:
            raise _ffi.PortError.Failed("") from None


def authentication(value: Authentication) -> Any:
    instance("authentication", value, Authentication)
    kinds = {
        "none": _ffi.Authentication.NONE, "deviceUnlocked": _ffi.Authentication.DEVICE_UNLOCKED, "everyUse": _ffi.Authentication.EVERY_USE,
        "biometryEveryUse": _ffi.Authentication.BIOMETRY_EVERY_USE,
    }
    if value.kind == "within":
        return _ffi.Authentication.WITHIN(seconds=number("seconds", value.seconds))  # type: ignore[arg-type]
    if value.kind not in kinds:
        raise ValueError("there is no such authentication")
    return kinds[value.kind]()


def _attestation(value: Attestation | None) -> Any:
    if value is None:
        return None
    if isinstance(value, AndroidKeyAttestation):
        return _ffi.Attestation.ANDROID_KEY(certificates=[data("certificates", it) for it in value.certificates])
    if isinstance(value, AppleAppAttestation):
        return _ffi.Attestation.APPLE_APP_ATTEST(object=data("object", value.object))
    return _ffi.Attestation.SOFTWARE(proof=data("proof", instance("attestation", value, SoftwareAttestation).proof))


def _capabilities(value: AreaCapabilities) -> _ffi.AreaCapabilities:
    instance("capabilities", value, AreaCapabilities)
    return _ffi.AreaCapabilities(
        security_level=_ffi.SecurityLevel[value.security_level.name],
        sign_curves=[_ffi.Curve[instance("curve", it, Curve).name] for it in value.sign_curves],
        agree_curves=[_ffi.Curve[instance("curve", it, Curve).name] for it in value.agree_curves],
        sign_or_agree=bool(value.sign_or_agree), attestation=bool(value.attestation), authentication=bool(value.authentication),
        counters=_ffi.Counters[value.counters.name],
    )


def _created(value: CreatedKey) -> _ffi.CreatedKey:
    instance("key", value, CreatedKey)
    return _ffi.CreatedKey(
        id=data("id", value.id), public_key=data("public_key", value.public_key), attestation=_attestation(value.attestation)
    )


def _bytes(value: Any) -> bytes:
    return data("result", value)


def _count(value: Any) -> int:
    return number("result", value, 64)


def _nothing(_: Any) -> None:
    return None


def _fault(caught: SecureAreaError) -> Any:
    if caught.fault.name == "FAILED":
        code = caught.platform_code
        return _ffi.SecureAreaError.Failed(code if isinstance(code, int) and -(2**31) <= code < 2**31 else _UNDECLARED)
    return getattr(_ffi.SecureAreaError, "".join(part.title() for part in caught.fault.name.split("_")))()


class AreaPort(_ffi.SecureArea):
    """Asks the app's area in the loop of who called the wallet. Runs in the library's own loop."""

    def __init__(self, area: SecureArea) -> None:
        self._area = area

    async def _ask(self, lower: Callable[[Any], Any], method: str, *arguments: Any) -> Any:
        async def ask() -> Any:
            result = getattr(self._area, method)(*arguments)
            return await result if inspect.isawaitable(result) else result

        coroutine = ask()
        try:
            return lower(await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, home.get())))
        except SecureAreaError as caught:
            try:
                fault = _fault(caught)
            except Exception:
                fault = _ffi.SecureAreaError.Failed(_UNDECLARED)
            raise fault from None
        except BaseException:
            # Also when the wait is cancelled: the library is always told how it ended.
            coroutine.close() if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED and home.get().is_closed() else None
            raise _ffi.SecureAreaError.Failed(_UNDECLARED) from None

    async def capabilities(self) -> _ffi.AreaCapabilities:
        return await self._ask(_capabilities, "capabilities")

    async def create_key(self, spec: _ffi.KeySpec) -> _ffi.CreatedKey:
        return await self._ask(_created, "create_key", lift(KeySpec, spec))

    async def public_key(self, id: bytes) -> bytes:
        return await self._ask(_bytes, "public_key", id)

    async def sign(self, id: bytes, data: bytes) -> bytes:
        return await self._ask(_bytes, "sign", id, data)

    async def agree(self, id: bytes, peer: bytes) -> bytes:
        return await self._ask(_bytes, "agree", id, peer)

    async def wrap(self, context: bytes, secret: bytes) -> bytes:
        return await self._ask(_bytes, "wrap", context, secret)

    async def unwrap(self, context: bytes, wrapped: bytes) -> bytes:
        return await self._ask(_bytes, "unwrap", context, wrapped)

    async def delete_key(self, id: bytes) -> None:
        await self._ask(_nothing, "delete_key", id)

    async def create_counter(self) -> bytes:
        return await self._ask(_bytes, "create_counter")

    async def read_counter(self, id: bytes) -> int:
        return await self._ask(_count, "read_counter", id)

    async def increment_counter(self, id: bytes) -> int:
        return await self._ask(_count, "increment_counter", id)

    async def delete_counter(self, id: bytes) -> None:
        await self._ask(_nothing, "delete_counter", id)
