//! One wallet in many hands: threads, calls that wait side by side, a secure area that calls back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::area::{Behaviour, Hook, TestArea};
use common::{Dir, at, block_on, code, random, right};
use idwallet_crypto::area::KeyPurpose;
use idwallet_crypto::{Argon2Params, CryptoError, Curve, PrivateKey, PublicKey, Random};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::{NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Answer, Approval, Backup, Code, CopiesPolicy, CopyMethod, DisputedField, DocumentId, Event, ExportOptions,
    ImportOptions, Imported, NewCopy, ResolvedRequest, Wallet, WalletError, WalletSession, verify_correction,
};
use std::future::Future;
use std::io::Cursor;
use std::pin::{Pin as Pinned, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

type Shared = (Arc<Wallet>, Arc<Mutex<Behaviour>>, Dir, World);

fn shared(seed: u64) -> Shared {
    let (dir, world) = (Dir::new(), World::new(seed));
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    let wallet = block_on(Wallet::create(&dir.0, Arc::new(area), random())).unwrap();
    (Arc::new(wallet), behaviour, dir, world)
}

fn device_key(number: u64) -> PrivateKey {
    key(Curve::P256, number)
}

fn issue(world: &World, key: PublicKey) -> Vec<u8> {
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(key);
    issuer.issue(&world.random).unwrap().remove(0).issuer_signed
}

fn credential(world: &World, number: u64) -> Vec<u8> {
    issue(world, *device_key(number).public_key())
}

/// The licence of that device key.
async fn import(wallet: &Wallet, world: &World, bytes: &[u8], number: u64) -> Result<Imported, WalletError> {
    let copies = vec![NewCopy::with_device_key(bytes, device_key(number))];
    // Alike as they are, one does not replace another.
    let options = ImportOptions::new()
        .copies(CopiesPolicy::new(CopyMethod::OnceOnly))
        .apart();
    let anchors = world.issuer.anchors();
    let trust = IssuerTrust::new(&anchors);
    wallet
        .import_with(copies, &Policy::iso().at(NOW), &trust, options)
        .await
}

fn take_in(wallet: &Wallet, world: &World, number: u64) -> DocumentId {
    let bytes = credential(world, number);
    block_on(import(wallet, world, &bytes, number)).unwrap().id
}

fn resolve(wallet: &Wallet, world: &World) -> ResolvedRequest {
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    common::resolve(wallet, world, &request).unwrap()
}

/// Approves the first candidate's name.
async fn answer(wallet: &Wallet, resolved: &mut ResolvedRequest) -> Result<Answer, WalletError> {
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    wallet.respond(resolved, review.handle, &approval, NOW).await
}

/// Polls them in turns until both have ended.
fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        step(a.as_mut(), &mut of_a, &mut context);
        step(b.as_mut(), &mut of_b, &mut context);
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => return (a, b),
            (a, b) => (of_a, of_b) = (a, b),
        }
    }
    panic!("they do not end");
}

fn step<F: Future>(future: Pinned<&mut F>, out: &mut Option<F::Output>, context: &mut Context<'_>) {
    if out.is_none()
        && let Poll::Ready(ready) = future.poll(context)
    {
        *out = Some(ready);
    }
}

/// Polls it until it waits, runs `meanwhile`, and polls it to its end.
fn during<F: Future>(future: F, meanwhile: impl FnOnce()) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending(), "it did not wait");
    meanwhile();
    block_on(future)
}

fn wait(behaviour: &Mutex<Behaviour>, polls: usize) {
    behaviour.lock().unwrap().pending = polls;
}

fn count(wallet: &Wallet, event: Event) -> usize {
    let history = wallet.history().unwrap();
    history.entries.iter().filter(|entry| entry.event == event).count()
}

