"""What the app gives the library: a secure area, a clock, a place for its log."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any, ClassVar, Protocol, runtime_checkable


@dataclass(frozen=True)
class Now:
    """A moment, on both clocks that the wallet looks at."""

    time: datetime
    """The time of day, with its zone. It decides what is valid and what has expired."""

    uptime: timedelta
    """How long the device has been on, sleep included where the platform counts it. Begins at zero with every start, and nobody can set
    it: waits after wrong PINs are measured by it."""


@runtime_checkable
class Clock(Protocol):
    """A clock. What it raises makes the call that needed it fail with `InternalError`."""

    def now(self) -> Now:
        """What time it is. Is asked once at the beginning of a call, from any thread; must return at once."""
        ...


class SystemClock:
    """The clocks of the machine: `time.time`, and `CLOCK_BOOTTIME` where there is one."""

    def now(self) -> Now:
        """What time it is."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        uptime = time.monotonic() if boot is None else time.clock_gettime(boot)
        return Now(datetime.now(timezone.utc), timedelta(seconds=uptime))


class LogLevel(Enum):
    """How much a line of the log matters."""

    INFO = "info"
    """Something was done."""

    WARNING = "warning"
    """A call was refused; the app knows from the error it got."""

    ERROR = "error"
    """Something is wrong with this software, the platform or a port."""


@dataclass(frozen=True)
class LogRecord:
    """A line of the log. Has no personal data, names of readers, keys or values."""

    level: LogLevel
    """How much it matters."""

    call: str
    """The call it is about, such as `unlock`."""

    code: str | None
    """The code of the error, if it is one."""

    detail: str
    """What happened, in English."""


@runtime_checkable
class LogSink(Protocol):
    """A place for the log."""

    def log(self, record: LogRecord) -> None:
        """Takes a line. Is called from any thread and must return at once; what it raises is dropped."""
        ...


class Curve(Enum):
    """The curve of a key."""

    P256 = "p256"
    """NIST P-256: what hardware has."""

    P384 = "p384"
    """NIST P-384."""

    P521 = "p521"
    """NIST P-521."""

    BRAINPOOL_P256R1 = "brainpoolP256r1"
    """brainpoolP256r1 (RFC 5639)."""

    BRAINPOOL_P320R1 = "brainpoolP320r1"
    """brainpoolP320r1 (RFC 5639)."""

    BRAINPOOL_P384R1 = "brainpoolP384r1"
    """brainpoolP384r1 (RFC 5639)."""

    BRAINPOOL_P512R1 = "brainpoolP512r1"
    """brainpoolP512r1 (RFC 5639)."""

    ED25519 = "ed25519"
    """Ed25519 (RFC 8032): signatures only."""

    ED448 = "ed448"
    """Ed448 (RFC 8032): signatures only."""

    X25519 = "x25519"
    """X25519 (RFC 7748): agreement only."""

    X448 = "x448"
    """X448 (RFC 7748): agreement only."""


class KeyPurpose(Enum):
    """What a key may be used for."""

    SIGN = "sign"
    """ECDSA or EdDSA signatures."""

    AGREE = "agree"
    """Key agreement (device MAC)."""

    SIGN_OR_AGREE = "signOrAgree"
    """Either, fixed at first use; for hardware that can do both with one key."""


class SecurityLevel(Enum):
    """Where the keys of an area live."""

    SOFTWARE = "software"
    """In the memory of the app, or in a file."""

    TRUSTED_ENVIRONMENT = "trustedEnvironment"
    """In a trusted execution environment."""

    SECURE_ELEMENT = "secureElement"
    """In a separate secure processor (StrongBox, Secure Enclave)."""


class Counters(Enum):
    """What an area's counters hold against."""

    NONE = "none"
    """It has none: a vault that is put back whole cannot be told from the current one."""

    FILE = "file"
    """They lie in a file of their own: a vault that is put back is noticed, unless that file is put back with it."""

    HARDWARE = "hardware"
    """They lie in hardware, or elsewhere out of reach of who can write the owner's files."""


