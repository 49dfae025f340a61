"""Every conversation between our side and a peer, as a list of named cases.

A case is a function that returns `None` when all is well and otherwise the reason. What several cases need (a credential, a
response) is made once; if making it fails, the cases on top of it say so and do not run.
"""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from typing import Callable

from . import alter, pki
from .data import ASK, CARD, CARD_ASK, CARD_DATA, CARD_EXPECTED, DATA, EXPECTED, MDL
from .judge import NotReached, accepted, all_accepted, differences, outcome, refused, unless


@dataclass
class Case:
    name: str
    run: Callable


def both(one, two):
    return [curve for curve in one if curve in two]


class Conversation:
    """Our side and one peer. `adjusted`: the peer is there once more as `…-adjusted`, and what it sends is altered there."""

    def __init__(self, room, ours, theirs, command_line, adjusted=False):
        self.room = room
        self.ours = ours
        self.theirs = theirs
        self.command_line = command_line
        self.adjusted = adjusted
        self.cases = []

    def alters(self, sender):
        """Whether alterations of what this side sends belong here."""
        return not (self.adjusted and sender is self.theirs)

    def add(self, name, run):
        self.cases.append(Case(f"{self.theirs.name}/{name}", run))

    # Steps that several cases share.

    def issued(self, side, device_key, curve="P-256", own=False, data=None):
        """`side` issues for a device key; returns the folder with its files."""

        def make():
            content = data or self.room.data()
            out = self.room.folder(side.name, f"issued-{content.stem}-{curve}-{device_key.stem}-{'own' if own else 'given'}")
            args = ["issue", "--data", content, "--device-key", device_key, "--out", out]
            if own:
                args += ["--curve", curve]
            else:
                given = self.room.authority("issuer", curve)
                args += ["--signer", given.signer, "--chain", given.chain, "--anchor", given.anchor]
            answer = side.call(*args)
            if answer.get("exit") != 0:
                raise NotReached(f"{side.name} did not issue: {outcome(answer)}")
            return out

        return self.room.once(("issued", side.name, curve, device_key, own, data), make)

    def answered(self, side, mode, curve):
        """`side` issues (P-256) for a device key of that curve and responds; returns (response, anchor)."""

        def make():
            private, public, _ = self.room.key("device", curve)
            issued = self.issued(side, public)
            out = self.room.directory / side.name / f"response-{mode}-{curve}.cbor"
            args = [
                "respond", "--issuer-signed", issued / "issuer_signed.cbor", "--device-key", private, "--doctype", MDL,
                "--request", self.room.request(), "--transcript", self.room.transcript(curve), "--out", out,
            ]  # fmt: skip
            if mode == "mac":
                args += ["--mac", "--reader-key", self.room.key("ephemeral-reader", curve)[1]]
            answer = side.call(*args)
            if answer.get("exit") != 0:
                raise NotReached(f"{side.name} did not respond: {outcome(answer)}")
            return out, issued / "anchor.pem"

        return self.room.once(("answered", side.name, mode, curve), make)

    def read(self, side, response, anchor, mode, curve, transcript="main", reader="ephemeral-reader"):
        args = ["verify", "--response", response, "--transcript", self.room.transcript(curve, transcript), "--anchor", anchor]
        args += ["--request", self.room.request()]
        if mode == "mac":
            args += ["--reader-key", self.room.key(reader, curve)[0]]
        return side.call(*args)

    def idwallet(self, *args):
        done = subprocess.run([self.command_line, "verify", "mdoc", *map(str, args), "--json"], capture_output=True, timeout=120)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            return {"exit": done.returncode, "error": f"no JSON; {done.stderr.decode(errors='replace')[-300:]}"}
        return {"exit": done.returncode, "report": report}

    @staticmethod
    def report_accepted(answer, elements):
        report = answer.get("report", {})
        if answer["exit"] != 0 or report.get("outcome") != "accepted":
            failed = [
                f"{check.get('id')}: {check.get('reason')}"
                for document in report.get("documents", [])
                for check in document.get("checks", [])
                if check.get("result") == "failed"
            ]
            return f"exit {answer['exit']}: {answer.get('error') or '; '.join(failed) or report}"[:600]
        return differences(elements, report["documents"][0].get("claims", {})) or None

    @staticmethod
    def report_refused(answer):
        if answer["exit"] != 1 or answer.get("report", {}).get("outcome") != "refused":
            return f"exit {answer['exit']}: {answer.get('error') or answer['report'].get('outcome')}"
        return "claims of a refused document" if any(d.get("claims") for d in answer["report"]["documents"]) else None

    # Directions.

    def issuing(self, direction, issuer, reader, with_command_line):
        """One issues, the other verifies the issuer's part; every curve that both have, with given and with own certificates."""
        if not reader.can("verify", "issuer_only"):
            return
        device = lambda: self.room.key("device", "P-256")[1]  # noqa: E731
        for curve in both(issuer.can("issue", "curves"), reader.can("verify", "issuer_curves")):
            for own in (False, True) if issuer.can("issue", "own_pki") else (False,):
                name = f"{direction}/{curve}/{'own' if own else 'given'}-certificates"

                def judge(curve, own, change=None, stranger=False):
                    issued = self.issued(issuer, device(), curve, own)
                    document, anchor = issued / "issuer_signed.cbor", issued / "anchor.pem"
                    if change:
                        document = self.room.write(
                            f"{issuer.name}/{issued.name}/altered-{change.__name__}.cbor", change(document.read_bytes())
                        )
                    if stranger:
                        anchor = self.room.authority("issuer", curve, "Stranger").anchor
                    return reader.call("verify-issuer-signed", "--issuer-signed", document, "--doctype", MDL, "--anchor", anchor)

                def check(curve=curve, own=own, judge=judge):
                    return accepted(judge(curve, own), MDL, DATA["namespaces"], None)

                self.add(name, check)
                variants = {"unknown-issuer": {"stranger": True}}
                if curve == "P-256":
                    variants |= {variant: {"change": change} for variant, change in alter.ISSUER.items()}
                for variant, arguments in variants.items():
                    need = alter.NEEDS.get(variant)
                    if need and not reader.can("verify", need) or not self.alters(issuer):
                        continue

                    def altered(curve=curve, own=own, check=check, judge=judge, arguments=arguments):
                        unless(check, "the unaltered one is not accepted")
                        return refused(judge(curve, own, **arguments))

                    self.add(f"{name}/{variant}", altered)
                if with_command_line and self.command_line:

                    def command(curve=curve, own=own):
                        issued = self.issued(issuer, device(), curve, own)
                        answer = self.idwallet(issued / "issuer_signed.cbor", "--issuer-only", "--doctype", MDL, "--anchor", issued / "anchor.pem")
                        return self.report_accepted(answer, DATA["namespaces"])

                    self.add(f"{name}/command-line", command)
                    if own:

                        def lenient(curve=curve, own=own):
                            issued = self.issued(issuer, device(), curve, own)
                            args = ["--issuer-only", "--profile", "lenient", "--doctype", MDL, "--anchor", issued / "anchor.pem"]
                            answer = self.idwallet(issued / "issuer_signed.cbor", *args)
                            return self.report_accepted(answer, DATA["namespaces"])

                        self.add(f"{name}/command-line-lenient", lenient)

    def reading(self, direction, holder, reader, with_command_line):
        """One issues and responds, the other reads; then the same response with one thing altered."""
        for mode in ("signature", "mac"):
            for curve in both(holder.can("respond", mode), reader.can("verify", mode)):
                if curve not in holder.can("issue", "device_curves"):
                    continue
                self.reading_one(direction, holder, reader, mode, curve, with_command_line)

    def reading_one(self, direction, holder, reader, mode, curve, with_command_line):
        name = f"{direction}/{curve}/{mode}"

        def read():
            response, anchor = self.answered(holder, mode, curve)
            return accepted(self.read(reader, response, anchor, mode, curve), MDL, EXPECTED, mode)

        def plain():
            return self.room.once(("read", reader.name, holder.name, mode, curve), read)

        self.add(name, plain)

        def altered(change=None, anchor=None, **other):
            unless(plain, "the unaltered one is not accepted")
            response, known = self.answered(holder, mode, curve)
            if change:
                response = self.room.write(
                    f"{holder.name}/altered-{change.__name__}-{mode}-{curve}.cbor", change(response.read_bytes())
                )
            return response, anchor() if anchor else known, other

        variants = {key: {"change": change} for key, change in (alter.ISSUER | alter.DEVICE).items()}
        variants["another-transcript"] = {"transcript": "other"}
        variants["unknown-issuer"] = {"anchor": lambda: self.room.authority("issuer", "P-256", "Stranger").anchor}
        if mode == "mac":
            variants["another-reader-key"] = {"reader": "another-reader"}
        for variant, arguments in variants.items():
            need = alter.NEEDS.get(variant)
            if need and not reader.can("verify", need) or not self.alters(holder):
                continue

            def check(arguments=arguments):
                response, anchor, other = altered(**arguments)
                return refused(self.read(reader, response, anchor, mode, curve, **other))

            self.add(f"{direction}-altered/{curve}/{mode}/{variant}", check)
            if with_command_line and self.command_line and curve == "P-256":

                def command_refuses(arguments=arguments):
                    response, anchor, other = altered(**arguments)
                    return self.report_refused(self.command_reads(response, anchor, mode, curve, **other))

                self.add(f"{direction}-altered/{curve}/{mode}/{variant}/command-line", command_refuses)
        if with_command_line and self.command_line:

            def command():
                response, anchor = self.answered(holder, mode, curve)
                return self.report_accepted(self.command_reads(response, anchor, mode, curve), EXPECTED)

            self.add(f"{name}/command-line", command)

    def command_reads(self, response, anchor, mode, curve, transcript="main", reader="ephemeral-reader"):
        args = [response, "--anchor", anchor, "--transcript", self.room.transcript(curve, transcript)]
        if mode == "mac":
            args += ["--reader-key", self.room.key(reader, curve)[0]]
        return self.idwallet(*args)

    def several(self, direction, holder, reader):
        """Two documents of two types at once, with one device key: some holders have no more."""
        if not (holder.can("respond", "several") and reader.can("verify", "several")):
            return
        room = self.room
        for mode in ("signature", "mac"):
            if "P-256" not in both(holder.can("respond", mode), reader.can("verify", mode)):
                continue

            def check(mode=mode):
                private, public, _ = room.key("device", "P-256")
                request = room.request("request-two", {**ASK, **CARD_ASK})
                out = room.directory / holder.name / f"response-two-{mode}.cbor"
                card = self.issued(holder, public, data=room.data("card", CARD_DATA))
                args = ["respond", "--request", request, "--transcript", room.transcript("P-256"), "--out", out]
                for issued, doc_type in ((self.issued(holder, public), MDL), (card, CARD)):
                    args += ["--issuer-signed", issued / "issuer_signed.cbor", "--device-key", private, "--doctype", doc_type]
                if mode == "mac":
                    args += ["--mac", "--reader-key", room.key("ephemeral-reader", "P-256")[1]]
                answer = holder.call(*args)
                if answer.get("exit") != 0:
                    raise NotReached(f"{holder.name} did not respond: {outcome(answer)}")
                args = ["verify", "--response", out, "--transcript", room.transcript("P-256"), "--anchor", card / "anchor.pem"]
                args += ["--request", request]
                if mode == "mac":
                    args += ["--reader-key", room.key("ephemeral-reader", "P-256")[0]]
                return all_accepted(reader.call(*args), {MDL: EXPECTED, CARD: CARD_EXPECTED}, mode)

            self.add(f"{direction}/P-256/{mode}/two-documents", check)

    def asking(self, direction, reader, holder):
        """One asks, the other reads the request and judges its reader authentication."""
        if not holder.can("check_request"):
            return
        transcript = lambda name="main": self.room.transcript("P-256", name)  # noqa: E731

        def asked(curve, every):
            def make():
                out = self.room.directory / reader.name / f"request-{curve}-{'all' if every else 'each'}.cbor"
                out.parent.mkdir(parents=True, exist_ok=True)
                args = ["request", "--ask", self.room.ask(), "--transcript", transcript(), "--out", out]
                if curve:
                    given = self.room.authority("reader", curve)
                    args += ["--signer", given.signer, "--chain", given.chain]
                if every:
                    args.append("--all")
                answer = reader.call(*args)
                if answer.get("exit") != 0:
                    raise NotReached(f"{reader.name} did not ask: {outcome(answer)}")
                return out

            return self.room.once(("asked", reader.name, curve, every), make)

        def judged(curve, every, change=None, transcript_name="main", stranger=False):
            request = asked(curve, every)
            if change:
                request = self.room.write(f"{reader.name}/{request.stem}-{change.__name__}.cbor", change(request.read_bytes()))
            args = ["check-request", "--request", request, "--transcript", transcript(transcript_name)]
            if curve:
                args += ["--anchor", self.room.authority("reader", curve, "Stranger" if stranger else "Test").anchor]
            return holder.call(*args)

        def states(answer, every):
            each = [entry["state"] for entry in answer.get("reader_auth", [])]
            return (answer.get("reader_auth_all"), each) if every else (each, answer.get("reader_auth_all"))

        def expect(answer, every, state):
            if answer.get("exit") == 1 and state == "invalid":
                return None
            if answer.get("exit") != 0:
                return outcome(answer)
            wanted = (state, ["absent"]) if every else ([state], "absent")
            if states(answer, every) != wanted:
                return f"reader_auth {states(answer, every)}, not {wanted}"
            return None

        if reader.can("request", "plain"):

            def plain():
                answer = judged(None, False)
                if answer.get("exit") == 0 and answer.get("asked") != ASK:
                    return f"asked {answer.get('asked')}"
                return expect(answer, False, "absent")

            self.add(f"{direction}/plain", plain)

        for part in ("reader_auth", "reader_auth_all"):
            every = part == "reader_auth_all"
            for curve in both(reader.can("request", part), holder.can("check_request", part)):
                name = f"{direction}/{curve}/{part.replace('_', '-')}"

                def valid(curve=curve, every=every):
                    answer = judged(curve, every)
                    if answer.get("exit") == 0 and answer.get("asked") != ASK:
                        return f"asked {answer.get('asked')}"
                    return expect(answer, every, "valid")

                self.add(name, valid)
                variants = {
                    "signature-byte": ({"change": alter.reader_auth_signature}, "invalid"),
                    "intent-to-retain": ({"change": alter.intent_to_retain}, "invalid"),
                    "another-transcript": ({"transcript_name": "other"}, "invalid"),
                }
                if holder.can("check_request", "chain"):
                    variants["unknown-root"] = ({"stranger": True}, "untrusted")
                for variant, (arguments, state) in variants.items():

                    def check(curve=curve, every=every, arguments=arguments, state=state, valid=valid):
                        unless(valid, "the unaltered one is not valid")
                        return expect(judged(curve, every, **arguments), every, state)

                    self.add(f"{name}/{variant}", check)

    def sessions(self):
        """Session encryption, each side once as the reader; two messages each way, and one with a byte altered."""
        for curve in both(self.ours.can("session", "curves"), self.theirs.can("session", "curves")):
            for name, reader, holder in (("we-are-reader", self.ours, self.theirs), ("we-are-holder", self.theirs, self.ours)):
                self.session(f"session/{curve}/{name}", curve, reader, holder)

    def session(self, name, curve, reader, holder):
        room = self.room
        sides = {"reader": (reader, "ephemeral-reader", "ephemeral-device-main"), "holder": (holder, "ephemeral-device-main", "ephemeral-reader")}
        texts = {
            "reader": [room.request().read_bytes(), b"second \x00\xff"],
            "holder": [bytes(range(256)) * 20, b"\x00"],
        }

        def call(role, out, send=(), receive=()):
            side, own, peer = sides[role]
            transcript = room.transcript(curve)
            out = room.folder(name.replace("/", "-"), out)
            args = ["session", "--role", role, "--own-key", room.key(own, curve)[0], "--peer-key", room.key(peer, curve)[1]]
            args += ["--transcript", transcript, "--out", out]
            for path in send:
                args += ["--send", path]
            for path in receive:
                args += ["--receive", path]
            return side.call(*args), out

        def sent(role):
            def make():
                files = [room.write(f"{name.replace('/', '-')}/{role}-plain-{i}.bin", text) for i, text in enumerate(texts[role])]
                answer, out = call(role, f"{role}-sends", send=files)
                if answer.get("exit") != 0:
                    raise NotReached(f"{sides[role][0].name} did not encrypt: {outcome(answer)}")
                return [out / f"sent-{i}.cbor" for i in (1, 2)]

            return room.once((self.theirs.name, name, role), make)

        for role, other in (("reader", "holder"), ("holder", "reader")):
            label = f"{name}/{role}-to-{other}"

            def check(role=role, other=other):
                answer, out = call(other, f"{other}-receives", receive=sent(role))
                if answer.get("exit") != 0:
                    return outcome(answer)
                found = [(out / f"received-{i}.bin").read_bytes() for i in (1, 2)]
                return None if found == texts[role] else "another plaintext"

            def altered(role=role, other=other, check=check):
                unless(check, "the unaltered one is not decrypted")
                message = room.write(f"{name.replace('/', '-')}/{role}-altered.cbor", alter.session_byte(sent(role)[0].read_bytes()))
                answer, _ = call(other, f"{other}-receives-altered", receive=[message])
                return None if answer.get("exit") == 1 else f"not refused but {outcome(answer)}"

            def out_of_order(role=role, other=other, check=check):
                unless(check, "the unaltered one is not decrypted")
                answer, _ = call(other, f"{other}-receives-second", receive=sent(role)[1:])
                return None if answer.get("exit") == 1 else f"not refused but {outcome(answer)}"

            self.add(label, check)
            self.add(f"{label}/byte-altered", altered)
            self.add(f"{label}/first-message-lost", out_of_order)

    def trust_lists(self, direction, provider, reader):
        """One publishes a trust list (VICAL) with an IACA in it, the other reads it."""
        room = self.room
        for curve in both(provider.can("trust_list", "curves"), reader.can("check_trust_list", "curves")):

            def published(curve=curve):
                def make():
                    given = room.authority("vical", curve)
                    out = room.folder(provider.name) / f"trust-list-{curve}.cbor"
                    args = ["--entry", room.authority("issuer", "P-256").anchor, "--signer", given.signer, "--chain", given.chain]
                    answer = provider.call("trust-list", *args, "--out", out)
                    if answer.get("exit") != 0:
                        raise NotReached(f"{provider.name} made no trust list: {outcome(answer)}")
                    return out

                return room.once(("trust-list", provider.name, curve), make)

            def judged(curve, path, stranger=False):
                anchor = room.authority("vical", curve, "Stranger" if stranger else "Test").anchor
                return reader.call("check-trust-list", "--list", path, "--anchor", anchor)

            def check(curve=curve, published=published):
                answer = judged(curve, published())
                if answer.get("exit") != 0:
                    return f"refused, {outcome(answer)}"
                digest = hashlib.sha256(pki.der(room.authority("issuer", "P-256").anchor)).hexdigest()
                wanted = ("Interop provider", [{"certificate": digest, "doc_types": [MDL]}])
                found = (answer.get("provider"), answer.get("entries"))
                return None if found == wanted else f"{found}"

            def altered(curve=curve, published=published, check=check):
                unless(check, "the unaltered one is not accepted")
                path = room.write(f"{provider.name}/trust-list-{curve}-altered.cbor", alter.signed_payload(published().read_bytes()))
                return refused(judged(curve, path))

            def unknown(curve=curve, published=published, check=check):
                unless(check, "the unaltered one is not accepted")
                return refused(judged(curve, published(), stranger=True))

            name = f"{direction}/{curve}/trust-list"
            self.add(name, check)
            self.add(f"{name}/byte-altered", altered)
            self.add(f"{name}/unknown-provider", unknown)

    def status_lists(self, direction, provider, reader):
        """One publishes a status list as CWT, the other looks up every entry of it."""
        room = self.room
        uri = "https://issuer.example/status/1"
        sizes = both(provider.can("status_list", "bits"), reader.can("check_status_list", "bits"))
        curves = both(provider.can("status_list", "curves"), reader.can("check_status_list", "curves"))
        for curve, bits in [(curve, 1) for curve in curves] + [("P-256", bits) for bits in sizes if bits > 1 and "P-256" in curves]:
            statuses = [i * 7 % min(1 << bits, 16) for i in range(64)]

            def published(curve=curve, bits=bits, statuses=statuses):
                def make():
                    given = room.authority("status", curve)
                    wanted = room.write(f"statuses-{bits}.json", statuses)
                    out = room.folder(provider.name) / f"status-list-{curve}-{bits}.cbor"
                    args = ["--statuses", wanted, "--bits", bits, "--uri", uri, "--signer", given.signer, "--chain", given.chain]
                    answer = provider.call("status-list", *args, "--out", out)
                    if answer.get("exit") != 0:
                        raise NotReached(f"{provider.name} made no status list: {outcome(answer)}")
                    return out

                return room.once(("status-list", provider.name, curve, bits), make)

            def judged(curve, path, stranger=False, subject=uri):
                given = room.authority("status", curve)
                anchor = room.authority("status", curve, "Stranger").anchor if stranger else given.anchor
                args = ["--list", path, "--chain", given.chain, "--anchor", anchor, "--uri", subject, "--count", 64]
                return reader.call("check-status-list", *args)

            def check(curve=curve, published=published, statuses=statuses):
                answer = judged(curve, published())
                if answer.get("exit") != 0:
                    return f"refused, {outcome(answer)}"
                return None if answer.get("statuses") == statuses else f"statuses {answer.get('statuses')}"

            def refuses(change, curve=curve, published=published, check=check, bits=bits):
                unless(check, "the unaltered one is not accepted")
                if change == "byte-altered":
                    data = alter.signed_payload(published().read_bytes())
                    return refused(judged(curve, room.write(f"{provider.name}/status-list-{curve}-{bits}-altered.cbor", data)))
                if change == "another-uri":
                    return refused(judged(curve, published(), subject="https://issuer.example/status/2"))
                return refused(judged(curve, published(), stranger=True))

            name = f"{direction}/{curve}/status-list-{bits}"
            self.add(name, check)
            if bits == 1:
                for change in ("byte-altered", "another-uri", "unknown-issuer"):
                    self.add(f"{name}/{change}", lambda change=change, refuses=refuses: refuses(change))

    def encrypting(self, direction, writer, reader):
        """One encrypts under a passphrase, the other opens it; then with another passphrase, and with a character of each part altered."""
        if not (writer.can("jwe") and reader.can("jwe")):
            return
        room, content = self.room, '{"form":"idwallet history 1","who":"Sở Y tế Hà Nội"}'.encode()
        passphrase = room.once("passphrase", lambda: room.write("passphrase", "bốn con trâu gặm mây".encode()))
        another = room.once("another passphrase", lambda: room.write("another-passphrase", "bốn con trâu gặm cỏ".encode()))

        def message():
            def make():
                data = room.write(f"{writer.name}/content.json", content)
                out = room.folder(writer.name) / "message.jwe"
                answer = writer.call("encrypt", "--data", data, "--passphrase", passphrase, "--out", out)
                if answer.get("exit") != 0:
                    raise NotReached(f"{writer.name} did not encrypt: {outcome(answer)}")
                return out

            return room.once(("jwe", writer.name), make)

        def opened(path, under, name):
            out = room.folder(reader.name) / f"opened-{name}"
            return reader.call("decrypt", "--message", path, "--passphrase", under, "--out", out), out

        def check():
            answer, out = opened(message(), passphrase, "unaltered")
            if answer.get("exit") != 0:
                return outcome(answer)
            if answer.get("content_type") != "application/json":
                return f"content type {answer.get('content_type')}"
            return None if out.read_bytes() == content else "another content"

        def no(answer):
            return None if answer.get("exit") == 1 else f"not refused but {outcome(answer)}"

        def wrong():
            unless(check, "the unaltered one is not opened")
            return no(opened(message(), another, "wrong")[0])

        self.add(direction, check)
        self.add(f"{direction}/another-passphrase", wrong)
        for at, part in enumerate(("header", "encrypted-key", "iv", "ciphertext", "tag")):

            def altered(at=at, part=part):
                unless(check, "the unaltered one is not opened")
                parts = message().read_text().split(".")
                parts[at] = parts[at][:8] + ("B" if parts[at][8] == "A" else "A") + parts[at][9:]
                path = room.write(f"{writer.name}/altered-{part}.jwe", ".".join(parts).encode())
                return no(opened(path, passphrase, part)[0])

            self.add(f"{direction}/{part}", altered)

    def all(self):
        self.issuing("we-issue", self.ours, self.theirs, False)
        self.issuing("they-issue", self.theirs, self.ours, True)
        self.reading("they-read", self.ours, self.theirs, False)
        self.reading("we-read", self.theirs, self.ours, True)
        self.several("they-read", self.ours, self.theirs)
        self.several("we-read", self.theirs, self.ours)
        self.asking("we-ask", self.ours, self.theirs)
        self.asking("they-ask", self.theirs, self.ours)
        self.sessions()
        self.trust_lists("we-list", self.ours, self.theirs)
        self.trust_lists("they-list", self.theirs, self.ours)
        self.status_lists("we-list", self.ours, self.theirs)
        self.status_lists("they-list", self.theirs, self.ours)
        self.encrypting("we-encrypt", self.ours, self.theirs)
        self.encrypting("they-encrypt", self.theirs, self.ours)
        return self.cases
