//! A secure area that waits, fails, or counts, as the test wants.

use idwallet_crypto::area::{
    Capabilities, CounterId, CreatedKey, KeyId, KeyPurpose, KeySpec, PortFuture, SecureArea, SecureAreaError,
};
use idwallet_crypto::{PrivateKey, PublicKey, SecretBytes};
use idwallet_storage::SoftwareSecureArea;
use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Poll;

pub type Hook = Arc<dyn Fn() + Send + Sync>;

/// What the area did, by the name of the method.
#[derive(Default)]
pub struct Behaviour {
    /// Methods that fail from now on, with what.
    pub fail: Option<(&'static str, SecureAreaError)>,
    /// How often every call says that it is not ready.
    pub pending: usize,
    pub calls: Vec<&'static str>,
    /// Gives a signature that is not the key's.
    pub lies: bool,
    /// Keys do not come in and do not go out.
    pub is_hardware: bool,
    /// Keys that were made inside do not go out.
    pub binds_own: bool,
    pub bound: Vec<KeyId>,
    /// Called at each call of this method, before it does anything.
    pub hook: Option<(&'static str, Hook)>,
    /// Keys that were made or taken in, and not deleted.
    pub alive: Vec<KeyId>,
}

/// The software area, with another temper.
pub struct TestArea {
    inner: SoftwareSecureArea,
    pub behaviour: Arc<Mutex<Behaviour>>,
}

impl TestArea {
    pub fn new(dir: &Path) -> Self {
        let file = dir.join("area.key");
        let inner = SoftwareSecureArea::create(&file, super::random())
            .or_else(|_| SoftwareSecureArea::open(&file, super::random()))
            .unwrap();
        Self {
            inner,
            behaviour: Arc::default(),
        }
    }

    fn run<'a, T: Send + 'a>(&'a self, name: &'static str, work: PortFuture<'a, T>) -> PortFuture<'a, T> {
        Box::pin(async move {
            let mut left = self.behaviour.lock().unwrap().pending;
            poll_fn(|_| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                Poll::Pending
            })
            .await;
            let hook = self.behaviour.lock().unwrap().hook.clone();
            if let Some((_, hook)) = hook.filter(|(method, _)| *method == name) {
                hook();
            }
            {
                let mut behaviour = self.behaviour.lock().unwrap();
                behaviour.calls.push(name);
                if let Some((method, error)) = &behaviour.fail
                    && *method == name
                {
                    return Err(error.clone());
                }
            }
            work.await
        })
    }
}

impl SecureArea for TestArea {
    fn capabilities(&self) -> PortFuture<'_, Capabilities> {
        let is_hardware = self.behaviour.lock().unwrap().is_hardware;
        self.run(
            "capabilities",
            Box::pin(async move {
                let mut capabilities = self.inner.capabilities().await?;
                capabilities.import &= !is_hardware;
                Ok(capabilities)
            }),
        )
    }

    fn create_key<'a>(&'a self, spec: &'a KeySpec) -> PortFuture<'a, CreatedKey> {
        let binds = Arc::clone(&self.behaviour);
        self.run(
            "create_key",
            Box::pin(async move {
                let created = self.inner.create_key(spec).await?;
                let mut behaviour = binds.lock().unwrap();
                behaviour.alive.push(created.id.clone());
                if behaviour.binds_own {
                    behaviour.bound.push(created.id.clone());
                }
                Ok(created)
            }),
        )
    }

    fn import_key<'a>(&'a self, key: PrivateKey, purpose: KeyPurpose) -> PortFuture<'a, CreatedKey> {
        let is_hardware = self.behaviour.lock().unwrap().is_hardware;
        let refused = SecureAreaError::Unsupported("import a key");
        self.run(
            "import_key",
            Box::pin(async move {
                if is_hardware {
                    return Err(refused);
                }
                let created = self.inner.import_key(key, purpose).await?;
                self.behaviour.lock().unwrap().alive.push(created.id.clone());
                Ok(created)
            }),
        )
    }

    fn export_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PrivateKey> {
        let behaviour = self.behaviour.lock().unwrap();
        let is_hardware = behaviour.is_hardware || behaviour.bound.contains(id);
        drop(behaviour);
        let refused = SecureAreaError::Unsupported("export a key");
        self.run(
            "export_key",
            Box::pin(async move {
                if is_hardware {
                    return Err(refused);
                }
                self.inner.export_key(id).await
            }),
        )
    }

    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey> {
        self.run("public_key", self.inner.public_key(id))
    }

    fn sign<'a>(&'a self, id: &'a KeyId, message: &'a [u8]) -> PortFuture<'a, Vec<u8>> {
        let lies = self.behaviour.lock().unwrap().lies;
        self.run(
            "sign",
            self.inner.sign(id, if lies { b"something else" } else { message }),
        )
    }

    fn agree<'a>(&'a self, id: &'a KeyId, peer: &'a PublicKey) -> PortFuture<'a, SecretBytes> {
        self.run("agree", self.inner.agree(id, peer))
    }

    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>> {
        self.run("wrap", self.inner.wrap(context, secret))
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes> {
        self.run("unwrap", self.inner.unwrap(context, wrapped))
    }

    fn delete<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, ()> {
        self.run(
            "delete",
            Box::pin(async move {
                self.behaviour.lock().unwrap().alive.retain(|alive| alive != id);
                self.inner.delete(id).await
            }),
        )
    }

    fn create_counter(&self) -> PortFuture<'_, CounterId> {
        self.run("create_counter", self.inner.create_counter())
    }

    fn read_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        self.run("read_counter", self.inner.read_counter(id))
    }

    fn increment_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        self.run("increment_counter", self.inner.increment_counter(id))
    }

    fn delete_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, ()> {
        self.run("delete_counter", self.inner.delete_counter(id))
    }
}