/// What is awaited is awaited on whichever thread: no lock is held over an await, or this would not compile.
#[test]
fn every_future_may_change_threads() {
    fn sent<T: Send>(_: T) {}
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Wallet>();
    is_shared::<WalletSession>();
    let (wallet, _, _dir, world) = shared(1000);
    let id = take_in(&wallet, &world, 1);
    let mut resolved = resolve(&wallet, &world);
    let (review, code) = (resolved.review().clone(), right());
    let approval = Approval::nothing();
    let anchors = world.issuer.anchors();
    let (trust, policy) = (IssuerTrust::new(&anchors), Policy::iso().at(NOW));
    let path = std::path::Path::new("nowhere");
    let area = Wallet::open_software_area(&_dir.0, random()).unwrap();
    sent(Wallet::create(path, Arc::clone(&area), random()));
    sent(Wallet::open(path, Arc::clone(&area), random()));
    sent(Wallet::create_with_pin(path, area, &code, random()));
    sent(wallet.respond(&mut resolved, review.handle, &approval, NOW));
    sent(wallet.import(Vec::new(), &policy, &trust));
    sent(wallet.remove(id, NOW));
    sent(wallet.sweep());
    sent(wallet.sweep_copies(NOW));
    sent(wallet.create_device_key(Curve::P256, KeyPurpose::Sign));
    sent(wallet.draft_correction(id, &[], "", NOW));
    sent(wallet.prepare_complaint(1, "", NOW));
    sent(wallet.prepare_erasure_request(1, "", NOW));
    sent(wallet.set_pin(&code, at(1)));
    sent(wallet.change_pin(&code, &code, at(1)));
    sent(wallet.remove_pin(&code, at(1)));
    sent(wallet.set_recovery_code(&code, at(1)));
    sent(wallet.remove_recovery_code(at(1)));
    sent(wallet.accept_rollback(NOW));
    let mut told = |_, _| {};
    sent(wallet.export(Vec::new(), "", &ExportOptions::new(), NOW, &mut told));
    sent(wallet.export_file(path, false, "", &ExportOptions::new(), NOW, &mut told));
    let (_, file) = exported(&wallet);
    let mut backup = opened(file);
    let plan = block_on(wallet.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {})).unwrap();
    sent(wallet.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {}));
    sent(wallet.restore(&mut backup, plan, &mut |_, _| {}));
}

/// The area may ask the wallet, and change it, while the wallet waits for the area.
#[test]
fn the_secure_area_may_call_back() {
    let (wallet, behaviour, _dir, world) = shared(1001);
    let first = take_in(&wallet, &world, 1);
    let other = take_in(&wallet, &world, 2);
    let mut resolved = resolve(&wallet, &world);
    let review = resolved.review().clone();
    let chosen = review.requests[0].candidates[0].document;
    let spare = if chosen == first { other } else { first };
    let seen = Arc::new(AtomicUsize::new(0));
    let (holder, count) = (Arc::clone(&wallet), Arc::clone(&seen));
    behaviour.lock().unwrap().hook = Some((
        "sign",
        Arc::new(move || {
            count.store(holder.list(NOW).unwrap().documents.len(), Ordering::Relaxed);
            holder.show(chosen, NOW).unwrap();
        }),
    ));
    let approval = Approval::nothing().select(0, chosen, MDL_NAMESPACE, "family_name");
    let answer = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    assert_eq!((answer.shared.len(), seen.load(Ordering::Relaxed)), (1, 2));

    // The removal of another one in the middle of an answer makes the review another one.
    let holder = Arc::clone(&wallet);
    behaviour.lock().unwrap().hook = Some((
        "sign",
        Arc::new(move || {
            let _ = block_on(holder.remove(spare, NOW));
        }),
    ));
    let mut resolved = resolve(&wallet, &world);
    let handle = resolved.review().handle;
    let approval = Approval::nothing().select(0, spare, MDL_NAMESPACE, "family_name");
    let result = block_on(wallet.respond(&mut resolved, handle, &approval, NOW));
    assert_eq!(code(result), Code::ReviewStale);
    assert_eq!(wallet.list(NOW).unwrap().documents.len(), 1);
    behaviour.lock().unwrap().hook = None;
}

