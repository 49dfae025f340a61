"""PyPI pymdoccbor: issues, and reads the issuer's part. It looks neither at the validity nor at the docType in the MSO."""

import datetime

import cbor2
from pymdoccbor.mdoc.issuer import MdocCborIssuer
from pymdoccbor.mdoc.verifier import MobileDocument

from .common import Refused, Unsupported, certificates, read, read_json, to_value, unb64, from_value, write_certificates

CURVES = {"P-256": ("P_256", "ES256"), "P-384": ("P_384", "ES384"), "P-521": ("P_521", "ES512")}
# It tags these by their name, wherever they are.
TAGGED_BY_NAME = {"birth_date", "expiry_date", "issue_date", "issuance_date"}


def capabilities(_):
    return {
        "name": "pymdoccbor",
        "version": "1.4.0",
        "issue": {"curves": list(CURVES), "device_curves": list(CURVES), "own_pki": False},
        "verify": {
            "issuer_curves": list(CURVES),
            "signature": [],
            "mac": [],
            "chain": True,
            "digests": True,
            "device_auth": False,
            "issuer_only": True,
        },
    }


def untagged(name, value):
    if name in TAGGED_BY_NAME and isinstance(value, dict) and set(value) == {"date"}:
        return value["date"]
    if isinstance(value, list):
        return [{key: untagged(key, item) for key, item in entry.items()} for entry in value]
    return from_value(value)


def cose(jwk):
    curve, algorithm = CURVES[jwk["crv"]]
    key = {"KTY": "EC2", "CURVE": curve, "ALG": algorithm, "X": unb64(jwk["x"]), "Y": unb64(jwk["y"])}
    if "d" in jwk:
        key |= {"D": unb64(jwk["d"]), "KID": b"issuer"}
    return key


def issue(options):
    if "signer" not in options:
        raise Unsupported("no certificates of its own")
    data = read_json(options["data"])
    signer = read_json(options["signer"])
    device = {key: value for key, value in read_json(options["device-key"]).items() if key != "d"}
    if device["crv"] not in CURVES:
        raise Unsupported(device["crv"])
    today = datetime.datetime.now(datetime.timezone.utc).date()
    issuer = MdocCborIssuer(private_key=cose(signer), alg=CURVES[signer["crv"]][1])
    issued = issuer.new(
        doctype=data["docType"],
        data={ns: {name: untagged(name, value) for name, value in elements.items()} for ns, elements in data["namespaces"].items()},
        validity={"issuance_date": today.isoformat(), "expiry_date": (today + datetime.timedelta(days=365)).isoformat()},
        devicekeyinfo=cose(device),
        x509_chain=certificates(options["chain"]),
    )
    (write_certificates(options) / "issuer_signed.cbor").write_bytes(
        cbor2.dumps(issued["documents"][0]["issuerSigned"], canonical=True)
    )
    return {}


def verify_issuer_signed(options):
    issuer_signed = cbor2.loads(read(options["issuer-signed"]))
    document = MobileDocument(options["doctype"], dict(issuer_signed))
    if not document.verify(trusted_root_certs=certificates(options["anchor"])):
        raise Refused(f"signature or digests: {document.hash_verification}"[:600])
    elements = {}
    for namespace, items in issuer_signed["nameSpaces"].items():
        decoded = [cbor2.loads(item.value) for item in items]
        elements[namespace] = {item["elementIdentifier"]: to_value(item["elementValue"]) for item in decoded}
    return {"accepted": True, "documents": [{"doc_type": document.doctype, "device_auth": None, "elements": elements}]}


COMMANDS = {"capabilities": capabilities, "issue": issue, "verify-issuer-signed": verify_issuer_signed}
