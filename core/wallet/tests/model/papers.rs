//! What an issuer has for this wallet: papers of several people, each in one or several editions, each edition in one or several
//! copies.

use crate::common::again;
use idwallet_crypto::{Curve, Date, PrivateKey};
use idwallet_mdoc::names::MDL_DOC_TYPE;
use idwallet_test_support::{DAY, NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{CopiesPolicy, CopyMethod, NewCopy};
use std::sync::OnceLock;

pub struct Issue {
    pub paper: usize,
    pub edition: i64,
    /// `None`: as usual.
    pub policy: Option<CopiesPolicy>,
    copies: Vec<(Vec<u8>, PrivateKey)>,
}

impl Issue {
    pub fn number(&self) -> String {
        number(self.paper)
    }

    pub fn copies(&self) -> usize {
        self.copies.len()
    }

    pub fn new_copies(&self) -> Vec<NewCopy> {
        let copies = self.copies.iter();
        copies
            .map(|(bytes, key)| NewCopy::with_device_key(bytes.clone(), again(key)))
            .collect()
    }

    /// Its first copy with a byte turned over.
    pub fn damaged(&self) -> Vec<NewCopy> {
        let (bytes, key) = &self.copies[0];
        let mut bytes = bytes.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        vec![NewCopy::with_device_key(bytes, again(key))]
    }

    /// How its copies are used when nothing is said: a single one again and again, several once each.
    pub fn methods(&self) -> Vec<CopyMethod> {
        match &self.policy {
            Some(policy) => policy.methods().to_vec(),
            None if self.copies.len() == 1 => vec![CopyMethod::LimitedTime],
            None => vec![CopyMethod::OnceOnly],
        }
    }
}

fn number(paper: usize) -> String {
    format!("UT-0000-{paper:04}")
}

pub struct Office {
    pub world: World,
    pub issues: Vec<Issue>,
}

/// The one office: made once, because signing takes time.
pub fn office() -> &'static Office {
    static OFFICE: OnceLock<Office> = OnceLock::new();
    OFFICE.get_or_init(|| {
        let world = World::new(4242);
        let fallback = || CopiesPolicy::new(CopyMethod::OnceOnly).then(CopyMethod::LimitedTime);
        let rows = [
            (0, 0, 1, None),
            (0, 1, 3, None),
            (0, 2, 2, Some(fallback())),
            (1, 0, 3, Some(CopiesPolicy::new(CopyMethod::RotatingBatch))),
            (1, 1, 2, Some(fallback())),
            (2, 0, 3, Some(CopiesPolicy::new(CopyMethod::PerReader))),
            (2, 1, 1, None),
            (3, 0, 2, None),
        ];
        let issues = rows
            .into_iter()
            .zip(0..)
            .map(|((paper, edition, copies, policy), row)| {
                let keys: Vec<PrivateKey> = (0..copies).map(|n| key(Curve::P256, 42_000 + row * 10 + n)).collect();
                let mut elements = mdl_elements();
                elements.retain(|(name, _)| !["document_number", "birth_date"].contains(name));
                elements.push(("document_number", number(paper).as_str().into()));
                // A person has one licence: a second one would be a new edition of it, whatever its number.
                let born = Date::parse(&format!("1986-02-1{paper}")).unwrap();
                elements.push(("birth_date", born.into()));
                let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements)
                    .signed_at(NOW.saturating_add_seconds((edition - 5) * DAY))
                    .copies(keys.iter().map(|key| *key.public_key()));
                let issued = issuer.issue(&world.random).unwrap().into_iter();
                Issue {
                    paper,
                    edition,
                    policy,
                    copies: issued.map(|mdoc| mdoc.issuer_signed).zip(keys).collect(),
                }
            });
        let issues = issues.collect();
        Office { world, issues }
    })
}
