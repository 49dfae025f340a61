"""Sessions between a holder and a reader."""

from __future__ import annotations

import asyncio

from idwallet import (
    Accepted, Approval, ApprovedDocument, CameraVerified, Elements, EndReason, FrameDecoder, FrameEncoder, HistoryOutcome,
    InternalError, InvalidStateError, MessageKind, Now, ReaderState, ReasonKind, RequestedItem, RequestedItems, StreamCarrier, SystemClock, Template,
    VerifierError, qr_code, scan_qr,
)

from .support import AGE, Case, Link, Meeting, fixture, meeting, reader, trust


def filmed(kind: MessageKind, message: bytes) -> bytes:
    """From screen to screen, with every second frame lost."""
    encoder, decoder, index = FrameEncoder(kind, message), FrameDecoder(kind), 0
    while not decoder.push(encoder.frame(index)).complete:
        index += 2
    return decoder.message


class SessionTest(Case):
    async def test_what_was_approved_arrives_and_nothing_else(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet) as met:
            met.approve()
            review = await met.review()
            self.assertTrue(review.can_answer)
            self.assertEqual(ReaderState.VERIFIED, review.requests[0].reader.state)
            held, read = await met.holder, await met.reader
        self.assertTrue(read.accepted)
        self.assertEqual((EndReason.FINISHED, EndReason.FINISHED_BY_PEER), (held.reason, read.reason))
        outcome = read.reports[0].outcome
        assert isinstance(outcome, Accepted)
        document = outcome.documents[0]
        self.assertTrue(document.is_bound)
        self.assertEqual(sorted(it.element for it in held.answers[0].shared[0].elements), sorted(it.element for it in document.claims))
        self.assertIs(True, document.claim("org.iso.18013.5.1", "age_over_18").value)
        self.assertIsNone(document.claim("org.iso.18013.5.1", "family_name"))
        entry = (await wallet.history()).entries[-1]
        self.assertEqual(("presentation", HistoryOutcome.SHOWN), (entry.event, entry.outcome))

    async def test_values_have_their_types(self) -> None:
        wallet = await self.wallet("driving-licence")
        names = ("family_name", "birth_date", "driving_privileges", "portrait")
        request = Elements((RequestedItems("org.iso.18013.5.1.mDL", tuple(RequestedItem("org.iso.18013.5.1", name) for name in names)),))
        async with meeting(wallet, request) as met:
            met.approve()
            outcome = (await met.reader).reports[0].outcome
        values = [type(outcome.documents[0].claim("org.iso.18013.5.1", name).value).__name__ for name in names]
        self.assertEqual(["str", "date", "list", "bytes"], values)

    async def test_a_part_is_approved_and_the_reader_refuses_what_lacks(self) -> None:
        wallet = await self.wallet("driving-licence")
        items = (RequestedItem("org.iso.18013.5.1", "family_name"), RequestedItem("org.iso.18013.5.1", "birth_date", intent_to_retain=True))
        async with meeting(wallet, Elements((RequestedItems("org.iso.18013.5.1.mDL", items),))) as met:
            async def name_only(review: object) -> Approval:
                choice = (await met.presentation.everything()).choices[0]
                return Approval((ApprovedDocument(choice.request, choice.document, tuple(it for it in choice.elements if it.element == "family_name")),))

            met.decide(name_only)
            review = await met.review()
            self.assertTrue(next(it for it in review.requests[0].asked if it.element == "birth_date").intent_to_retain)
            report = (await met.reader).reports[0]
        self.assertFalse(report.accepted)
        self.assertEqual([ReasonKind.REQUEST_MISMATCH], [reason.kind for reason in report.reasons])
        self.assertTrue(report.reasons[0].text.vi and report.reasons[0].text.vi != report.reasons[0].text.en)

    async def test_decline(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet) as met:
            met.decline()
            read, held = await met.reader, await met.holder
        self.assertFalse(read.accepted)
        self.assertEqual((), held.answers[0].shared)
        self.assertEqual(HistoryOutcome.DECLINED, (await wallet.history()).entries[-1].outcome)

    async def test_cancelled_while_the_person_decides(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet) as met:
            closed = asyncio.Event()

            async def thinks(_: object) -> None:
                try:
                    await asyncio.Event().wait()
                finally:
                    closed.set()

            met.decide(thinks)
            review = await met.review()
            met.presentation.cancel()
            self.assertEqual(EndReason.CANCELLED, (await met.holder).reason)
            self.assertTrue(closed.is_set())
            self.assertFalse((await met.reader).accepted)
            with self.assertRaises(InvalidStateError):
                await met.presentation.respond(review, Approval())
        self.assertEqual(HistoryOutcome.CANCELLED, (await wallet.history()).entries[-1].outcome)

    async def test_cancelling_the_task_ends_the_session(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet) as met:
            await met.review()
            met.holder.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await met.holder
            self.assertFalse((await met.reader).accepted)
        self.assertEqual(HistoryOutcome.CANCELLED, (await wallet.history()).entries[-1].outcome)

    async def test_what_decide_raises_ends_the_session_and_is_raised(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet) as met:
            async def breaks(_: object) -> None:
                raise KeyError("of the app")

            met.decide(breaks)
            with self.assertRaises(KeyError):
                await met.holder
            self.assertFalse((await met.reader).accepted)

    async def test_a_reader_that_hangs_up(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet) as met:
            await met.review()
            await met.link.reader.close()
            self.assertEqual(EndReason.CONNECTION_LOST, (await met.holder).reason)
            self.assertEqual(EndReason.CONNECTION_LOST, (await met.reader).reason)

    async def test_a_carrier_that_fails(self) -> None:
        class Broken:
            def __init__(self, error: Exception) -> None:
                self.error = error

            async def send(self, data: bytes) -> None:
                raise self.error

            async def receive(self) -> bytes | None:
                raise self.error

            async def close(self) -> None:
                raise OSError

        wallet = await self.wallet("driving-licence")

        async def nobody(_: object) -> None:
            self.fail("nobody asked")

        presentation = await wallet.present(trust(), "127.0.0.1:9")
        self.assertIsNone(await presentation.run(Broken(ConnectionError()), nobody))
        # Nobody had said anything: the code stays good.
        link = Link()
        read = asyncio.create_task(reader().scan(presentation.qr_text, AGE).run(link.reader))

        async def everything(_: object) -> Approval:
            return await presentation.everything()

        self.assertEqual(EndReason.FINISHED, (await presentation.run(link.holder, everything)).reason)
        self.assertTrue((await read).accepted)
        with self.assertRaises(ZeroDivisionError):
            await (await wallet.present(trust(), "127.0.0.1:9")).run(Broken(ZeroDivisionError()), nobody)
        self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_a_clock_that_fails(self) -> None:
        class Breaks(SystemClock):
            calls: int | None = None
            error: BaseException

            def now(self) -> Now:
                if self.calls is not None:
                    self.calls -= 1
                    if self.calls < 0:
                        raise self.error
                return super().now()

        clock = Breaks()
        wallet = await self.wallet("driving-licence", clock=clock)
        for clock.error in (ValueError("secret 4711"), BaseException("secret 4711")):
            # The library asks it, and so does the wait for a message: either can be the one that fails.
            for calls in range(4):
                async with meeting(wallet) as met:
                    clock.calls = calls
                    with self.subTest(calls=calls), self.assertRaises(InternalError) as caught:
                        await met.holder
                    self.assertNotIn("4711", repr(caught.exception))
                clock.calls = None
                self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_noise(self) -> None:
        wallet = await self.wallet("driving-licence")
        link = Link()
        run = asyncio.create_task((await wallet.present(trust(), "127.0.0.1:9")).run(link.holder, Meeting.ask))
        await link.reader.send(b"\7" * 1_000_000)
        self.assertEqual(EndReason.REFUSED, (await run).reason)

    async def test_a_second_request_in_the_same_session(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet, then=(AGE,), end=False) as met:
            met.approve()
            first = await met.review()

            async def again(_: object) -> Approval:
                with self.assertRaises(InvalidStateError):
                    await met.presentation.respond(first, await met.presentation.everything())
                everything = await met.presentation.everything()
                return Approval(everything.choices, tuple(choice.document for choice in everything.choices))

            met.decide(again)
            read, held = await met.reader, await met.holder
        self.assertEqual((True, 2, 2), (read.accepted, len(read.reports), len(held.answers)))

    async def test_a_session_runs_once(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with meeting(wallet) as met:
            await met.review()
            with self.assertRaises(InvalidStateError):
                await met.presentation.run(Link().holder, met.ask)
            met.decline()
            await met.holder

    async def test_over_a_socket(self) -> None:
        wallet = await self.wallet("driving-licence")
        async with await StreamCarrier.listen("127.0.0.1:0") as listener:
            presentation = await wallet.present(trust(), listener.address)

            async def everything(_: object) -> Approval:
                return await presentation.everything()

            async def hold() -> object:
                return await presentation.run(await listener.accept(), everything)

            holder = asyncio.create_task(hold())
            session = reader().scan(presentation.qr_text, AGE)
            self.assertEqual(listener.address, session.stream_address)
            self.assertTrue((await session.run(await StreamCarrier.connect(session.stream_address))).accepted)
            self.assertTrue(session.last_response and session.session_transcript)
            report = reader().verify_device_response(session.last_response, session.session_transcript)
            self.assertTrue(report.accepted)
            await holder
        with self.assertRaises(OSError):
            await StreamCarrier.connect(listener.address)

    async def test_a_message_too_long_for_the_stream(self) -> None:
        async with await StreamCarrier.listen("127.0.0.1:0") as listener:
            reader, writer = await asyncio.open_connection(*listener.address.rsplit(":"))
            carrier = await listener.accept()
            writer.write(b"\xff" * 64)
            with self.assertRaises(ConnectionError):
                await carrier.receive()
            await carrier.close()
            await carrier.close()
            writer.close()

    async def test_from_screen_to_screen(self) -> None:
        wallet = await self.wallet("citizen-identity")
        session = reader().camera(Template("age-over-18"))
        self.assertGreater(session.until.timestamp(), 0)
        phone = await wallet.answer_camera(filmed(MessageKind.REQUEST, session.message), trust())
        review = await phone.resolve()
        self.assertEqual((), (await phone.gives_away(await phone.preselected())))
        answer = await phone.respond(review, await phone.everything())
        outcome = session.received(filmed(MessageKind.RESPONSE, answer.screen_message))
        assert isinstance(outcome, CameraVerified)
        self.assertTrue(outcome.report.accepted)
        with self.assertRaises(InvalidStateError):
            session.received(answer.screen_message)

        session = reader().camera(Template("age-over-18"))
        phone = await wallet.answer_camera(session.message, trust())
        await phone.resolve()
        outcome = session.received((await phone.decline()).screen_message)
        assert isinstance(outcome, CameraVerified)
        self.assertEqual({ReasonKind.RESPONSE}, {reason.kind for reason in outcome.report.reasons})
        with self.assertRaises(VerifierError):
            await wallet.answer_camera(b"\0" * 50, trust())

    async def test_qr_codes(self) -> None:
        code = qr_code("mdoc:nothing")
        side = (code.size + 8) * 4
        picture = bytes(0 if code.is_dark(x // 4 - 4, y // 4 - 4) else 255 for y in range(side) for x in range(side))
        self.assertEqual(("mdoc:nothing",), scan_qr(picture, side, side))

    def test_five_lines(self) -> None:
        # The README has them; here is that the reasons are their own.
        good = [fixture(f"demo/reports/age.{part}.cbor") for part in ("response", "transcript")]
        self.assertTrue(reader().verify_device_response(*good).accepted)
        altered = [fixture(f"demo/attacks/altered-name.{part}.cbor") for part in ("response", "transcript")]
        report = reader().verify_device_response(*altered)
        self.assertEqual(["digests"], [reason.check for reason in report.reasons])
        self.assertEqual("Refused", type(report.outcome).__name__)
        self.assertTrue(reader().verify_issuer_signed(fixture("driving-licence.cbor")).accepted)
