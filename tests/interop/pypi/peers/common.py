"""Options, files and values that both peers share."""

import base64
import datetime
import json
import pathlib

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec


class Refused(Exception):
    """A check said no."""


class Unsupported(Exception):
    """This side cannot do that."""


KNOWN = (
    "data device-key out curve signer chain anchor response transcript reader-key request issuer-signed doctype ask role own-key peer-key"
).split()


def parse_options(args):
    options = {}
    args = iter(args)
    for arg in args:
        if arg in ("--mac", "--all"):
            options[arg[2:]] = True
            continue
        if not arg.startswith("--") or arg[2:] not in KNOWN:
            raise Unsupported(f"unknown option {arg}")
        if arg[2:] in options:
            raise Unsupported(f"{arg} only once")
        options[arg[2:]] = next(args, None)
        if options[arg[2:]] is None:
            raise Unsupported(f"{arg} needs a value")
    return options


def read(path):
    return pathlib.Path(path).read_bytes()


def read_json(path):
    return json.loads(read(path))


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}


def public_key(jwk):
    if jwk["crv"] not in CURVES:
        raise Unsupported(jwk["crv"])
    x, y = (int.from_bytes(unb64(jwk[part]), "big") for part in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, CURVES[jwk["crv"]]).public_key()


def private_key(jwk):
    return ec.derive_private_key(int.from_bytes(unb64(jwk["d"]), "big"), CURVES[jwk["crv"]])


def certificates(path):
    return x509.load_pem_x509_certificates(read(path))


def write_certificates(options):
    out = pathlib.Path(options["out"])
    (out / "anchor.pem").write_bytes(read(options["anchor"]))
    (out / "ds.pem").write_bytes(read(options["chain"]))
    return out


def from_value(value):
    """VALUE of the interface, for cbor2."""
    if isinstance(value, list):
        return [from_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"bytes"}:
        return unb64(value["bytes"])
    if set(value) == {"date"}:
        return cbor2.CBORTag(1004, value["date"])
    if set(value) == {"tdate"}:
        return cbor2.CBORTag(0, value["tdate"])
    return {key: from_value(item) for key, item in value.items()}


def to_value(value):
    """What cbor2 gives, as VALUE."""
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": base64.urlsafe_b64encode(value).rstrip(b"=").decode()}
    if isinstance(value, datetime.datetime):
        return {"tdate": value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, cbor2.CBORTag):
        return {"date": value.value} if value.tag == 1004 else to_value(value.value)
    if isinstance(value, (list, tuple)):
        return [to_value(item) for item in value]
    if hasattr(value, "items"):
        return {key: to_value(item) for key, item in value.items()}
    return value