@dataclass(frozen=True)
class Authentication:
    """What the hardware requires before it uses a key: one of the constants, or `within`."""

    kind: str
    """`none`, `deviceUnlocked`, `everyUse`, `biometryEveryUse` or `within`."""

    seconds: int | None = None
    """How many seconds one proof of presence counts, of `within` alone."""

    NONE: ClassVar[Authentication]
    """Nothing but an unlocked app."""

    DEVICE_UNLOCKED: ClassVar[Authentication]
    """The device must be unlocked."""

    EVERY_USE: ClassVar[Authentication]
    """The person proves presence, by biometry or the device's passcode, for every use."""

    BIOMETRY_EVERY_USE: ClassVar[Authentication]
    """Presence, by biometry only, for every use; newly enrolled biometry invalidates the key."""

    @classmethod
    def within(cls, seconds: int) -> Authentication:
        """Presence within the last `seconds`."""
        return cls("within", seconds)

    @classmethod
    def _lift(cls, ffi: Any) -> Authentication:
        if ffi.is_within():
            return cls.within(ffi.seconds)
        if ffi.is_none():
            return cls.NONE
        if ffi.is_device_unlocked():
            return cls.DEVICE_UNLOCKED
        return cls.BIOMETRY_EVERY_USE if ffi.is_biometry_every_use() else cls.EVERY_USE


Authentication.NONE = Authentication("none")
Authentication.DEVICE_UNLOCKED = Authentication("deviceUnlocked")
Authentication.EVERY_USE = Authentication("everyUse")
Authentication.BIOMETRY_EVERY_USE = Authentication("biometryEveryUse")


@dataclass(frozen=True)
class KeySpec:
    """A key to be made."""

    curve: Curve = Curve.P256
    """The curve. Hardware often has P-256 only."""

    purpose: KeyPurpose = KeyPurpose.SIGN
    """What the key will do."""

    authentication: Authentication = Authentication.NONE
    """What its use requires."""

    attestation_challenge: bytes | None = None
    """The issuer's nonce, when an attestation of the key is wanted."""


class Attestation:
    """The platform's evidence of where a key lives: `AndroidKeyAttestation`, `AppleAppAttestation` or `SoftwareAttestation`."""

    @staticmethod
    def _lift(ffi: Any) -> Any:
        if ffi.is_android_key():
            return AndroidKeyAttestation(tuple(ffi.certificates))
        return AppleAppAttestation(ffi.object) if ffi.is_apple_app_attest() else SoftwareAttestation(ffi.proof)


@dataclass(frozen=True)
class AndroidKeyAttestation(Attestation):
    """Android key attestation."""

    certificates: tuple[bytes, ...]
    """DER certificates, the key's first."""


@dataclass(frozen=True)
class AppleAppAttestation(Attestation):
    """Apple App Attest."""

    object: bytes
    """The attestation object (CBOR)."""


@dataclass(frozen=True)
class SoftwareAttestation(Attestation):
    """A key in software: no hardware vouches for it."""

    proof: bytes
    """The key's own signature over the challenge; empty for a key that cannot sign."""


@dataclass(frozen=True)
class CreatedKey:
    """A key that was made."""

    id: bytes
    """Its name in the area; opaque to the library."""

    public_key: bytes
    """Its public half: DER `SubjectPublicKeyInfo`."""

    attestation: Attestation | None = None
    """Evidence of where it lives; only if a challenge was given and the area can attest."""


@dataclass(frozen=True)
class AreaCapabilities:
    """What an area can do."""

    security_level: SecurityLevel
    """Where its keys live."""

    sign_curves: tuple[Curve, ...] = (Curve.P256,)
    """Curves of keys that sign."""

    agree_curves: tuple[Curve, ...] = ()
    """Curves of keys that agree."""

    sign_or_agree: bool = False
    """Whether one key may be made for either use."""

    attestation: bool = False
    """Whether it gives attestations."""

    authentication: bool = False
    """Whether it can require a person's presence."""

    counters: Counters = Counters.NONE
    """What its counters hold against, if it has any."""


