//! A secure area that stalls, fails, or cannot count, as the test wants; underneath, the software area.

use idwallet_crypto::area::{
    Capabilities, CounterId, Counters, CreatedKey, KeyId, KeyPurpose, KeySpec, PortFuture, SecureArea, SecureAreaError,
};
use idwallet_crypto::{PrivateKey, PublicKey, SecretBytes};
use idwallet_storage::SoftwareSecureArea;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

#[derive(Default)]
pub struct Temper {
    /// The call, counted from 0, that never returns: before the work, or after it.
    pub stall: Option<(usize, bool)>,
    /// The method that fails, with what.
    pub fail: Option<(&'static str, SecureAreaError)>,
    /// The method whose next answer is replaced, once, and by what.
    pub wrong: Option<(&'static str, Vec<u8>)>,
    pub cannot_count: bool,
    /// The method that first lets others go ahead.
    pub waits: Option<&'static str>,
    pub calls: Vec<&'static str>,
}

pub struct TestArea {
    inner: SoftwareSecureArea,
    pub file: PathBuf,
    pub temper: Mutex<Temper>,
}

impl TestArea {
    pub fn new(file: &Path) -> Self {
        let inner = SoftwareSecureArea::create(file, super::random())
            .or_else(|_| SoftwareSecureArea::open(file, super::random()))
            .unwrap();
        Self {
            inner,
            file: file.to_path_buf(),
            temper: Mutex::default(),
        }
    }

    pub fn set(&self, change: impl FnOnce(&mut Temper)) {
        change(&mut self.temper.lock().unwrap());
    }

    /// How often a method was called.
    pub fn called(&self, method: &str) -> usize {
        let temper = self.temper.lock().unwrap();
        temper.calls.iter().filter(|name| **name == method).count()
    }

    fn run<'a, T: Send + 'a>(&'a self, name: &'static str, work: PortFuture<'a, T>) -> PortFuture<'a, T> {
        Box::pin(async move {
            let (stall, fail, waits) = {
                let mut temper = self.temper.lock().unwrap();
                let number = temper.calls.len();
                temper.calls.push(name);
                let stall = temper.stall.filter(|(at, _)| *at == number).map(|(_, after)| after);
                let fail = temper.fail.clone().filter(|(method, _)| *method == name);
                (stall, fail.map(|(_, error)| error), temper.waits == Some(name))
            };
            if waits {
                let mut is_first = true;
                std::future::poll_fn(|_| match std::mem::take(&mut is_first) {
                    true => Poll::Pending,
                    false => Poll::Ready(()),
                })
                .await;
            }
            if stall == Some(false) {
                std::future::pending::<()>().await;
            }
            if let Some(error) = fail {
                return Err(error);
            }
            let out = work.await;
            if stall == Some(true) {
                std::future::pending::<()>().await;
            }
            out
        })
    }

    /// The answer, or what the test wants in its place.
    fn answer<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        work: PortFuture<'a, T>,
        wrong: fn(Vec<u8>) -> T,
    ) -> PortFuture<'a, T> {
        let right = self.run(name, work);
        Box::pin(async move {
            let right = right.await?;
            let instead = self.temper.lock().unwrap().wrong.take_if(|(method, _)| *method == name);
            Ok(instead.map_or(right, |(_, bytes)| wrong(bytes)))
        })
    }

    fn counting<'a, T: Send + 'a>(&'a self, name: &'static str, work: PortFuture<'a, T>) -> PortFuture<'a, T> {
        if self.temper.lock().unwrap().cannot_count {
            return Box::pin(std::future::ready(Err(SecureAreaError::Unsupported("count"))));
        }
        self.run(name, work)
    }
}

impl SecureArea for TestArea {
    fn capabilities(&self) -> PortFuture<'_, Capabilities> {
        Box::pin(async move {
            let mut out = self.inner.capabilities().await?;
            if self.temper.lock().unwrap().cannot_count {
                out.counters = Counters::None;
            }
            Ok(out)
        })
    }

    fn create_key<'a>(&'a self, spec: &'a KeySpec) -> PortFuture<'a, CreatedKey> {
        self.run("create_key", self.inner.create_key(spec))
    }

    fn import_key<'a>(&'a self, key: PrivateKey, purpose: KeyPurpose) -> PortFuture<'a, CreatedKey> {
        self.run("import_key", self.inner.import_key(key, purpose))
    }

    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey> {
        self.run("public_key", self.inner.public_key(id))
    }

    fn sign<'a>(&'a self, id: &'a KeyId, message: &'a [u8]) -> PortFuture<'a, Vec<u8>> {
        self.run("sign", self.inner.sign(id, message))
    }

    fn agree<'a>(&'a self, id: &'a KeyId, peer: &'a PublicKey) -> PortFuture<'a, SecretBytes> {
        self.run("agree", self.inner.agree(id, peer))
    }

    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>> {
        self.answer("wrap", self.inner.wrap(context, secret), |bytes| bytes)
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes> {
        // The outer key is asked for without the PIN; the data key's context says how it is wrapped.
        let name = if context.starts_with(b"idwallet vault 2 outer") {
            "unwrap outer"
        } else {
            "unwrap data"
        };
        self.answer(name, self.inner.unwrap(context, wrapped), SecretBytes::new)
    }

    fn delete<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, ()> {
        self.run("delete", self.inner.delete(id))
    }

    fn create_counter(&self) -> PortFuture<'_, CounterId> {
        self.counting("create_counter", self.inner.create_counter())
    }

    fn read_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        self.counting("read_counter", self.inner.read_counter(id))
    }

    fn increment_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        self.counting("increment_counter", self.inner.increment_counter(id))
    }

    fn delete_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, ()> {
        self.counting("delete_counter", self.inner.delete_counter(id))
    }
}

/// The result of a future that does not wait.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    poll_once(future).expect("the area waited")
}

/// Polls once and drops: a kill, as far as files are concerned.
pub fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
