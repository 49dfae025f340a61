"""The files of one run: keys, certificates, transcripts, requests."""

import json

from . import cbor, pki
from .data import ASK, DATA
from .judge import NotReached


class Room:
    """Keys, certificates, transcripts and files of one run, made when they are first wanted."""

    def __init__(self, directory):
        self.directory = directory
        self._made = {}

    def once(self, key, make):
        if key not in self._made:
            try:
                self._made[key] = (make(), None)
            except NotReached as error:
                self._made[key] = (None, NotReached(str(error)))
        value, error = self._made[key]
        if error:
            raise error
        return value

    def folder(self, *parts):
        path = self.directory.joinpath(*map(str, parts))
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name, data):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, (dict, list)):
            data = json.dumps(data, ensure_ascii=False).encode()
        path.write_bytes(data)
        return path

    def key(self, name, curve):
        """Writes the key once; returns (private file, public file, JWK)."""

        def make():
            folder = self.folder("keys")
            jwk = pki.make_key(folder, f"{name}-{curve}", curve)
            return folder / f"{name}-{curve}.jwk", folder / f"{name}-{curve}.pub.jwk", jwk

        return self.once(("key", name, curve), make)

    def authority(self, kind, curve, name="Test"):
        return self.once(
            ("pki", kind, curve, name),
            lambda: pki.Authority(self.directory / "pki" / f"{kind}-{curve}-{name}", curve, kind, name),
        )

    def transcript(self, curve, name="main"):
        """QR engagement: `[DeviceEngagementBytes, EReaderKeyBytes, null]`; `name` has an ephemeral device key of its own."""

        def make():
            device = self.key(f"ephemeral-device-{name}", curve)[2]
            reader = self.key("ephemeral-reader", curve)[2]
            bluetooth = [2, 1, {0: False, 1: True, 11: bytes(range(16))}]
            engagement = {0: "1.0", 1: [1, cbor.tag24(cbor.encode(pki.cose_key(device)))], 2: [bluetooth]}
            data = cbor.encode([cbor.tag24(cbor.encode(engagement)), cbor.tag24(cbor.encode(pki.cose_key(reader))), None])
            return self.write(f"transcripts/{name}-{curve}.cbor", data)

        return self.once(("transcript", curve, name), make)

    def data(self, name="data", content=DATA):
        return self.once(name, lambda: self.write(f"{name}.json", content))

    def ask(self):
        return self.once("ask", lambda: self.write("ask.json", ASK))

    def request(self, name="request", ask=ASK):
        """The plain DeviceRequest for these elements, written by the harness itself."""

        def make():
            docs = [
                {"itemsRequest": cbor.tag24(cbor.encode({"docType": doc_type, "nameSpaces": namespaces}))}
                for doc_type, namespaces in ask.items()
            ]
            return self.write(f"{name}.cbor", cbor.encode({"version": "1.0", "docRequests": docs}))

        return self.once(name, make)