/// Two answers with the one copy that there is, both past their reviews before either has signed: one leaves.
#[test]
fn a_single_copy_answers_once() {
    let (wallet, behaviour, _dir, world) = shared(1002);
    take_in(&wallet, &world, 1);
    let (mut first, mut second) = (resolve(&wallet, &world), resolve(&wallet, &world));
    wait(&behaviour, 2);
    let (a, b) = both(answer(&wallet, &mut first), answer(&wallet, &mut second));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
    let error = if a.is_ok() { code(b) } else { code(a) };
    assert_eq!(error, Code::ReviewStale);
    assert_eq!(wallet.list(NOW).unwrap().documents[0].copies.unused, 0);
    wait(&behaviour, 0);
}

/// Also where each is on a thread of its own.
#[test]
fn copies_answer_once_each_over_threads() {
    let (wallet, behaviour, _dir, world) = shared(1003);
    for number in 1..=3 {
        take_in(&wallet, &world, number);
    }
    // Long enough for others to come in between.
    let hook = || (0..200).for_each(|_| std::thread::yield_now());
    behaviour.lock().unwrap().hook = Some(("sign", Arc::new(hook)));
    let given = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let mut resolved = resolve(&wallet, &world);
                let review = resolved.review().clone();
                for candidate in &review.requests[0].candidates {
                    let approval = Approval::nothing().select(0, candidate.document, MDL_NAMESPACE, "family_name");
                    match block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW)) {
                        Ok(answer) => {
                            given.fetch_add(answer.shared.len(), Ordering::Relaxed);
                            return;
                        }
                        Err(error) => assert!(matches!(error.code(), Code::ReviewStale | Code::CopyAgain), "{error:?}"),
                    }
                }
            });
        }
    });
    let unused: usize = wallet
        .list(NOW)
        .unwrap()
        .documents
        .iter()
        .map(|d| d.copies.unused)
        .sum();
    assert_eq!(given.load(Ordering::Relaxed) + unused, 3, "none was shown twice");
    assert!(given.load(Ordering::Relaxed) > 0);
}

/// A document that goes while its owner is asked gives nothing.
#[test]
fn a_document_removed_while_the_person_is_asked_gives_nothing() {
    let (wallet, behaviour, _dir, world) = shared(1004);
    let id = take_in(&wallet, &world, 1);
    let mut resolved = resolve(&wallet, &world);
    wait(&behaviour, 1);
    let result = during(answer(&wallet, &mut resolved), || {
        wait(&behaviour, 0);
        block_on(wallet.remove(id, NOW)).unwrap();
    });
    assert_eq!(code(result), Code::ReviewStale);
    assert!(!resolved.is_answered());
}

/// The same document twice at once is imported once, and the area keeps one key.
#[test]
fn two_imports_of_one_document_make_one() {
    let (wallet, behaviour, _dir, world) = shared(1005);
    let bytes = credential(&world, 1);
    let before = behaviour.lock().unwrap().alive.len();
    wait(&behaviour, 2);
    let (a, b) = both(import(&wallet, &world, &bytes, 1), import(&wallet, &world, &bytes, 1));
    assert!(a.is_ok() != b.is_ok());
    assert_eq!(if a.is_ok() { code(b) } else { code(a) }, Code::AlreadyHeld);
    assert_eq!(wallet.list(NOW).unwrap().documents.len(), 1);
    assert_eq!(
        behaviour.lock().unwrap().alive.len(),
        before + 1,
        "a key that belongs to nobody"
    );
    wait(&behaviour, 0);
}

