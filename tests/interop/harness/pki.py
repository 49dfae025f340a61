"""Keys and certificates, made by OpenSSL: the third party between two peers.

The certificates meet ISO 18013-5 annex B: IACA (B.1.2), document signer (B.1.4),
status list signer (B.1.5), reader root and reader (B.1.6, B.1.7); the signer of a trust list is that of C.1.7.
"""

import base64
import datetime
import json
import re
import secrets
import subprocess

# Curve of the interface: OpenSSL's name, COSE's number, bytes of the field.
EC = {
    "P-256": ("prime256v1", 1, 32),
    "P-384": ("secp384r1", 2, 48),
    "P-521": ("secp521r1", 3, 66),
    "brainpoolP256r1": ("brainpoolP256r1", 256, 32),
    "brainpoolP320r1": ("brainpoolP320r1", 257, 40),
    "brainpoolP384r1": ("brainpoolP384r1", 258, 48),
    "brainpoolP512r1": ("brainpoolP512r1", 259, 64),
}
OKP = {"X25519": 4, "X448": 5, "Ed25519": 6, "Ed448": 7}
HASH = {
    "P-256": "sha256",
    "brainpoolP256r1": "sha256",
    "P-384": "sha384",
    "brainpoolP320r1": "sha384",
    "brainpoolP384r1": "sha384",
    "P-521": "sha512",
    "brainpoolP512r1": "sha512",
}

CONFIG = """
[ca]
default_ca = authority
[authority]
database = {dir}/index.txt
new_certs_dir = {dir}
rand_serial = yes
policy = any
unique_subject = no
copy_extensions = none
email_in_dn = no
[any]
countryName = optional
organizationName = optional
commonName = supplied
[req]
distinguished_name = none
string_mask = utf8only
[none]
[iaca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
issuerAltName = URI:https://issuer.example
crlDistributionPoints = URI:https://issuer.example/crl
[ds]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, 1.0.18013.5.1.2
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
issuerAltName = URI:https://issuer.example
crlDistributionPoints = URI:https://issuer.example/crl
[root]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
issuerAltName = URI:https://reader.example
crlDistributionPoints = URI:https://reader.example/crl
[vical]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, 1.0.18013.5.1.8
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
issuerAltName = URI:https://provider.example
crlDistributionPoints = URI:https://provider.example/crl
[status]
keyUsage = critical, digitalSignature
extendedKeyUsage = 1.3.6.1.5.5.7.3.30
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
issuerAltName = URI:https://issuer.example
crlDistributionPoints = URI:https://issuer.example/crl
[reader]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, 1.0.18013.5.1.6
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
issuerAltName = URI:https://reader.example
crlDistributionPoints = URI:https://reader.example/crl
"""


def openssl(*args, data=None):
    done = subprocess.run(["openssl", *map(str, args)], input=data, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, args))}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_key(directory, name, curve):
    """Writes NAME.pem, NAME.jwk (private) and NAME.pub.jwk; returns the private JWK."""
    pem = directory / f"{name}.pem"
    if curve in EC:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{EC[curve][0]}", "-out", pem)
    else:
        openssl("genpkey", "-algorithm", curve, "-out", pem)
    text = openssl("pkey", "-in", pem, "-noout", "-text").decode()
    block = {
        key: bytes.fromhex(re.sub(r"[\s:]", "", re.search(rf"{key}:\s*\n((?:\s+[0-9a-f:]+\n)+)", text)[1]))
        for key in ("priv", "pub")
    }
    if curve in EC:
        size = EC[curve][2]
        point = block["pub"][1:]
        private = int.from_bytes(block["priv"], "big").to_bytes(size, "big")
        jwk = {"kty": "EC", "crv": curve, "x": b64(point[:size]), "y": b64(point[size:]), "d": b64(private)}
    else:
        jwk = {"kty": "OKP", "crv": curve, "x": b64(block["pub"]), "d": b64(block["priv"])}
    (directory / f"{name}.jwk").write_text(json.dumps(jwk))
    (directory / f"{name}.pub.jwk").write_text(json.dumps({k: v for k, v in jwk.items() if k != "d"}))
    return jwk


def cose_key(jwk):
    """The public COSE_Key as a dict, in the order of RFC 9052's deterministic encoding."""
    if jwk["kty"] == "EC":
        return {1: 2, -1: EC[jwk["crv"]][1], -2: unb64(jwk["x"]), -3: unb64(jwk["y"])}
    return {1: 1, -1: OKP[jwk["crv"]], -2: unb64(jwk["x"])}


def der(certificate):
    """The first certificate of a PEM file."""
    body = certificate.read_text().split("-----BEGIN CERTIFICATE-----")[1].split("-----END CERTIFICATE-----")[0]
    return base64.b64decode("".join(body.split()))


class Authority:
    """A root and one certificate under it."""

    # IACA with document signer or status list signer, other roots with reader or trust list signer.
    KINDS = {"issuer": ("iaca", "ds"), "status": ("iaca", "status"), "reader": ("root", "reader"), "vical": ("root", "vical")}

    def __init__(self, directory, curve, kind, name):
        directory.mkdir(parents=True)
        root, leaf = self.KINDS[kind]
        (directory / "index.txt").touch()
        config = directory / "ca.cnf"
        config.write_text(CONFIG.format(dir=directory))
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)

        def stamp(days):
            return (now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")

        # Annex B.1: certificates are signed with ECDSA, also those of EdDSA keys.
        root_curve = curve if curve in EC else "P-256"

        def certify(what, subject, start, end, signer):
            make_key(directory, what, curve if signer else root_curve)
            openssl("req", "-new", "-config", config, "-utf8", "-key", directory / f"{what}.pem", "-subj", subject, "-out", directory / f"{what}.csr")
            openssl(
                "ca", "-batch", "-config", config, "-extensions", what, "-md", HASH[root_curve], "-notext", "-preserveDN",
                *(["-selfsign"] if signer is None else ["-cert", directory / f"{signer}.crt"]),
                "-keyfile", directory / f"{signer or what}.pem",
                "-startdate", stamp(start), "-enddate", stamp(end),
                "-in", directory / f"{what}.csr", "-out", directory / f"{what}.crt",
            )  # fmt: skip

        certify(root, f"/C=VN/CN={name} root {curve} {secrets.token_hex(3)}", -5, 3000, None)
        certify(leaf, f"/C=VN/CN={name} {curve}", -4, 420, root)
        self.anchor = directory / f"{root}.crt"
        self.chain = directory / f"{leaf}.crt"
        self.signer = directory / f"{leaf}.jwk"
