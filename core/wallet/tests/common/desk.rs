//! A wallet of Việt Nam with papers of sample people, signed by an issuer that looks at nothing.

use super::{Dir, block_on, create, overwrite, random};
use idwallet_crypto::{Curve, PrivateKey, Timestamp};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::{DAY, NOW, Unchecked, World, key, sample_elements};
use idwallet_wallet::{DocumentId, Finding, Imported, NewCopy, Wallet, WalletError};

/// A wallet, and the issuer of its country.
pub struct Desk {
    pub world: World,
    pub wallet: Wallet,
    pub dir: Dir,
    pub seed: u64,
}

pub fn later(days: i64) -> Timestamp {
    NOW.saturating_add_seconds(days * DAY)
}

impl Desk {
    pub fn new(seed: u64) -> Self {
        let dir = Dir::new();
        Self {
            world: World::in_country("VN", seed),
            wallet: create(&dir.0),
            dir,
            seed,
        }
    }

    /// A device key of its own for each number.
    pub fn key(&self, number: u64) -> PrivateKey {
        key(Curve::P256, self.seed * 1000 + number)
    }

    /// A sample person's document in which everything is right.
    pub fn good(&self, sample: &str, number: u64) -> Unchecked {
        let (doc_type, elements) = sample_elements(sample);
        Unchecked {
            doc_type,
            elements,
            device_key: *self.key(number).public_key(),
            signed: later(-1),
            valid_from: later(-1),
            valid_until: later(100),
        }
    }

    pub fn import_at(&mut self, signed: Vec<u8>, number: u64, at: Timestamp) -> Result<Imported, WalletError> {
        let copies = vec![NewCopy::with_device_key(signed, self.key(number))];
        let anchors = self.world.issuer.anchors();
        block_on(
            self.wallet
                .import(copies, &Policy::iso().at(at), &IssuerTrust::new(&anchors)),
        )
    }

    pub fn import(&mut self, document: &Unchecked, number: u64) -> Imported {
        self.import_at(document.sign(&self.world), number, NOW).unwrap()
    }

    pub fn findings(&self, id: DocumentId, at: Timestamp) -> Vec<Finding> {
        self.wallet.check(id, at, None).unwrap().findings
    }

    /// The findings once the stored bytes were changed under the wallet's own seal.
    pub fn after(self, id: DocumentId, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<Finding> {
        drop(self.wallet);
        overwrite(&self.dir, id, change);
        let wallet = block_on(Wallet::open_software(&self.dir.0, random())).unwrap();
        wallet.check(id, NOW, None).unwrap().findings
    }

    /// The findings once another rightly signed document stands in its place.
    pub fn replaced(mut self, change: impl FnOnce(&mut Unchecked)) -> Vec<Finding> {
        let mut document = self.good("social-insurance", 0);
        let id = self.import(&document, 0).id;
        change(&mut document);
        let other = document.sign(&self.world);
        self.after(id, |_| other)
    }
}
