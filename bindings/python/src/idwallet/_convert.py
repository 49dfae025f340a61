"""Between the records of the generated module and those of this package, which differ in types alone: times are `datetime`, spans of time are
`timedelta`, lists are tuples, choices are `Enum` members of the same name."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST = datetime.min.replace(tzinfo=timezone.utc)
_LAST = datetime.max.replace(tzinfo=timezone.utc, microsecond=0)


def time(seconds: int) -> datetime:
    """A time of the library, in UTC. What `datetime` cannot say is the nearest that it can."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return _FIRST if seconds < 0 else _LAST


def seconds(name: str, value: datetime) -> int:
    """A time for the library."""
    if not isinstance(value, datetime):
        raise TypeError(f"{name} must be a datetime, not {type(value).__name__}")
    if value.tzinfo is None:
        raise ValueError(f"{name} must say its time zone")
    return int((value - _EPOCH).total_seconds() // 1)


@lru_cache(maxsize=None)
def _plan(cls: type) -> list[tuple[str, str, Any]]:
    hints = typing.get_type_hints(cls)
    return [(field.name, field.metadata.get("ffi", field.name), hints[field.name]) for field in fields(cls)]


def lift(hint: Any, value: Any) -> Any:
    """What the generated module gave, as the type of this package."""
    origin = typing.get_origin(hint)
    if origin is types.UnionType or origin is typing.Union:
        return None if value is None else lift(next(arm for arm in typing.get_args(hint) if arm is not type(None)), value)
    if origin is tuple:
        return tuple(lift(typing.get_args(hint)[0], item) for item in value)
    if hint is datetime:
        return time(value)
    if hint is timedelta:
        return timedelta(seconds=min(value, 86400 * 999_999_999))
    if isinstance(hint, type):
        if hasattr(hint, "_lift"):
            return hint._lift(value)
        if is_dataclass(hint):
            return hint(**{name: lift(kind, getattr(value, source)) for name, source, kind in _plan(hint)})
        if issubclass(hint, Enum):
            return hint[value.name]
    return value


# What is checked before anything crosses the boundary: the caller learns which argument it is, and nothing is half passed on.


def text(name: str, value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        # The exception has the text, which may be a PIN.
        raise ValueError(f"{name} has characters that are none") from None
    return value


def data(name: str, value: bytes) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes, not {type(value).__name__}")
    if memoryview(value).nbytes > 2**31 - 16:
        raise ValueError(f"{name} is longer than 2 GiB")
    return bytes(value)


def number(name: str, value: int, bits: int = 32) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not 0 <= value < 2**bits:
        raise ValueError(f"{name} must be from 0 to {2**bits - 1}")
    return value


def instance(name: str, value: Any, cls: type[T] | tuple[type, ...]) -> T:
    if not isinstance(value, cls):
        wanted = " or ".join(c.__name__ for c in cls) if isinstance(cls, tuple) else cls.__name__
        raise TypeError(f"{name} must be a {wanted}, not {type(value).__name__}")
    return value