class AreaFault(Enum):
    """Why an area did not do what it was asked to."""

    USER_CANCELLED = "userCancelled"
    """The person closed the prompt."""

    AUTHENTICATION_REQUIRED = "authenticationRequired"
    """The person must authenticate, or unlock the device, first; try again after that."""

    KEY_INVALIDATED = "keyInvalidated"
    """The key is gone for good, because biometry changed or the device lock was removed."""

    NOT_FOUND = "notFound"
    """There is no key or counter of this name."""

    UNAVAILABLE = "unavailable"
    """The hardware does not answer now; a later attempt may succeed."""

    HARDWARE_ABSENT = "hardwareAbsent"
    """There is no such hardware here. Waiting does not help."""

    FULL = "full"
    """There is no room left for what the area has to write; nothing was changed."""

    READ_ONLY = "readOnly"
    """What the area has to write lies where it may not be written; nothing was changed."""

    UNSUPPORTED = "unsupported"
    """The area cannot do this at all."""

    INTEGRITY = "integrity"
    """A wrapped secret was altered, or was wrapped for another context or by another area."""

    FAILED = "failed"
    """Anything else."""


class SecureAreaError(Exception):
    """What the methods of a `SecureArea` raise, and nothing else."""

    fault: AreaFault
    """Why."""

    platform_code: int
    """The platform's own code, of `AreaFault.FAILED`; means nothing to the wallet."""

    def __init__(self, fault: AreaFault, platform_code: int = 0) -> None:
        if not isinstance(fault, AreaFault):
            raise TypeError(f"fault must be an AreaFault, not {type(fault).__name__}")
        super().__init__(fault.value)
        self.fault = fault
        self.platform_code = platform_code


class SecureArea(ABC):
    """A store of keys and secrets that the device protects: what an app implements over its hardware or a token.

    - A private key never leaves the area: `create_key` makes it inside, nothing exports it.
    - Every method may ask a person and may take as long as the person does. Methods run in the event loop of who called the wallet, several
      at once if several calls are made; they may call the wallet meanwhile.
    - A task that is cancelled is a cancelled operation: the prompt closes, nothing is left half done.
    - Methods raise `SecureAreaError` and nothing else; what else they raise reaches the caller of the wallet as `InternalError`, without
      its text.
    """

    @abstractmethod
    async def capabilities(self) -> AreaCapabilities:
        """What the area can do. Asks nobody."""

    @abstractmethod
    async def create_key(self, spec: KeySpec) -> CreatedKey:
        """Makes a key inside the area. It never gives less than was asked for: what the hardware does not have is `UNSUPPORTED`."""

    @abstractmethod
    async def public_key(self, key: bytes) -> bytes:
        """The public half of a key, DER `SubjectPublicKeyInfo`. Asks nobody."""

    @abstractmethod
    async def sign(self, key: bytes, data: bytes) -> bytes:
        """Signs with the one algorithm of the key's curve; the area hashes (SHA-256 for P-256, SHA-384 for P-384, SHA-512 for P-521). ECDSA:
        DER `ECDSA-Sig-Value`. EdDSA: the RFC 8032 signature."""

    @abstractmethod
    async def agree(self, key: bytes, peer: bytes) -> bytes:
        """The shared secret with `peer` (DER `SubjectPublicKeyInfo`): the x coordinate alone."""

    @abstractmethod
    async def wrap(self, context: bytes, secret: bytes) -> bytes:
        """Encrypts a secret under a key that never leaves the area. `context` is associated data: `unwrap` is given the same bytes, and the
        area compares them inside."""

    @abstractmethod
    async def unwrap(self, context: bytes, wrapped: bytes) -> bytes:
        """Decrypts what `wrap` gave; `INTEGRITY` when the bytes or the context are others."""

    @abstractmethod
    async def delete_key(self, key: bytes) -> None:
        """Deletes a key for good; deleting one that is not there succeeds."""

    async def create_counter(self) -> bytes:
        """Makes a counter at a value of the area's choice and gives its name."""
        raise SecureAreaError(AreaFault.UNSUPPORTED)

    async def read_counter(self, counter: bytes) -> int:
        """The value of a counter."""
        raise SecureAreaError(AreaFault.UNSUPPORTED)

    async def increment_counter(self, counter: bytes) -> int:
        """Raises a counter by one and gives the new value, which is durable when this returns. There is no way to lower it."""
        raise SecureAreaError(AreaFault.UNSUPPORTED)

    async def delete_counter(self, counter: bytes) -> None:
        """Deletes a counter for good; deleting one that is not there succeeds."""
        raise SecureAreaError(AreaFault.UNSUPPORTED)