/// Two documents of one device key, at once.
#[test]
fn two_imports_of_one_key_make_one() {
    let (wallet, behaviour, _dir, world) = shared(1006);
    let (first, second) = (credential(&world, 1), credential(&world, 1));
    let held = block_on(wallet.create_device_key(Curve::P256, KeyPurpose::Sign)).unwrap();
    let (third, fourth) = (issue(&world, held.public_key), issue(&world, held.public_key));
    wait(&behaviour, 2);
    let (a, b) = both(import(&wallet, &world, &first, 1), import(&wallet, &world, &second, 1));
    assert!(a.is_ok() != b.is_ok());
    assert_eq!(if a.is_ok() { code(b) } else { code(a) }, Code::DeviceKeyInUse);
    // The same of a key that the wallet made.
    let anchors = world.issuer.anchors();
    let (trust, policy) = (IssuerTrust::new(&anchors), Policy::iso().at(NOW));
    let one = |bytes: &Vec<u8>| wallet.import(vec![NewCopy::new(bytes.clone())], &policy, &trust);
    let (a, b) = both(one(&third), one(&fourth));
    assert!(a.is_ok() != b.is_ok());
    assert_eq!(if a.is_ok() { code(b) } else { code(a) }, Code::DeviceKeyInUse);
    wait(&behaviour, 0);
}

/// The wallet's own key is made once, whoever needs it first.
#[test]
fn the_wallets_own_key_is_made_once() {
    let (wallet, behaviour, _dir, world) = shared(1007);
    let id = take_in(&wallet, &world, 1);
    let before = behaviour.lock().unwrap().alive.len();
    let fields = [DisputedField {
        name_space: MDL_NAMESPACE.into(),
        element: "family_name".into(),
        claimed: None,
    }];
    wait(&behaviour, 2);
    let draft = || wallet.draft_correction(id, &fields, "", NOW);
    let (a, b) = both(draft(), draft());
    let key = |file: &[u8]| verify_correction(file).unwrap().key;
    assert_eq!(key(&a.unwrap().file), key(&b.unwrap().file));
    assert_eq!(behaviour.lock().unwrap().alive.len(), before + 1);
    // A document that goes meanwhile is complained of no more.
    let result = during(draft(), || {
        wait(&behaviour, 0);
        block_on(wallet.remove(id, NOW)).unwrap();
    });
    assert_eq!(code(result), Code::NotFound);
    assert_eq!(wallet.corrections().unwrap().len(), 2);
}

/// Several sweeps at once destroy what there is once, and none stumbles over another.
#[test]
fn sweeps_do_not_stumble_over_each_other() {
    let (wallet, behaviour, _dir, world) = shared(1008);
    let ids: Vec<_> = (1..=3).map(|number| take_in(&wallet, &world, number)).collect();
    let before = behaviour.lock().unwrap().alive.len();
    wait(&behaviour, 1);
    let (a, b) = both(wallet.remove(ids[0], NOW), wallet.remove(ids[1], NOW));
    assert_eq!((a.unwrap().keys_left, b.unwrap().keys_left), (0, 0));
    let (a, b) = both(wallet.remove(ids[2], NOW), wallet.remove(ids[2], NOW));
    assert!(a.is_ok() && code(b) == Code::NotFound);
    wait(&behaviour, 0);
    assert_eq!(behaviour.lock().unwrap().alive.len(), before - 3);
    assert_eq!(count(&wallet, Event::Removal), 3);
}

const PASSPHRASE: &str = "bốn con trâu gặm mây";

fn options() -> ExportOptions {
    ExportOptions::new().cost(Argon2Params::new(16 * 1024, 2, 1).unwrap())
}

fn exported(wallet: &Wallet) -> (usize, Vec<u8>) {
    let options = options();
    let mut told = |_, _| {};
    let (exported, file) = block_on(wallet.export(Vec::new(), PASSPHRASE, &options, NOW, &mut told)).unwrap();
    (exported.documents, file)
}

fn opened(file: Vec<u8>) -> Backup<Cursor<Vec<u8>>> {
    Backup::open(Cursor::new(file), PASSPHRASE, &mut |_, _| {}).unwrap()
}

