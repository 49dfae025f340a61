"""Opening, locking, documents, history, backups."""

from __future__ import annotations

import asyncio
import gc
from datetime import datetime, timedelta, timezone

from idwallet import (
    BackupError, DocumentState, ExpiredError, HistoryOutcome, InvalidStateError, IssuerError, KeySpec, LockedError, LogRecord, NewCopy, Reaction,
    StorageError, UnsupportedError, UntrustedError, Wallet, Curve,
)

from .support import PIN, Area, Case, TestClock, copy, fixture, trust


class WalletTest(Case):
    async def test_made_opened_locked(self) -> None:
        path = self.folder / "wallet"
        async with await Wallet.create(path, PIN) as wallet:
            self.assertFalse(wallet.is_locked)
            wallet.lock()
            self.assertTrue(wallet.is_locked)
            with self.assertRaises(LockedError) as caught:
                await wallet.documents()
            self.assertEqual(("W110", Reaction.ENTER_PIN), (caught.exception.code, caught.exception.reaction))
        with self.assertRaises(StorageError) as exists:
            await Wallet.create(path)
        self.assertEqual("W505", exists.exception.code)
        with await Wallet.open(path) as wallet:
            self.assertTrue(wallet.is_locked)
            with self.assertRaises(StorageError) as used:
                await Wallet.open(path)
            self.assertEqual("W501", used.exception.code)
            with self.assertRaises(LockedError) as wrong:
                await wallet.unlock("159263")
            self.assertEqual(("W111", None), (wrong.exception.code, wrong.exception.retry_after))
            access = await wallet.access()
            self.assertEqual((True, wrong.exception.tries_left, timedelta(0)), (access.needs_pin, access.tries_left, access.retry_after))
            await wallet.unlock(PIN)
            await wallet.change_pin(PIN, "270346")
            self.assertEqual((True, False), (await wallet.has_pin(), await wallet.has_recovery_code()))
            code = await wallet.set_recovery_code("270346")
            self.assertTrue(await wallet.has_recovery_code())
            wallet.lock()
            with self.assertRaises(LockedError):
                await wallet.has_pin()
            await wallet.recover(code, PIN)
            await wallet.remove_pin(PIN)
            self.assertEqual((False, False), (await wallet.has_pin(), await wallet.has_recovery_code()))
            self.assertFalse((await wallet.documents()).documents)

    async def test_wrong_pins_cost_a_wait(self) -> None:
        clock = TestClock()
        wallet = await self.wallet(pin=PIN, clock=clock)
        wallet.lock()
        for _ in range((await wallet.access()).tries_left):
            with self.assertRaises(LockedError):
                await wallet.unlock("159263")
        with self.assertRaises(LockedError) as caught:
            await wallet.unlock(PIN)
        self.assertEqual("W112", caught.exception.code)
        self.assertGreater(caught.exception.retry_after, timedelta(seconds=1))
        clock.passes(caught.exception.retry_after)
        await wallet.unlock(PIN)

    async def test_locks_when_idle(self) -> None:
        clock = TestClock()
        wallet = await self.wallet(pin=PIN, clock=clock)
        wallet.set_idle_limit(timedelta(seconds=30))
        self.assertEqual(timedelta(seconds=30), wallet.lock_if_idle())
        clock.passes(timedelta(seconds=31))
        self.assertIsNone(wallet.lock_if_idle())
        self.assertTrue(wallet.is_locked)

    async def test_closed_by_its_owner(self) -> None:
        wallet = await self.wallet("driving-licence", pin=PIN)
        await wallet.close_by_owner()
        with self.assertRaises(InvalidStateError) as caught:
            await wallet.unlock(PIN)
        self.assertEqual("W120", caught.exception.code)
        self.assertEqual([("org.iso.18013.5.1.mDL", 1)], [(it.doc_type, it.count) for it in await wallet.held_papers()])
        await wallet.unlock_closed(PIN)
        self.assertEqual(1, len((await wallet.documents()).documents))

    async def test_documents(self) -> None:
        wallet = await self.wallet("driving-licence", "citizen-identity")
        first, second = (await wallet.documents()).documents
        self.assertEqual("org.iso.18013.5.1.mDL", first.doc_type)
        self.assertEqual((DocumentState.ACTIVE, "Giấy phép lái xe"), (first.state, first.title.vi))
        self.assertLess(first.valid_from, datetime.now(timezone.utc))
        view = await wallet.document(first.id)
        name = next(claim for claim in view.claims if claim.element == "family_name")
        self.assertTrue(name.shown.vi and name.cbor)
        self.assertNotIn(name.shown.vi, repr(view))
        self.assertTrue(next(claim for claim in view.claims if claim.element == "portrait").image)
        with self.assertRaises(InvalidStateError) as twice:
            await wallet.import_document(copy(), trust())
        self.assertEqual(("W207", first.id), (twice.exception.code, twice.exception.document))
        self.assertEqual(0, await wallet.remove(second.id))
        self.assertEqual([first.id], [it.id for it in (await wallet.documents()).documents])
        with self.assertRaises(InvalidStateError):
            await wallet.document(second.id)
        self.assertEqual((), await wallet.check(trust()))

    async def test_bad_documents_are_not_stored(self) -> None:
        wallet = await self.wallet()
        key = fixture("driving-licence.key")
        for name, error, code in (
            ("altered", IssuerError, "W202"), ("forged", IssuerError, "W202"), ("truncated", IssuerError, "W201"), ("noise", IssuerError, "W201"),
            ("other", UntrustedError, "W203"), ("expired", ExpiredError, "W204"),
        ):
            with self.subTest(name), self.assertRaises(error) as caught:
                await wallet.import_document(NewCopy(fixture(f"{name}.cbor"), key), trust())
            self.assertEqual(code, caught.exception.code)
            self.assertTrue(caught.exception.text("vi") != caught.exception.text("en"))
        self.assertEqual((), (await wallet.documents()).documents)

    async def test_history(self) -> None:
        wallet = await self.wallet("driving-licence")
        history = await wallet.history()
        self.assertTrue(history.intact)
        self.assertEqual([("import", HistoryOutcome.DONE)], [(it.event, it.outcome) for it in history.entries])
        self.assertIn("import", await wallet.history_json())
        self.assertEqual(0, await wallet.delete_history(datetime(2020, 1, 1, tzinfo=timezone.utc)))
        self.assertGreater(await wallet.delete_history(), 0)

    async def test_backup(self) -> None:
        wallet = await self.wallet("driving-licence")
        file, phrase = self.folder / "export.idwallet", "bốn con trâu qua cầu sáng sớm"
        with self.assertRaises(BackupError) as weak:
            await wallet.export_file(file, "123456789012")
        self.assertEqual(Reaction.RETRY, weak.exception.reaction)
        self.assertEqual(1, (await wallet.export_file(file, phrase)).documents)
        async with await Wallet.create(self.folder / "other") as other:
            with self.assertRaises(BackupError):
                await other.plan_restore(file, phrase + "?", trust())
            plan = await other.plan_restore(file, phrase, trust())
            self.assertEqual([True], [it.is_added for it in plan.documents])
            self.assertEqual(1, len((await plan.apply()).added))
            with self.assertRaises(InvalidStateError):
                await plan.apply()
            self.assertEqual(1, len((await other.documents()).documents))

    async def test_area_of_the_app(self) -> None:
        area = Area()
        wallet = await self.wallet_of(area)
        self.assertIn("create_key", area.calls)
        self.assertEqual(1, len((await wallet.documents()).documents))
        with self.assertRaises(UnsupportedError):
            await wallet.create_device_key(KeySpec(Curve.P521))
        key = await wallet.create_device_key()
        self.assertEqual(fixture("area-2.spki"), key.public_key)

    async def test_log_has_no_secrets(self) -> None:
        lines: list[LogRecord] = []

        class Log:
            def log(self, record: LogRecord) -> None:
                lines.append(record)

        wallet = await self.wallet("driving-licence", pin=PIN, log=Log())
        wallet.lock()
        with self.assertRaises(LockedError):
            await wallet.unlock("159263")
        self.assertIn(("unlock", "W111"), [(line.call, line.code) for line in lines])
        self.assertNotIn("159263", repr(lines))

    async def test_another_loop(self) -> None:
        wallet = await self.wallet("driving-licence")

        def elsewhere() -> int:
            async def count() -> int:
                await wallet.create_device_key()
                return len((await wallet.documents()).documents)

            return asyncio.run(count())

        self.assertEqual(1, await asyncio.to_thread(elsewhere))

    async def test_dropped_without_closing_is_let_go(self) -> None:
        await Wallet.create(self.folder / "wallet")
        gc.collect()
        for _ in range(50):
            try:
                (await Wallet.open(self.folder / "wallet")).close()
                return
            except StorageError:
                await asyncio.sleep(0.1)
        self.fail("the vault stays in use")
