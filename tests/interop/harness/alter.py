"""Alterations of what one side sends: each changes exactly one thing, found by structure and not by luck."""

import hashlib

from . import cbor


def splice(data, start, end, replacement):
    return data[:start] + replacement + data[end:]


def flip(data, at, bit=1):
    return splice(data, at, at + 1, bytes([data[at] ^ bit]))


def first_document(response):
    return cbor.decode(response)["documents"][0]


def issuer_signed(message):
    """The IssuerSigned of a DeviceResponse, or the message itself if it is one."""
    node = cbor.decode(message)
    return node["documents"][0]["issuerSigned"] if node.has("documents") else node


def items(message):
    """(namespace, the tag 24 node, the item in it) for each element."""
    for namespace, nodes in issuer_signed(message)["nameSpaces"].value:
        for node in nodes.value:
            yield namespace.value, node, node.inner()


def value_byte(response):
    """The last letter of the family name."""
    for _, _, item in items(response):
        if item["elementIdentifier"].value == "family_name":
            return flip(response, item["elementValue"].end - 1)
    raise ValueError("no family_name")


def identifier_byte(response):
    """The name of an element, its value untouched."""
    _, _, item = next(items(response))
    return flip(response, item["elementIdentifier"].end - 1)


def random_byte(response):
    _, _, item = next(items(response))
    return flip(response, item["random"].body)


def digest_byte(response):
    """The digest in the MSO of the first element that was sent."""
    _, node, _ = next(items(response))
    at = response.find(hashlib.sha256(node.raw).digest())
    if at < 0:
        raise ValueError("no digest of the first element")
    return flip(response, at)


def digest_swap(response):
    """Two digests of the MSO change places: the elements match again if their ids do too, the signature does not."""
    nodes = [node for _, node, _ in items(response)][:2]
    one, two = (hashlib.sha256(node.raw).digest() for node in nodes)
    return response.replace(one, b"\0" * 32).replace(two, one).replace(b"\0" * 32, two)


def doc_type(response):
    """The docType of the document, not that of the MSO."""
    return flip(response, first_document(response)["docType"].end - 1)


def issuer_signature(response):
    return flip(response, issuer_signed(response)["issuerAuth"][3].end - 1)


def namespace_byte(response):
    """The name of the namespace outside the MSO: for this one the issuer has signed no digests."""
    name, _ = issuer_signed(response)["nameSpaces"].value[0]
    return flip(response, name.end - 1)


def device_authentication(response):
    """The last byte of the device signature or MAC."""
    device_auth = first_document(response)["deviceSigned"]["deviceAuth"]
    node = device_auth["deviceSignature" if device_auth.has("deviceSignature") else "deviceMac"]
    return flip(response, node[3].end - 1)


def device_namespaces(response):
    """An element that the device never signed."""
    node = first_document(response)["deviceSigned"]["nameSpaces"]
    added = cbor.encode(cbor.tag24(cbor.encode({"org.iso.18013.5.1": {"family_name": "Khác"}})))
    return splice(response, node.start, node.end, added)


# Of what the issuer signed, and of what the device added to it.
ISSUER = {
    "value-byte": value_byte,
    "identifier-byte": identifier_byte,
    "random-byte": random_byte,
    "digest-byte": digest_byte,
    "digests-swapped": digest_swap,
    "namespace-byte": namespace_byte,
    "issuer-signature": issuer_signature,
}
DEVICE = {"doc-type": doc_type, "device-auth-byte": device_authentication, "device-element-added": device_namespaces}


# What a reader must check to see the alteration.
NEEDS = {
    "value-byte": "digests",
    "identifier-byte": "digests",
    "random-byte": "digests",
    "namespace-byte": "digests",
    "doc-type": "device_auth",
    "device-auth-byte": "device_auth",
    "device-element-added": "device_auth",
    "another-transcript": "device_auth",
    "another-reader-key": "device_auth",
    "unknown-issuer": "chain",
}


def reader_auth_signature(request):
    node = cbor.decode(request)
    signature = node["readerAuthAll"][0][3] if node.has("readerAuthAll") else node["docRequests"][0]["readerAuth"][3]
    return flip(request, signature.end - 1)


def intent_to_retain(request):
    """The first element that was asked for: kept instead of not, or the other way round."""
    asked = cbor.decode(request)["docRequests"][0]["itemsRequest"].inner()
    _, elements = asked["nameSpaces"].value[0]
    _, retain = elements.value[0]
    return splice(request, retain.start, retain.end, b"\xf4" if retain.value else b"\xf5")


def session_byte(message):
    """The first byte of the ciphertext."""
    return flip(message, cbor.decode(message)["data"].body)


def signed_payload(message):
    """The last byte of what a COSE_Sign1, tagged or not, signs."""
    node = cbor.decode(message)
    while node.major == 6:
        node = node.value
    return flip(message, node[2].end - 1)