/// An export of what goes while it is written is to be begun again; nothing else that happens meanwhile concerns it.
#[test]
fn an_export_is_of_what_is_there() {
    let (wallet, behaviour, _dir, world) = shared(1009);
    let id = take_in(&wallet, &world, 1);
    take_in(&wallet, &world, 2);
    let options = options();
    // At its first await nothing is chosen for good, later everything is.
    for polls in 1..=4 {
        let mut told = |_, _| {};
        wait(&behaviour, polls);
        let result = during(wallet.export(Vec::new(), PASSPHRASE, &options, NOW, &mut told), || {
            wait(&behaviour, 0);
            resolve(&wallet, &world);
        });
        assert_eq!(result.unwrap().0.documents, 2);
    }
    wait(&behaviour, 1);
    let mut told = |_, _| {};
    let result = during(wallet.export(Vec::new(), PASSPHRASE, &options, NOW, &mut told), || {
        wait(&behaviour, 0);
        block_on(wallet.remove(id, NOW)).unwrap();
    });
    assert_eq!(code(result), Code::Busy);
    assert_eq!(exported(&wallet).0, 1);
}

/// What changes while a restore brings keys in makes its plan stale, and the keys go again.
#[test]
fn a_restore_goes_into_the_wallet_it_was_planned_for() {
    let (old, _, _dir, world) = shared(1010);
    take_in(&old, &world, 1);
    let file = exported(&old).1;
    let (new, behaviour, _dir, _) = shared(1011);
    let anchors = world.issuer.anchors();
    let trust = IssuerTrust::new(&anchors);
    let mut backup = opened(file);
    let policy = Policy::iso().at(NOW);
    let plan = block_on(new.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {})).unwrap();
    let before = behaviour.lock().unwrap().alive.len();
    wait(&behaviour, 1);
    let mut told = |_, _| {};
    let result = during(new.restore(&mut backup, plan, &mut told), || {
        wait(&behaviour, 0);
        take_in(&new, &world, 2);
    });
    assert_eq!(code(result), Code::RestoreStale);
    assert_eq!(new.list(NOW).unwrap().documents.len(), 1);
    assert_eq!(behaviour.lock().unwrap().alive.len(), before + 1);
}

/// While the PIN is being set, other calls are told so, and a lock holds.
#[test]
fn a_change_of_the_pin_has_the_vault_to_itself() {
    let (wallet, behaviour, _dir, world) = shared(1012);
    take_in(&wallet, &world, 1);
    wait(&behaviour, 1);
    let pin = right();
    during(wallet.set_pin(&pin, at(1)), || {
        assert_eq!(code(wallet.list(NOW)), Code::Busy);
        assert_eq!(
            code(wallet.resolve(
                &[0xA0],
                &world.transcript,
                &common::trust(&world, &world.reader.anchors(), &[])
            )),
            Code::RequestMalformed
        );
        assert!(!wallet.has_pin());
    })
    .unwrap();
    assert!(wallet.has_pin());
    assert_eq!(wallet.list(NOW).unwrap().documents.len(), 1);
    // Dropped: it is there again.
    {
        let mut future = pin!(wallet.remove_pin(&pin, at(2)));
        assert!(
            future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
        assert_eq!(code(block_on(wallet.change_pin(&pin, &pin, at(2)))), Code::Busy);
    }
    assert_eq!(wallet.list(NOW).unwrap().documents.len(), 1);
    // Locked meanwhile: it ends, nothing was changed, and the vault comes back locked.
    let result = during(wallet.set_recovery_code(&pin, at(3)), || {
        assert_eq!(code(wallet.lock()), Code::Busy);
        assert_eq!(code(wallet.list(NOW)), Code::PinNeeded);
    });
    assert_eq!(code(result), Code::PinNeeded);
    assert_eq!(code(wallet.list(NOW)), Code::PinNeeded);
    wait(&behaviour, 0);
    let locked = wallet.lock().unwrap();
    assert_eq!(code(wallet.lock()), Code::PinNeeded);
    let again = block_on(locked.unlock(Some(&pin), at(4))).unwrap();
    assert!(!again.has_recovery_code());
    assert_eq!(again.list(NOW).unwrap().documents.len(), 1);
}

/// Calls the wallet where it may not be called: within a transaction, which draws nonces.
struct Nosy {
    inner: Arc<dyn Random>,
    hook: Mutex<Option<Hook>>,
}

impl Random for Nosy {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let hook = self.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook();
        }
        self.inner.fill(out)
    }
}

