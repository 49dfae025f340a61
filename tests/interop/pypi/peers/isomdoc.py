"""PyPI isomdoc: issues, and reads signatures. It looks neither at the chain nor at the validity."""

import datetime

import cbor2

from isomdoc import create_mdoc, verify_device_response
from isomdoc.verify.verify_mdoc import IssuerSigned

from .common import (
    Unsupported, certificates, from_value, private_key, public_key, read, read_json, to_value, write_certificates,
)  # fmt: skip


def capabilities(_):
    return {
        "name": "isomdoc",
        "version": "0.0.5",
        "issue": {"curves": ["P-256"], "device_curves": ["P-256"], "own_pki": False},
        "verify": {
            "issuer_curves": ["P-256"],
            "signature": ["P-256"],
            "mac": [],
            "chain": False,
            "digests": True,
            "device_auth": True,
            "issuer_only": True,
            "several": True,
        },
    }


def issue(options):
    if "signer" not in options:
        raise Unsupported("no certificates of its own")
    data = read_json(options["data"])
    mdoc = create_mdoc(data["docType"], certificates(options["chain"]), private_key(read_json(options["signer"])))
    for namespace, elements in data["namespaces"].items():
        for name, value in elements.items():
            mdoc.add_data_item(namespace, name, from_value(value))
    signed = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    credential = mdoc.generate_credential(
        public_key(read_json(options["device-key"])),
        signed_datetime=signed,
        valid_from_datetime=signed,
        valid_until_datetime=signed + datetime.timedelta(days=365),
    )
    (write_certificates(options) / "issuer_signed.cbor").write_bytes(credential)
    return {}


def elements(issuer_signed):
    return {
        namespace: {item.element_identifier: to_value(item.element_value) for item in items}
        for namespace, items in issuer_signed.namespaces.items()
    }


def verify(options):
    response = verify_device_response(read(options["response"]), cbor2.loads(read(options["transcript"])))
    return {
        "accepted": True,
        "documents": [
            {"doc_type": document.doctype, "device_auth": "signature", "elements": elements(document.issuer_signed)}
            for document in response.documents
        ],
    }


def verify_issuer_signed(options):
    issuer_signed = IssuerSigned(cbor2.loads(read(options["issuer-signed"])), options["doctype"])
    return {
        "accepted": True,
        "documents": [{"doc_type": options["doctype"], "device_auth": None, "elements": elements(issuer_signed)}],
    }


COMMANDS = {"capabilities": capabilities, "issue": issue, "verify": verify, "verify-issuer-signed": verify_issuer_signed}
