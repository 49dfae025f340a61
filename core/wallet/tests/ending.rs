//! An area that never answers keeps nobody: locking ends the calls that wait for it, shutting down lets the files go.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::area::{Behaviour, TestArea};
use common::{Dir, at, block_on, code, digits, random, right};
use idwallet_crypto::area::{KeyPurpose, SecureArea};
use idwallet_crypto::{Argon2Params, Curve};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::{NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Approval, Code, CopiesPolicy, CopyMethod, ExportOptions, ImportOptions, NewCopy, Wallet, WalletError, WalletSession,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

struct Desk {
    dir: Dir,
    area: Arc<dyn SecureArea>,
    behaviour: Arc<Mutex<Behaviour>>,
    world: World,
    session: WalletSession,
}

/// A wallet with a licence of one copy, which is shown once, behind [`right`]; open.
fn desk(seed: u64) -> Desk {
    let (dir, world) = (Dir::new(), World::new(seed));
    let area = TestArea::new(&dir.0);
    let behaviour = Arc::clone(&area.behaviour);
    let area: Arc<dyn SecureArea> = Arc::new(area);
    let wallet = block_on(Wallet::create_with_pin(&dir.0, Arc::clone(&area), &right(), random())).unwrap();
    block_on(import(&wallet, &world, seed)).unwrap();
    let session = WalletSession::over(&dir.0, wallet, at(1));
    Desk {
        dir,
        area,
        behaviour,
        world,
        session,
    }
}

async fn import(wallet: &Wallet, world: &World, seed: u64) -> Result<(), WalletError> {
    let device_key = key(Curve::P256, seed);
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(*device_key.public_key());
    let credential = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
    let anchors = world.issuer.anchors();
    let options = ImportOptions::new()
        .copies(CopiesPolicy::new(CopyMethod::OnceOnly))
        .apart();
    let (policy, trust) = (Policy::iso().at(NOW), IssuerTrust::new(&anchors));
    let copies = vec![NewCopy::with_device_key(credential, device_key)];
    wallet.import_with(copies, &policy, &trust, options).await.map(drop)
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A call that waits for the area, which does not answer any more.
struct Waiting<'w, T> {
    name: &'static str,
    call: Pin<Box<dyn Future<Output = Result<T, WalletError>> + Send + 'w>>,
    woken: Arc<Woken>,
}

impl<'w, T> Waiting<'w, T> {
    fn begin(name: &'static str, call: impl Future<Output = Result<T, WalletError>> + Send + 'w) -> Self {
        let mut waiting = Self {
            name,
            call: Box::pin(call),
            woken: Arc::default(),
        };
        assert!(waiting.poll().is_pending(), "{name} waits");
        waiting
    }

    fn poll(&mut self) -> Poll<Result<T, WalletError>> {
        let waker = Waker::from(Arc::clone(&self.woken));
        self.call.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// It was woken, and is over as soon as it is polled.
    fn over(mut self) -> Code {
        assert!(self.woken.0.load(Ordering::SeqCst) > 0, "{} is woken", self.name);
        match self.poll() {
            Poll::Ready(result) => code(result),
            Poll::Pending => panic!("{} waits still", self.name),
        }
    }
}

impl Desk {
    fn hang(&self, hangs: bool) {
        self.behaviour.lock().unwrap().pending = if hangs { usize::MAX } else { 0 };
    }

    /// Another session over the same files, which are free.
    fn elsewhere(&self) -> WalletSession {
        let session = WalletSession::open(&self.dir.0, Arc::clone(&self.area), random()).unwrap();
        block_on(session.unlock(Some(&right()), at(60))).unwrap();
        session
    }

    fn is_unharmed(&self, session: &WalletSession) {
        let wallet = session.wallet(at(60)).unwrap();
        let documents = wallet.list(NOW).unwrap().documents;
        assert_eq!(documents.len(), 1);
        assert_eq!(documents[0].copies.unused, 1, "no copy was used up");
        assert_eq!(wallet.history().unwrap().problems, []);
    }
}

/// Locking ends every call of the open wallet, each in the midst of its wait.
#[test]
fn locking_ends_what_waits() {
    let desk = desk(1300);
    let wallet = desk.session.wallet(at(2)).unwrap();
    let request = desk.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = common::resolve(&wallet, &desk.world, &request).unwrap();
    let review = resolved.review().clone();
    let approval = Approval::everything(&review);
    let (old, new) = (right(), digits("590238"));
    let options = ExportOptions::new().cost(Argon2Params::new(16 * 1024, 2, 1).unwrap());
    let passphrase = "bốn con trâu gặm mây";
    let mut exporting = |_, _| {};
    desk.hang(true);
    let export = wallet.export(Vec::new(), passphrase, &options, NOW, &mut exporting);
    let export = async { export.await.map(drop) };
    let answer = async {
        wallet
            .respond(&mut resolved, review.handle, &approval, NOW)
            .await
            .map(drop)
    };
    let create = async { wallet.create_device_key(Curve::P256, KeyPurpose::Sign).await.map(drop) };
    let waiting = [
        Waiting::begin("respond", answer),
        Waiting::begin("create_device_key", create),
        Waiting::begin("import", import(&wallet, &desk.world, 1301)),
        Waiting::begin("export", export),
        // Has the vault to itself: the last one.
        Waiting::begin("change_pin", wallet.change_pin(&old, &new, at(2))),
    ];
    desk.session.lock();
    assert!(desk.session.is_locked());
    for call in waiting {
        let name = call.name;
        assert_eq!(call.over(), Code::PinNeeded, "{name}");
    }
    desk.hang(false);
    block_on(desk.session.unlock(Some(&old), at(3))).expect("the PIN is the old one");
    desk.is_unharmed(&desk.session);
}

/// A removal is done when the area has not destroyed the key yet.
#[test]
fn locking_takes_no_removal_back() {
    let desk = desk(1302);
    let wallet = desk.session.wallet(at(2)).unwrap();
    let id = wallet.list(NOW).unwrap().documents[0].id;
    desk.hang(true);
    let mut waiting = Waiting::begin("remove", wallet.remove(id, NOW));
    desk.session.lock();
    let Poll::Ready(removed) = waiting.poll() else {
        panic!("it waits still")
    };
    assert_eq!(removed.unwrap().keys_left, 1);
    desk.hang(false);
    block_on(desk.session.unlock(Some(&right()), at(3))).unwrap();
    let wallet = desk.session.wallet(at(3)).unwrap();
    assert!(wallet.list(NOW).unwrap().documents.is_empty());
    assert_eq!(block_on(wallet.sweep()).unwrap().keys_left, 0);
}

/// An unlocking that waits ends too, and the next one opens the files anew. What is asked of the locked wallet is not ended by one more lock.
#[test]
fn locking_ends_an_unlocking() {
    let desk = desk(1303);
    let pin = right();
    desk.session.lock();
    desk.hang(true);
    let waiting = Waiting::begin("unlock", desk.session.unlock(Some(&pin), at(3)));
    desk.session.lock();
    assert_eq!(waiting.over(), Code::PinNeeded);
    let mut access = Waiting::begin("access", async { desk.session.access(at(3)).await.map(drop) });
    desk.session.lock();
    assert!(access.poll().is_pending());
    drop(access);
    desk.hang(false);
    block_on(desk.session.unlock(Some(&pin), at(4))).unwrap();
    desk.is_unharmed(&desk.session);
}

/// Keys that were made for what locking ended are destroyed, however long the area takes for it.
#[test]
fn locking_leaves_no_key_behind() {
    let desk = desk(1307);
    let wallet = desk.session.wallet(at(2)).unwrap();
    let alive = || desk.behaviour.lock().unwrap().alive.clone();
    let called = |method| {
        desk.behaviour
            .lock()
            .unwrap()
            .calls
            .iter()
            .filter(|name| **name == method)
            .count()
    };
    let (before, taken, deleted) = (alive(), called("import_key"), called("delete"));
    desk.behaviour.lock().unwrap().pending = 1;
    let mut importing = Waiting::begin("import", import(&wallet, &desk.world, 1308));
    desk.session.lock();
    let ended = (0..9).find_map(|_| match importing.poll() {
        Poll::Ready(result) => Some(code(result)),
        Poll::Pending => None,
    });
    assert_eq!(ended, Some(Code::PinNeeded));
    assert_eq!((called("import_key"), called("delete")), (taken + 1, deleted + 1));
    assert_eq!(alive(), before);

    // An area that is silent now keeps the call until all is shut down, and no longer.
    desk.behaviour.lock().unwrap().pending = 0;
    block_on(desk.session.unlock(Some(&right()), at(3))).unwrap();
    let wallet = desk.session.wallet(at(3)).unwrap();
    desk.behaviour.lock().unwrap().pending = 1;
    let mut importing = Waiting::begin("import", import(&wallet, &desk.world, 1309));
    let hang = Arc::clone(&desk.behaviour);
    let silent = move || hang.lock().unwrap().pending = usize::MAX;
    desk.behaviour.lock().unwrap().hook = Some(("import_key", Arc::new(silent)));
    desk.session.lock();
    assert!(importing.poll().is_pending());
    desk.session.shutdown();
    assert_eq!(importing.over(), Code::PinNeeded);
    desk.hang(false);
    desk.behaviour.lock().unwrap().hook = None;
    desk.is_unharmed(&desk.elsewhere());
}

/// Shutting down closes the files at once, whoever still holds the wallet or waits in it.
#[test]
fn shutting_down_frees_the_files() {
    let desk = desk(1304);
    let wallet = desk.session.wallet(at(2)).unwrap();
    desk.hang(true);
    let create = async { wallet.create_device_key(Curve::P256, KeyPurpose::Sign).await.map(drop) };
    let waiting = Waiting::begin("create_device_key", create);
    desk.session.shutdown();
    desk.session.shutdown();
    desk.hang(false);
    let session = desk.elsewhere();
    desk.is_unharmed(&session);
    assert_eq!(waiting.over(), Code::PinNeeded);
    assert_eq!(code(wallet.list(NOW)), Code::PinNeeded);
    assert_eq!(code(desk.session.wallet(at(3))), Code::HandleClosed);
    assert_eq!(
        code(block_on(desk.session.unlock(Some(&right()), at(3)))),
        Code::HandleClosed
    );
    assert_eq!(code(block_on(desk.session.access(at(3)))), Code::HandleClosed);
    assert_eq!(code(block_on(desk.session.close())), Code::HandleClosed);
    assert_eq!(code(desk.session.needs_pin()), Code::HandleClosed);
    assert_eq!(desk.session.lock_if_idle(at(3)), None);
    assert!(desk.session.is_locked());
    desk.session.lock();
}

/// The same where a call has the vault in its hands: the files are free when it has ended.
#[test]
fn shutting_down_ends_a_call_that_has_the_vault() {
    let desk = desk(1305);
    let wallet = desk.session.wallet(at(2)).unwrap();
    let (old, new) = (right(), digits("590238"));
    desk.hang(true);
    let waiting = Waiting::begin("change_pin", wallet.change_pin(&old, &new, at(2)));
    desk.session.shutdown();
    assert_eq!(waiting.over(), Code::PinNeeded);
    desk.hang(false);
    desk.is_unharmed(&desk.elsewhere());
}

/// And of the locked wallet: everything that waits ends.
#[test]
fn shutting_down_ends_what_is_asked_of_the_locked_wallet() {
    type Call = fn(&WalletSession) -> Pin<Box<dyn Future<Output = Result<(), WalletError>> + Send + '_>>;
    let calls: [(&'static str, Call); 7] = [
        ("unlock", |session| {
            Box::pin(async { session.unlock(Some(&right()), at(3)).await })
        }),
        ("unlock_closed", |session| {
            Box::pin(async { session.unlock_closed(Some(&right()), at(3)).await })
        }),
        ("access", |session| {
            Box::pin(async { session.access(at(3)).await.map(drop) })
        }),
        ("close", |session| Box::pin(async { session.close().await })),
        ("is_closed", |session| {
            Box::pin(async { session.is_closed().await.map(drop) })
        }),
        ("held_papers", |session| {
            Box::pin(async { session.held_papers().await.map(drop) })
        }),
        ("order_address", |session| {
            Box::pin(async { session.order_address().await.map(drop) })
        }),
    ];
    let desk = desk(1306);
    desk.session.shutdown();
    for (name, call) in calls {
        let session = WalletSession::open(&desk.dir.0, Arc::clone(&desk.area), random()).unwrap();
        desk.hang(true);
        let waiting = Waiting::begin(name, call(&session));
        session.shutdown();
        assert_eq!(waiting.over(), Code::HandleClosed, "{name}");
        desk.hang(false);
        desk.is_unharmed(&desk.elsewhere());
    }
}