#[test]
fn a_call_within_a_transaction_is_told_so() {
    let dir = Dir::new();
    let world = World::new(1013);
    let random = Arc::new(Nosy {
        inner: common::random(),
        hook: Mutex::default(),
    });
    let wallet = Arc::new(block_on(Wallet::create_software(&dir.0, random.clone())).unwrap());
    take_in(&wallet, &world, 1);
    let codes: Arc<Mutex<Vec<Option<Code>>>> = Arc::default();
    let (holder, seen) = (Arc::clone(&wallet), Arc::clone(&codes));
    let hook = move || {
        let code = holder.list(NOW).err().map(|error| error.code());
        seen.lock().unwrap().push(code);
        if code.is_some() {
            seen.lock()
                .unwrap()
                .push(holder.delete_history(None, NOW).err().map(|error| error.code()));
        }
    };
    *random.hook.lock().unwrap() = Some(Arc::new(hook));
    wallet.name_authority(None, NOW).unwrap();
    *random.hook.lock().unwrap() = None;
    let seen = std::mem::take(&mut *codes.lock().unwrap());
    assert!(
        seen.len() >= 2 && seen.iter().flatten().all(|code| *code == Code::Busy),
        "{seen:?}"
    );
    assert!(seen.contains(&Some(Code::Busy)));

    // Locked there, it is locked as soon as the transaction is over, which holds.
    let holder = Arc::clone(&wallet);
    let hook = move || assert!(holder.lock().is_err());
    *random.hook.lock().unwrap() = Some(Arc::new(hook));
    wallet.name_authority(None, NOW).unwrap();
    *random.hook.lock().unwrap() = None;
    assert_eq!(code(wallet.list(NOW)), Code::UnlockNeeded);
    let wallet = block_on(wallet.lock().unwrap().unlock(None, at(5))).unwrap();
    assert_eq!(count(&wallet, Event::AuthorityRemoved), 2);
}

/// Two hundred calls of every kind at once; what was written is all there, in one unbroken chain.
#[test]
fn two_hundred_calls_at_once() {
    let (wallet, _, _dir, world) = shared(1014);
    let ids: Vec<_> = (1..=10).map(|number| take_in(&wallet, &world, number)).collect();
    let (wallet, world, ids) = (&*wallet, &world, &ids);
    let removed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..200_u64 {
            let removed = &removed;
            scope.spawn(move || match number % 8 {
                0 => drop(take_in(wallet, world, 100 + number)),
                1 => assert!(wallet.list(NOW).is_ok()),
                2 => {
                    let mut resolved = resolve(wallet, world);
                    let answered = block_on(answer(wallet, &mut resolved));
                    if let Err(error) = answered {
                        assert!(matches!(error.code(), Code::ReviewStale | Code::CopyAgain), "{error:?}");
                    }
                }
                3 => drop(block_on(wallet.create_device_key(Curve::P256, KeyPurpose::Sign)).unwrap()),
                4 => {
                    let gone = block_on(wallet.remove(ids[(number as usize / 8) % 10], NOW));
                    removed.fetch_add(usize::from(gone.is_ok()), Ordering::Relaxed);
                }
                5 => assert!(wallet.history().unwrap().problems.is_empty()),
                6 => assert!(wallet.check_all(NOW, None).unwrap().damaged.is_empty()),
                _ => {
                    let mut resolved = resolve(wallet, world);
                    wallet.decline(&mut resolved).unwrap();
                }
            });
        }
    });
    let listing = wallet.list(NOW).unwrap();
    assert_eq!((listing.documents.len(), listing.damaged.len()), (25, 0));
    assert_eq!(removed.load(Ordering::Relaxed), 10);
    assert!(wallet.history().unwrap().problems.is_empty());
    assert_eq!((count(wallet, Event::Import), count(wallet, Event::Removal)), (35, 10));
    assert!(wallet.is_intact().unwrap());
}
