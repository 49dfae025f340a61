"""Plays the scenarios of tests/flows/scenarios (its README has the format).

    scenarios.py FIXTURES RESULTS

Writes {scenario: "passed" | "failed: why"} to RESULTS. The last line counts them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

os.environ.setdefault("IDWALLET_FIXTURES", sys.argv[1])
sys.path.insert(0, str(Path(__file__).resolve().parent))

from idwallet import (  # noqa: E402
    Approval, ApprovedDocument, AreaFault, CameraVerified, DocumentAccepted, ElementName, FrameDecoder, FrameEncoder, MessageKind, NewCopy, Now,
    Reader, ReaderIdentity, ReaderPolicy, Report, Review, SecureAreaError, Template, Wallet, WalletError,
)
from tests.support import FIXTURES, Area, fixture, meeting, trust  # noqa: E402

SCENARIOS = Path(__file__).resolve().parents[2] / "flows" / "scenarios"


class Clock:
    """The true time, moved on by `wait`; the uptime begins at 1000 s."""

    def __init__(self) -> None:
        self.began, self.passed = time.monotonic(), timedelta(0)

    def now(self) -> Now:
        uptime = timedelta(seconds=1000 + time.monotonic() - self.began)
        return Now(datetime.now(timezone.utc) + self.passed, uptime + self.passed)


class OwnArea(Area):
    """Does not sign."""

    fault = AreaFault.UNAVAILABLE

    async def sign(self, key: bytes, data: bytes) -> bytes:
        raise SecureAreaError(self.fault)


def check(holds: object, why: str) -> None:
    if not holds:
        raise AssertionError(why)


def same(what: str, wanted: object, got: object) -> None:
    check(wanted == got, f"{what}: {got}, and not {wanted}")


def pascal(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def filmed(kind: MessageKind, message: bytes) -> bytes:
    encoder, decoder, index = FrameEncoder(kind, message), FrameDecoder(kind), 0
    while not decoder.push(encoder.frame(index)).complete:
        index += 2
    return decoder.message


class Stage:
    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.folders = folder, Clock(), 0
        self.area: OwnArea | None = None
        self.open: Wallet = None  # type: ignore[assignment]

    @property
    def dir(self) -> Path:
        return self.folder / f"wallet-{self.folders}"

    def close(self) -> None:
        if self.open is not None:
            self.open.close()

    async def step(self, step: dict[str, Any]) -> None:
        wanted = step.get("error")
        try:
            await self.act(step)
        except WalletError as error:
            kind = type(error).__name__.removesuffix("Error")
            if wanted is None or kind != wanted["kind"] or wanted.get("code", error.code) != error.code:
                raise AssertionError(f"{kind} {error}, and not {wanted or 'no error'}") from error
            return
        check(wanted is None, f"no error, and not {wanted}")

    async def act(self, step: dict[str, Any]) -> None:
        ports = {"secure_area": self.area, "clock": self.clock}
        match step["do"]:
            case "create":
                self.area = OwnArea() if step.get("area") == "own" else None
                self.open = await Wallet.create(self.dir, step.get("pin"), secure_area=self.area, clock=self.clock)
            case "reopen":
                self.close()
                self.open = await Wallet.open(self.dir, **ports)
            case "forget":
                self.close()
                self.folders += 1
            case "device-key":
                await self.open.create_device_key()
            case "area":
                self.area.fault = next(fault for fault in AreaFault if pascal(fault.name) == step["sign"])
            case "import":
                name = step["document"]
                key = None
                if self.area is None:
                    # What is wrong with a document is not its key.
                    own = FIXTURES / f"{name}.key"
                    key = own.read_bytes() if own.exists() else fixture("driving-licence.key")
                await self.open.import_document(NewCopy(fixture(f"{name}.cbor"), key), trust())
            case "list":
                documents = (await self.open.documents()).documents
                same("documents", step["count"], len(documents))
            case "show":
                view = await self.open.document((await self.open.documents()).documents[step["index"]].id)
                claim = next((it for it in view.claims if it.element == step["claim"]), None)
                check(claim and claim.shown.en and claim.shown.vi, "the claim shows nothing")
            case "remove":
                await self.open.remove((await self.open.documents()).documents[step["index"]].id)
            case "lock":
                self.open.lock()
            case "unlock":
                await self.open.unlock(step.get("pin"))
            case "wait":
                self.clock.passed += timedelta(seconds=step["seconds"])
            case "history":
                history = await self.open.history()
                same("outcomes", step["outcomes"], [entry.outcome.name.lower() for entry in history.entries])
                check(history.intact, "the history is not intact")
            case "damage":
                self.close()
                file = self.dir / "vault.db"
                data = bytearray(file.read_bytes())
                for at in range(step["offset"], step["offset"] + step["bytes"]):
                    data[at] ^= 0xFF
                file.write_bytes(data)
            case "export":
                await self.open.export_file(self.folder / "export.idwallet", step["passphrase"])
            case "restore":
                restored = await (await self.open.plan_restore(self.folder / "export.idwallet", step["passphrase"], trust())).apply()
                same("restored", step["count"], len(restored.added))
            case "present":
                report, review = await (self.camera(step) if step.get("by") == "camera" else self.meet(step))
                if "reader" in step:
                    same("reader", step["reader"].lower(), review.requests[0].reader.state.name.lower())
                self.judge(step, report)
            case "cancel" | "lose":
                await self.leave(step)
            case "verify":
                self.judge(step, self.verify(step))
            case what:
                raise AssertionError(f"a step that the runner does not know: {what}")

    def reader(self, step: dict[str, Any]) -> Reader:
        name = step.get("identity", "reader")
        identity = None if name == "none" else ReaderIdentity(fixture(f"{name}.key"), fixture(f"{name}.pem"))
        return Reader(trust(), ReaderPolicy(require_all_elements=step.get("strict", False)), identity, self.clock)

    async def meet(self, step: dict[str, Any]) -> tuple[Report | None, Review]:
        async with meeting(self.open, Template(step["ask"]), self.reader(step), end=False) as met:
            async def decide(review: Review) -> Approval | None:
                approval = await self.approval(step, review, met.presentation)
                return approval if approval.choices else None

            met.decide(decide)
            held = asyncio.create_task(met.review())
            await asyncio.wait([held, met.holder], return_when=asyncio.FIRST_COMPLETED)
            if not held.done():
                held.cancel()
                await met.holder
            review = await held
            await met.holder
            reports = (await met.reader).reports
            return (reports[0] if reports else None), review

    async def leave(self, step: dict[str, Any]) -> None:
        async with meeting(self.open, Template(step["ask"]), self.reader(step)) as met:
            await met.review()
            if step["do"] == "cancel":
                met.presentation.cancel()
            else:
                await met.link.reader.close()
            await met.holder
            check(not (await met.reader).reports, "there was an answer")

    async def camera(self, step: dict[str, Any]) -> tuple[Report | None, Review]:
        session = self.reader(step).camera(Template(step["ask"]))
        phone = await self.open.answer_camera(filmed(MessageKind.REQUEST, session.message), trust())
        review = await phone.resolve()
        approval = await self.approval(step, review, phone)
        answer = await (phone.respond(review, approval) if approval.choices else phone.decline())
        outcome = session.received(filmed(MessageKind.RESPONSE, answer.screen_message))
        return (outcome.report if isinstance(outcome, CameraVerified) else None), review

    def verify(self, step: dict[str, Any]) -> Report:
        store = trust()
        store.add_crls(fixture(f"demo/{step['crl']}"), self.clock.now().time)
        transcript = step.get("transcript", step["response"])
        return Reader(store, ReaderPolicy(require_all_elements=False), clock=self.clock).verify_device_response(
            fixture(f"demo/{step['response']}.response.cbor"), fixture(f"demo/{transcript}.transcript.cbor")
        )

    async def approval(self, step: dict[str, Any], review: Review, of: Any) -> Approval:
        wanted = step["approve"]
        if wanted == "everything":
            return await of.everything()
        if wanted == "preselected":
            return await of.preselected()
        choices = []
        if isinstance(wanted, list):
            for index, request in enumerate(review.requests):
                asked = [it.asked for candidate in request.candidates[:1] for it in candidate.elements if it.asked.element in wanted]
                if asked:
                    choices.append(
                        ApprovedDocument(index, request.candidates[0].document, tuple(ElementName(it.name_space, it.element) for it in asked))
                    )
        return Approval(tuple(choices))

    def judge(self, step: dict[str, Any], report: Report | None) -> None:
        wanted = step["expect"]
        documents = [it.outcome.document for it in report.documents if isinstance(it.outcome, DocumentAccepted)] if report else []
        kinds = [pascal(reason.kind.name) for reason in report.reasons] if report else ["Response"]
        checks = [reason.check for reason in report.reasons] if report else []
        same("accepted", wanted["accepted"], report is not None and report.accepted)
        if "claims" in wanted:
            same("claims", sorted(wanted["claims"]), sorted(claim.element for document in documents for claim in document.claims))
        for kind in wanted.get("kinds", ()):
            check(kind in kinds, f"reasons {kinds} without {kind}")
        if "check" in wanted:
            check(wanted["check"] in checks, f"refused by {checks} and not {wanted['check']}")


async def play(scenario: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        try:
            for number, step in enumerate(scenario["steps"], 1):
                try:
                    await asyncio.wait_for(stage.step(step), 60)
                except Exception as error:
                    return f"failed: step {number}, {step['do']}: {error or type(error).__name__}"
            return "passed"
        finally:
            stage.close()


def main() -> None:
    files = sorted(SCENARIOS.glob("*.json"))
    results = {file.stem: asyncio.run(play(json.loads(file.read_text(encoding="utf-8")))) for file in files}
    Path(sys.argv[2]).write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, result in results.items():
        if result != "passed":
            print(f"{name}: {result}")
    passed = sum(result == "passed" for result in results.values())
    print(f"scenarios: {passed} passed, {len(results) - passed} failed, 0 skipped")
    sys.exit(0 if results and passed == len(results) else 1)


main()
