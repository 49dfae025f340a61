//! Trust lists, status lists, snapshots. What an authority did not sign is not believed.

use crate::tell;
use idwallet_cose::Sign1Builder;
use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Curve, PrivateKey};
use idwallet_status_list::{
    IdentifierList, ListPolicy, ListTrust, StatusList, UnverifiedIdentifierList, UnverifiedStatusList,
};
use idwallet_test_support::{NOW, World, key};
use idwallet_trust::snapshot::SNAPSHOT_TYPE;
use idwallet_trust::{
    DocTypes, SnapshotPolicy, SnapshotTrust, TrustSnapshot, TrustStore, UnverifiedVical, VicalPolicy, VicalProviders,
};
use std::sync::LazyLock;

/// The world whose authority signs the seeds.
pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| World::new(7));
/// The key that signs snapshots and what the fuzzer puts into them.
pub(crate) static SNAPSHOT_KEY: LazyLock<PrivateKey> = LazyLock::new(|| key(Curve::P256, 21));

fn providers(world: &World) -> VicalProviders {
    let mut providers = VicalProviders::new();
    providers.add(world.issuer.authority.clone());
    providers
}

static PROVIDERS: LazyLock<VicalProviders> = LazyLock::new(|| providers(&WORLD));
/// An authority that signed nothing.
static STRANGER: LazyLock<World> = LazyLock::new(|| World::new(8));
static STRANGERS: LazyLock<VicalProviders> = LazyLock::new(|| providers(&STRANGER));

/// A trust list.
pub fn vical(data: &[u8]) {
    let vical = match UnverifiedVical::parse(data) {
        Ok(vical) => vical,
        Err(error) => return tell(&error),
    };
    let header = vical.dangerous_header();
    std::hint::black_box((
        header.version,
        vical.dangerous_entries().len(),
        vical.dangerous_chain().len(),
    ));
    for policy in [VicalPolicy::iso(NOW), VicalPolicy::new(NOW)] {
        assert!(
            vical.verify(&STRANGERS, &policy).is_err(),
            "a stranger's list is not believed"
        );
        match vical.verify(&PROVIDERS, &policy) {
            Ok(verified) => {
                std::hint::black_box((
                    verified.entries().len(),
                    verified.dropped().len(),
                    verified.findings().len(),
                ));
                let mut store = TrustStore::new();
                if let Err(error) = store.add_vical(verified) {
                    tell(&error);
                }
                std::hint::black_box(store.doc_types_of(&WORLD.issuer.authority) == DocTypes::Any);
            }
            Err(error) => tell(&error),
        }
    }
}

/// A list inside a token, and by itself.
fn walk(list: &StatusList<'_>) {
    let list = list.with_max_inflated(1 << 20);
    let count = match list.count() {
        Ok(count) => count,
        Err(error) => {
            assert!(
                list.status(1 << 40).is_err(),
                "no answer from a broken list beyond its end"
            );
            return tell(&error);
        }
    };
    let mut not_valid = 0_u64;
    let visited = list.for_each_not_valid(|index, status| {
        assert!(index < count && !status.is_valid());
        not_valid += 1;
    });
    assert_eq!(visited.unwrap(), count);
    assert!(list.status(count).is_err(), "an index beyond the end has no answer");
    if count > 0 {
        let ends = list.statuses(&[0, count - 1, count / 2, 0]).unwrap();
        assert_eq!(ends[0], ends[3]);
        assert_eq!(ends[1], list.status(count - 1).unwrap());
        assert!(not_valid > 0 || ends.iter().all(|status| status.is_valid()));
    }
}

/// Status lists and identifier lists: as tokens, as the CBOR inside.
pub fn status_list(data: &[u8]) {
    let trust = ListTrust::IssuingAuthority(&WORLD.issuer.authority);
    match UnverifiedStatusList::parse(data) {
        Ok(token) => {
            walk(token.dangerous_list());
            std::hint::black_box((token.dangerous_claims().subject, token.dangerous_chain().len()));
            let subject = token.dangerous_claims().subject.to_owned();
            let stranger = ListTrust::IssuingAuthority(&STRANGER.issuer.authority);
            assert!(
                token
                    .clone()
                    .verify(&subject, &stranger, &ListPolicy::new(NOW))
                    .is_err(),
                "a stranger's list"
            );
            if let Err(error) = token.verify(&subject, &trust, &ListPolicy::new(NOW)) {
                tell(&error);
            }
        }
        Err(error) => tell(&error),
    }
    match UnverifiedIdentifierList::parse(data) {
        Ok(token) => {
            std::hint::black_box(token.dangerous_list().status(&[1]));
            let subject = token.dangerous_claims().subject.to_owned();
            if let Err(error) = token.verify(&subject, &trust, &ListPolicy::new(NOW)) {
                tell(&error);
            }
        }
        Err(error) => tell(&error),
    }
    match StatusList::parse(data) {
        Ok(list) => walk(&list),
        Err(error) => tell(&error),
    }
    match IdentifierList::parse(data) {
        Ok(list) => {
            std::hint::black_box((list.len(), list.aggregation_uri(), list.status(data)));
        }
        Err(error) => tell(&error),
    }
}

/// The first byte chooses: a snapshot as it comes, or the contents of one, which is then signed as it must be to be looked at.
pub fn snapshot(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let wrapped;
    let file = if kind % 2 == 0 {
        rest
    } else {
        let builder = Sign1Builder::new().tagged().typ(SNAPSHOT_TYPE).payload(rest);
        wrapped = builder.sign(&*SNAPSHOT_KEY).unwrap();
        &wrapped
    };
    let trust = SnapshotTrust::Key(SNAPSHOT_KEY.public_key());
    match TrustSnapshot::open(file, &trust, &SnapshotPolicy::new(NOW)) {
        Ok(snapshot) => {
            let store = TrustStore::from_snapshot(&snapshot, &VicalPolicy::new(NOW));
            std::hint::black_box((
                store.crls().len(),
                store.lists().len(),
                store.problems().len(),
                store.created_at(),
            ));
            let anchors: Vec<&Certificate> = store
                .issuer_anchors()
                .iter()
                .map(|anchor| anchor.certificate())
                .collect();
            for anchor in anchors {
                std::hint::black_box((store.doc_types_of(anchor), snapshot.fetched_at(anchor)));
            }
            if let Ok(builder) = snapshot.refresh(snapshot.created_at()) {
                let again = builder
                    .sign(&*SNAPSHOT_KEY, &[])
                    .expect("what was opened can be written");
                let policy = SnapshotPolicy::new(NOW);
                TrustSnapshot::open(&again, &trust, &policy).expect("and opened again");
            }
        }
        Err(error) => tell(&error),
    }
}
