"""Whatever an app does: areas that misbehave, cancelled calls, many calls, wrong arguments, closed objects, panics."""

from __future__ import annotations

import asyncio
import gc
import os
import unittest
import weakref
from datetime import datetime, timezone
from pathlib import Path

import idwallet
from idwallet import (
    Approval, ApprovedDocument, AreaFault, ElementName, EndReason, FrameDecoder, FrameEncoder, InternalError, InvalidStateError, KeyInvalidatedError,
    KeySpec, LockedError, MessageKind, NewCopy, Reaction, Reader, ReaderIdentity, ReaderPolicy, SecureAreaError, StreamCarrier, SystemClock, Template, TrustStore,
    UserAuthRequiredError, UserCancelledError, VerifierError, Wallet, WalletError, scan_qr,
)
from idwallet import _ffi
from idwallet._calls import call, waiting

from .support import LICENCE, Area, Case, fixture, forever, meeting, reader, trust


async def copies_left(wallet: Wallet) -> int | None:
    return (await wallet.documents()).documents[0].copies_left


def raises(make: object) -> object:
    async def hook() -> None:
        raise make() if callable(make) else make

    return hook


class AreaTest(Case):
    async def respond(self, met: object, review: object) -> object:
        return await met.presentation.respond(review, await met.presentation.everything())

    async def test_cancelled_while_it_waits_for_the_finger(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        before = await copies_left(wallet)
        async with meeting(wallet, LICENCE) as met:
            prompt, closed = asyncio.Event(), asyncio.Event()

            async def waits() -> None:
                prompt.set()
                try:
                    await forever()
                finally:
                    closed.set()

            area.before["sign"] = waits
            review = await met.review()
            call = asyncio.create_task(self.respond(met, review))
            await prompt.wait()
            self.assertEqual(1, len((await wallet.documents()).documents))
            call.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await call
            await asyncio.wait_for(closed.wait(), 5)
            self.assertEqual(before, await copies_left(wallet))
            area.before.clear()
            # At once: the library has let go of the session.
            answer = await self.respond(met, review)
            self.assertEqual(1, len(answer.shared))
            self.assertTrue((await met.reader).accepted)

    async def test_the_session_is_cancelled_while_it_waits(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        for end, reason in (("cancel", EndReason.CANCELLED), ("hang up", EndReason.CONNECTION_LOST)):
            async with meeting(wallet, LICENCE) as met:
                prompt = asyncio.Event()

                async def waits() -> None:
                    prompt.set()
                    await forever()

                area.before["sign"] = waits
                met.approve()
                await prompt.wait()
                if end == "cancel":
                    met.presentation.cancel()
                else:
                    await met.link.reader.close()
                self.assertEqual(reason, (await met.holder).reason)
                self.assertFalse((await met.reader).accepted)
            self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_what_it_must_not_raise(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        before = await copies_left(wallet)
        async with meeting(wallet, LICENCE) as met:
            review = await met.review()
            for error in (
                ValueError("secret 4711"), RecursionError("secret 4711"), asyncio.CancelledError("secret 4711"), StopAsyncIteration("secret 4711"),
                BaseException("secret 4711"), SecureAreaError(AreaFault.FAILED, 10**20),
            ):
                area.before["sign"] = raises(error)
                with self.subTest(type(error)), self.assertRaises(InternalError) as caught:
                    await asyncio.wait_for(self.respond(met, review), 10)
                self.assertNotIn("4711", repr(caught.exception) + caught.exception.text("vi"))
                self.assertIsNone(caught.exception.__cause__)
            self.assertEqual(before, await copies_left(wallet))
            area.before.clear()
            await self.respond(met, review)
            self.assertTrue((await met.reader).accepted)

    async def test_what_it_must_not_give(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        for method, value in (("sign", None), ("sign", "text"), ("sign", b""), ("sign", b"\0" * 5_000_000), ("create_key", None), ("create_key", b"x")):
            async def gives(*_: object) -> object:
                return value

            with self.subTest(method=method, value=type(value)):
                setattr(area, method, gives)
                if method == "create_key":
                    with self.assertRaises(InternalError):
                        await wallet.create_device_key()
                else:
                    async with meeting(wallet, LICENCE) as met:
                        review = await met.review()
                        with self.assertRaises(InternalError):
                            await self.respond(met, review)
                delattr(area, method)
        self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_a_method_that_is_not_async(self) -> None:
        class Plain(Area):
            def delete_key(self, key: bytes) -> None:  # type: ignore[override]
                self.calls.append("delete_key")

        area = Plain()
        wallet = await self.wallet_of(area)
        self.assertEqual(0, await wallet.remove((await wallet.documents()).documents[0].id))
        self.assertIn("delete_key", area.calls)

    async def test_what_it_declares(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        id = (await wallet.documents()).documents[0].id
        async with meeting(wallet, LICENCE) as met:
            review = await met.review()
            area.before["sign"] = raises(lambda: SecureAreaError(AreaFault.USER_CANCELLED))
            with self.assertRaises(UserCancelledError) as cancelled:
                await self.respond(met, review)
            self.assertEqual(("W101", Reaction.NOTHING), (cancelled.exception.code, cancelled.exception.reaction))
            area.before["sign"] = raises(lambda: SecureAreaError(AreaFault.AUTHENTICATION_REQUIRED))
            with self.assertRaises(UserAuthRequiredError):
                await self.respond(met, review)
            area.before["sign"] = raises(lambda: SecureAreaError(AreaFault.KEY_INVALIDATED))
            with self.assertRaises(KeyInvalidatedError) as gone:
                await self.respond(met, review)
            self.assertEqual(((id,), Reaction.ASK_REISSUE), (gone.exception.documents, gone.exception.reaction))
        for fault in AreaFault:
            area.before["create_key"] = raises(lambda: SecureAreaError(fault))
            with self.subTest(fault), self.assertRaises(WalletError) as caught:
                await wallet.create_device_key()
            self.assertNotEqual("W901", caught.exception.code)

    async def test_it_may_use_the_wallet_meanwhile(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        await wallet.create_device_key()
        await wallet.import_document(NewCopy(fixture("area-2.cbor")), trust())
        first, second = (await wallet.documents()).documents
        seen: list[int] = []

        async def uses() -> None:
            seen.append(len((await wallet.documents()).documents))
            await wallet.remove(second.id)
            await wallet.create_device_key()
            seen.append(len((await wallet.documents()).documents))

        area.before["sign"] = uses
        async with meeting(wallet, LICENCE) as met:
            async def first_one(review: object) -> Approval:
                candidate = next(it for it in review.requests[0].candidates if it.document == first.id)
                return Approval((ApprovedDocument(0, first.id, tuple(ElementName(it.asked.name_space, it.asked.element) for it in candidate.elements)),))

            met.decide(first_one)
            # What was reviewed may have changed by then: then the answer is refused as stale, and nothing hangs.
            try:
                await asyncio.wait_for(met.holder, 20)
            except InvalidStateError as error:
                self.assertEqual("W303", error.code)
        self.assertEqual([2, 1], seen)

    async def test_one_that_hangs_keeps_nobody_else_waiting(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        async with meeting(wallet, LICENCE) as met:
            area.before["sign"] = forever
            review = await met.review()
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(self.respond(met, review), 0.3)
            self.assertEqual(1, len((await asyncio.wait_for(wallet.documents(), 5)).documents))
            await asyncio.wait_for(wallet.create_device_key(), 5)

    async def test_what_the_app_no_longer_holds_is_kept(self) -> None:
        class Quiet:
            def log(self, record: object) -> None:
                pass

        wallet = await Wallet.create(self.folder / "wallet", secure_area=Area(), clock=SystemClock(), log=Quiet())
        gc.collect()
        await wallet.create_device_key()
        await wallet.import_document(NewCopy(fixture("area-1.cbor")), trust())
        async with meeting(wallet, LICENCE) as met:
            gc.collect()
            met.approve()
            self.assertTrue((await met.reader).accepted)
        wallet.close()

    async def test_what_nobody_holds_is_let_go(self) -> None:
        area = Area()
        wallet = await Wallet.create(self.folder / "wallet", secure_area=area)
        await wallet.create_device_key()
        wallet.close()
        gone = weakref.ref(area)
        del area, wallet
        for _ in range(50):
            gc.collect()
            if gone() is None:
                return
            await asyncio.sleep(0.05)
        self.fail("the area is held by nobody and stays")

    async def test_a_clock_or_a_log_that_raises(self) -> None:
        class Broken(SystemClock):
            error: BaseException | None = None

            def now(self) -> idwallet.Now:
                if self.error is not None:
                    raise self.error
                return super().now()

        class Log:
            def log(self, record: object) -> None:
                raise BaseException("secret 4711")

        clock = Broken()
        wallet = await self.wallet(clock=clock, log=Log())
        for error in (ValueError("secret 4711"), BaseException("secret 4711")):
            clock.error = error
            with self.assertRaises(InternalError) as caught:
                await wallet.documents()
            self.assertNotIn("4711", repr(caught.exception))
            with self.assertRaises(InternalError):
                await wallet.create_device_key()
        clock.error = None
        clock.now = lambda: None  # type: ignore[assignment, method-assign, return-value]
        with self.assertRaises(InternalError):
            await wallet.documents()
        del clock.now
        self.assertEqual((), (await wallet.documents()).documents)


class CallTest(Case):
    async def test_200_at_once(self) -> None:
        wallet = await self.wallet("driving-licence")
        id = (await wallet.documents()).documents[0].id
        kinds = (wallet.documents, lambda: wallet.document(id), wallet.history, wallet.create_device_key, wallet.check)
        results = await asyncio.gather(*(kinds[index % len(kinds)]() for index in range(200)))
        self.assertEqual(200, len(results))
        self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_from_many_threads(self) -> None:
        wallet = await self.wallet("driving-licence")

        def count() -> int:
            async def one() -> int:
                await wallet.create_device_key()
                return len((await wallet.documents()).documents)

            return asyncio.run(one())

        self.assertEqual([1] * 20, await asyncio.gather(*(asyncio.to_thread(count) for _ in range(20))))

    async def test_cancelled_at_every_moment(self) -> None:
        wallet = await self.wallet(pin="804117")
        for delay in (0, 0, 0.001, 0.01, 0.05, 0.1, 0.2):
            for make in (wallet.create_device_key, lambda: wallet.change_pin("804117", "804117"), wallet.documents):
                task = asyncio.create_task(make())
                await asyncio.sleep(delay)
                task.cancel()
                await asyncio.wait([task])
                if not task.cancelled():
                    task.exception()
        wallet.lock()
        await wallet.unlock("804117")
        self.assertEqual((), (await wallet.documents()).documents)

    async def test_cancelled_creation_leaves_all_or_nothing(self) -> None:
        for index, delay in enumerate((0, 0.01, 0.1, 0.3, 0.6)):
            path = self.folder / f"wallet-{index}"
            task = asyncio.create_task(Wallet.create(path, "804117"))
            await asyncio.sleep(delay)
            task.cancel()
            try:
                (await task).close()
            except asyncio.CancelledError:
                pass
            del task
            gc.collect()
            try:
                wallet = await Wallet.create(path, "804117")
            except idwallet.StorageError as error:
                self.assertEqual("W505", error.code)
                wallet = await Wallet.open(path)
                await wallet.unlock("804117")
            self.assertEqual((), (await wallet.documents()).documents)
            wallet.close()

    async def test_closed(self) -> None:
        wallet = await self.wallet("driving-licence")
        presentation = await wallet.present(trust(), "127.0.0.1:9")
        wallet.close()
        wallet.close()
        for make in (
            wallet.documents, wallet.history, wallet.access, wallet.create_device_key, wallet.support_bundle, wallet.protection,
            lambda: wallet.unlock("804117"), lambda: wallet.remove("0" * 32), lambda: wallet.present(trust(), "127.0.0.1:9"), presentation.resolve,
            lambda: presentation.decline(),
        ):
            with self.subTest(make), self.assertRaises(InvalidStateError):
                await make()
        for now in (lambda: wallet.is_locked, wallet.lock, wallet.lock_if_idle):
            with self.assertRaises(InvalidStateError) as caught:
                now()
            self.assertEqual("W125", caught.exception.code)
        presentation.cancel()

    async def test_closed_while_a_call_waits(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        prompt, go = asyncio.Event(), asyncio.Event()

        async def waits() -> None:
            prompt.set()
            await go.wait()

        area.before["create_key"] = waits
        task = asyncio.create_task(wallet.create_device_key())
        await prompt.wait()
        wallet.close()
        go.set()
        with self.assertRaises(WalletError):
            await task

    async def test_locking_ends_what_waits_for_an_area_that_hangs(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        async with meeting(wallet) as met:
            await met.review()
            prompt = asyncio.Event()

            async def hangs() -> None:
                prompt.set()
                await forever()

            area.before = {"create_key": hangs, "sign": hangs}
            met.approve()
            await prompt.wait()
            prompt.clear()
            other = asyncio.create_task(wallet.create_device_key())
            await prompt.wait()
            wallet.lock()
            for waits in (met.holder, other):
                with self.assertRaises(LockedError):
                    await asyncio.wait_for(waits, 10)
        area.before = {}
        await wallet.unlock()
        self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_closing_frees_the_files_from_an_area_that_hangs(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        prompt = asyncio.Event()

        async def hangs() -> None:
            prompt.set()
            await forever()

        for method, make in (
            ("create_key", lambda: wallet.create_device_key()), ("wrap", lambda: wallet.set_pin("804117")), ("unwrap", lambda: wallet.unlock()),
        ):
            with self.subTest(method):
                if method == "unwrap":
                    wallet.lock()
                area.before = {method: hangs}
                prompt.clear()
                task = asyncio.create_task(make())
                await prompt.wait()
                wallet.close()
                with self.assertRaises((LockedError, InvalidStateError)):
                    await asyncio.wait_for(task, 10)
                area.before = {}
                wallet = await Wallet.open(self.folder / "wallet", secure_area=area)
                self.addCleanup(wallet.close)
                self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_huge(self) -> None:
        wallet = await self.wallet()
        huge = bytes(20_000_000)
        with self.assertRaises(WalletError):
            await wallet.import_document(NewCopy(huge), trust())
        with self.assertRaises(WalletError):
            await wallet.import_document([NewCopy(b"\xa0")] * 20_000, trust())
        with self.assertRaises(WalletError):
            reader().verify_device_response(huge, huge)
        with self.assertRaises(WalletError):
            await wallet.answer_camera(huge, trust())
        with self.assertRaises(InvalidStateError):
            FrameEncoder(MessageKind.REQUEST, huge)
        with self.assertRaises(InvalidStateError):
            TrustStore().add_issuer_anchors(huge)
        with self.assertRaises(InvalidStateError):
            idwallet.qr_code("x" * 1_000_000)
        with self.assertRaises(InvalidStateError):
            scan_qr(bytes(50_001_000), 50_001, 1_000)
        with self.assertRaises(WalletError):
            await wallet.unlock("1" * 10_000_000)
        with self.assertRaises(WalletError):
            reader().scan("mdoc:" + "A" * 10_000_000, Template("age-over-18"))
        self.assertEqual((), (await wallet.documents()).documents)


class ArgumentTest(Case):
    async def test_wrong_types_and_values(self) -> None:
        wallet = await self.wallet("driving-licence")
        presentation = await wallet.present(trust(), "127.0.0.1:9")
        store, checker = trust(), reader()
        text, none, number = "text", None, 7
        calls = (
            lambda: Wallet.create(none), lambda: Wallet.create(self.folder / "x", 804117), lambda: Wallet.create(self.folder / "x", secure_area=text),
            lambda: Wallet.create(self.folder / "x", clock=text), lambda: Wallet.create(self.folder / "x", log=number), lambda: Wallet.open(b"\xff\xfe"),
            lambda: wallet.unlock(b"804117"), lambda: wallet.set_pin(none), lambda: wallet.change_pin("804117", none), lambda: wallet.recover(none, text),
            lambda: wallet.document(none), lambda: wallet.document(number), lambda: wallet.remove(none), lambda: wallet.create_device_key(text),
            lambda: wallet.create_device_key(KeySpec(curve="P256")), lambda: wallet.create_device_key(KeySpec(authentication=none)),
            lambda: wallet.create_device_key(KeySpec(attestation_challenge=text)), lambda: wallet.import_document(none, store),
            lambda: wallet.import_document(NewCopy(text), store), lambda: wallet.import_document(NewCopy(b"x"), none),
            lambda: wallet.import_document([b"x"], store), lambda: wallet.import_document(NewCopy(b"x", text), store),
            lambda: wallet.import_document(NewCopy(b"x"), store, "iso"), lambda: wallet.present(none), lambda: wallet.present(store, number),
            lambda: wallet.answer_camera(text, store), lambda: wallet.update_status(text, store), lambda: wallet.delete_history(number),
            lambda: wallet.delete_history(datetime.now()), lambda: wallet.export_file(none, text), lambda: wallet.export_file(text, none),
            lambda: wallet.plan_restore(text, none, store), lambda: wallet.check(text), lambda: wallet.unlock("\ud800"),
            lambda: presentation.respond(none, Approval()), lambda: presentation.gives_away(none), lambda: presentation.gives_away(Approval((none,))),
            lambda: presentation.gives_away(Approval((ApprovedDocument(-1, text, ()),))),
            lambda: presentation.gives_away(Approval((ApprovedDocument(2**32, text, ()),))),
            lambda: presentation.gives_away(Approval((ApprovedDocument(0, text, (none,)),))),
            lambda: presentation.gives_away(Approval((), (none,))), lambda: StreamCarrier.connect(none), lambda: StreamCarrier.connect("nowhere"),
            lambda: StreamCarrier.listen("127.0.0.1:99999"),
        )
        for index, make in enumerate(calls):
            with self.subTest(call=index), self.assertRaises((TypeError, ValueError)) as caught:
                await make()
            self.assertNotIn("804117", str(caught.exception))
        for index, now in enumerate((
            lambda: store.add_issuer_anchors(text), lambda: store.add_issuer_anchors(none), lambda: store.add_crls(b"x", none),
            lambda: store.add_status_list(none, b"x", datetime.now(timezone.utc)), lambda: Reader(none), lambda: Reader(store, none),
            lambda: Reader(store, ReaderPolicy(account_level=300)), lambda: Reader(store, ReaderPolicy(strictness="iso")),
            lambda: Reader(store, ReaderPolicy(max_snapshot_age=7)),
            lambda: Reader(store, identity=text), lambda: Reader(store, identity=ReaderIdentity(text, b"")), lambda: Reader(store, clock=text),
            lambda: checker.verify_device_response(none, b""), lambda: checker.verify_device_response(b"", text),
            lambda: checker.verify_device_response(b"", b"", text), lambda: checker.verify_issuer_signed(none), lambda: checker.scan(none, LICENCE),
            lambda: checker.scan(text, text), lambda: checker.scan(text, Template(none)), lambda: checker.camera(none),
            lambda: FrameEncoder(none, b"x"), lambda: FrameEncoder(MessageKind.REQUEST, text), lambda: FrameDecoder(text),
            lambda: FrameDecoder().push(none), lambda: FrameEncoder(MessageKind.REQUEST, b"x").frame(-1), lambda: idwallet.qr_code(none),
            lambda: scan_qr(none, 1, 1), lambda: scan_qr(b"x", -1, 1), lambda: scan_qr(b"x", 2**40, 1), lambda: scan_qr(b"x", 1.0, 1),
            lambda: wallet.set_idle_limit(5), lambda: idwallet.SecureArea(),
        )):
            with self.subTest(sync=index), self.assertRaises((TypeError, ValueError)):
                now()
        self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_what_is_of_the_right_type_and_nothing(self) -> None:
        wallet = await self.wallet("driving-licence")
        store, checker = trust(), reader()
        for make in (
            lambda: wallet.document(""), lambda: wallet.document("zz"), lambda: wallet.remove("0" * 32), lambda: wallet.import_document([], store),
            lambda: wallet.import_document(NewCopy(b"", b""), store), lambda: wallet.unlock(""), lambda: wallet.set_pin("12"),
            lambda: wallet.set_pin("111111"), lambda: wallet.answer_camera(b"", store), lambda: wallet.update_status(b"", store),
            lambda: wallet.export_file("", ""), lambda: wallet.plan_restore(self.folder / "none", "x", store), lambda: Wallet.open(self.folder / "none"),
            lambda: wallet.present(store, "x" * 100_000),
        ):
            with self.subTest(make), self.assertRaises(WalletError) as caught:
                await make()
            self.assertNotIsInstance(caught.exception, InternalError)
        for now in (
            lambda: store.add_issuer_anchors(b""), lambda: store.add_crls(b"", datetime.now(timezone.utc)), lambda: checker.verify_device_response(b"", b""),
            lambda: checker.scan("", LICENCE), lambda: checker.scan("mdoc:", LICENCE), lambda: checker.camera(Template("none")),
            lambda: checker.camera(idwallet.Elements(())), lambda: Reader(store, identity=ReaderIdentity(b"", b"")), lambda: FrameDecoder().push(""),
            lambda: FrameEncoder(MessageKind.RESPONSE, b""), lambda: scan_qr(b"", 1, 1),
        ):
            with self.subTest(now), self.assertRaises(WalletError) as caught:
                now()
            self.assertNotIsInstance(caught.exception, InternalError)
        with self.assertRaises(VerifierError):
            FrameDecoder().push("HELLO")

    async def test_what_the_app_got_wrong(self) -> None:
        wallet = await self.wallet("driving-licence")
        store = trust()
        for make in (
            lambda: Wallet.create(""), lambda: Wallet.open(""), lambda: wallet.import_document([], store),
            *(lambda address=address: wallet.present(store, address) for address in ("", "desk", "desk:", ":80", "desk:65536", "::1:80", "http://desk:80")),
        ):
            with self.subTest(make), self.assertRaises(InvalidStateError) as caught:
                await make()
            self.assertEqual("W405", caught.exception.code)
        for address in ("localhost:0", "127.0.0.1:9", "[::1]:9"):
            (await wallet.present(store, address)).cancel()

    async def test_a_backup_is_a_file(self) -> None:
        wallet = await self.wallet()
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for place in (pipe, self.folder, Path("/dev/zero")):
            with self.subTest(place), self.assertRaises(idwallet.BackupError) as caught:
                await asyncio.wait_for(wallet.plan_restore(place, "bốn con trâu qua cầu sáng sớm", trust()), 20)
            self.assertEqual("W705", caught.exception.code)

    def test_times_at_the_edge(self) -> None:
        from idwallet._convert import time

        self.assertEqual(datetime.max.year, time(2**63 - 1).year)
        self.assertEqual(datetime.min.year, time(-(2**63)).year)


class PanicTest(Case):
    """Needs a library with the feature `test-panics`; `run` refuses one without."""

    async def test_a_panic_is_an_error_and_the_process_lives(self) -> None:
        for _ in range(3):
            with self.assertRaises(InternalError) as caught:
                call(_ffi.panic_for_test)
            self.assertEqual(("W901", Reaction.CONTACT_SUPPORT), (caught.exception.code, caught.exception.reaction))
            with self.assertRaises(InternalError):
                await waiting(_ffi.panic_later_for_test)
        wallet = await self.wallet("driving-licence")
        self.assertEqual(1, len((await wallet.documents()).documents))


if __name__ == "__main__":
    unittest.main()
