//! Look-up in compressed lists, and making them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;
use std::io::Write as _;

use common::{LIST, Provider, URI};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use idwallet_crypto::Random as _;
use idwallet_status_list::{
    Bits, IdentifierListBuilder, IndexPool, ListPolicy, Status, StatusList, StatusListBuilder, StatusListError as E,
    UnverifiedIdentifierList, UnverifiedStatusList, check_index, limits,
};
use idwallet_test_support::{DAY, NOW, SeededRandom};
use proptest::prelude::*;

fn zlib(raw: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

fn one_bit(lst: &[u8]) -> StatusList<'_> {
    StatusList::new(Bits::One, lst)
}

/// G-C07: every value.
#[test]
fn values_mean_what_the_registry_says() {
    let raw: Vec<u8> = (0..=255).collect();
    let lst = zlib(&raw);
    let list = StatusList::new(Bits::Eight, &lst);
    let all: Vec<u64> = (0..256).collect();
    let statuses = list.statuses(&all).unwrap();
    for (value, status) in (0_u8..=255).zip(statuses) {
        let expected = match value {
            0 => Status::Valid,
            1 => Status::Invalid,
            2 => Status::Suspended,
            3 | 12..=15 => Status::ApplicationSpecific(value),
            _ => Status::Unassigned(value),
        };
        assert_eq!(status, expected);
        assert_eq!((status.value(), status.is_valid()), (value, value == 0));
    }
}

/// G-V05: beyond the list there is no status, alone or among others.
#[test]
fn an_index_beyond_the_list_is_unknown() {
    let lst = zlib(&[0, 0]);
    let list = one_bit(&lst);
    assert_eq!(list.status(15), Ok(Status::Valid));
    for idx in [16, u64::MAX] {
        assert_eq!(list.status(idx), Err(E::IndexOutOfRange { idx, entries: 16 }));
        assert_eq!(
            list.statuses(&[0, idx, 1]),
            Err(E::IndexOutOfRange { idx, entries: 16 })
        );
    }
    let empty = zlib(&[]);
    assert_eq!(
        one_bit(&empty).status(0),
        Err(E::IndexOutOfRange { idx: 0, entries: 0 })
    );
}

/// G-C01: sizes.
#[test]
fn other_sizes_are_refused() {
    let provider = Provider::new(1);
    for bits in [0, 3, 5, 16, 256] {
        let raw = provider.raw().claim(LIST, |e| {
            e.map(2).text("bits").uint(bits).text("lst").bytes(&zlib(&[0]));
        });
        assert_eq!(
            UnverifiedStatusList::parse(&raw.sign(&provider.key)).unwrap_err(),
            E::Bits,
            "{bits}"
        );
    }
}

/// G-C02: ZLIB and nothing like it.
#[test]
fn other_compressions_are_refused() {
    let raw = [0_u8; 64];
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&raw).unwrap();
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(&raw).unwrap();
    for lst in [gzip.finish().unwrap(), deflate.finish().unwrap(), raw.to_vec()] {
        assert_eq!(one_bit(&lst).status(0), Err(E::NotZlib));
    }
    // A preset dictionary (RFC 1950 §2.2).
    assert_eq!(one_bit(&[0x78, 0xbb, 0, 0, 0, 0, 3, 0]).status(0), Err(E::NotZlib));
    for short in [&[][..], &[0x78]] {
        assert_eq!(one_bit(short).status(0), Err(E::InflateTruncated));
    }
}

/// G-C03: every truncation, a byte too much, a wrong checksum, whichever index is asked for.
#[test]
fn damaged_compression_is_refused() {
    let raw: Vec<u8> = (0..4000_u32).map(|n| (n * n % 251) as u8).collect();
    let good = zlib(&raw);
    assert_eq!(one_bit(&good).count(), Ok(32_000));
    for length in 2..good.len() {
        assert!(one_bit(&good[..length]).status(0).is_err(), "{length}");
    }
    let trailing = [&good[..], &[0]].concat();
    assert_eq!(one_bit(&trailing).status(0), Err(E::InflateTrailing));
    let twice = [&good[..], &good[..]].concat();
    assert_eq!(one_bit(&twice).status(0), Err(E::InflateTrailing));
    let mut checksum = good.clone();
    *checksum.last_mut().unwrap() ^= 1;
    assert_eq!(one_bit(&checksum).status(0), Err(E::Inflate));
}

/// G-C03, X-C09: the two bounds on inflation.
#[test]
fn a_bomb_is_refused() {
    let million = zlib(&vec![0; 1 << 20]);
    assert_eq!(one_bit(&million).count(), Ok(8 << 20));
    assert_eq!(
        one_bit(&million).with_max_inflated(1 << 19).status(0),
        Err(E::InflateLimit)
    );
    // Twenty million bytes out of twenty thousand.
    let bomb = zlib(&vec![0; 20 << 20]);
    assert!((20 << 20) / bomb.len() as u64 > limits::RATIO);
    assert_eq!(one_bit(&bomb).status(0), Err(E::InflateRatio));
    // The caller's limit reaches through the policy.
    let provider = Provider::new(1);
    let token = provider.raw().lst(&million).sign(&provider.key);
    let mut policy = ListPolicy::new(NOW);
    assert!(check_index(&token, 8_000_000, URI, &provider.trust(), &policy).is_valid());
    policy.max_inflated = 1 << 19;
    assert!(!check_index(&token, 0, URI, &provider.trust(), &policy).is_valid());
    let many = vec![0; limits::INDICES + 1];
    assert_eq!(one_bit(&million).statuses(&many), Err(E::TooManyIndices));
}

/// A-I22, G-I04: revoked for good; suspended not.
#[test]
fn revocation_is_permanent() {
    let mut list = StatusListBuilder::new(Bits::Two, 8).unwrap();
    list.set(3, Status::Suspended).unwrap().set(3, Status::Valid).unwrap();
    list.set(3, Status::Invalid).unwrap().set(3, Status::Invalid).unwrap();
    for status in [Status::Valid, Status::Suspended] {
        assert_eq!(list.set(3, status).unwrap_err(), E::RevocationIsPermanent);
    }
    assert_eq!(list.status(3), Ok(Status::Invalid));
    // Nor by way of the published list.
    let encoded = list.encode_list().unwrap();
    let mut again = StatusListBuilder::from_list(&StatusList::parse(&encoded).unwrap()).unwrap();
    assert_eq!(again.set(3, Status::Valid).unwrap_err(), E::RevocationIsPermanent);
}

/// A-I22: one bit has no room for a third status.
#[test]
fn a_status_that_does_not_fit_is_refused() {
    let mut list = StatusListBuilder::new(Bits::One, 8).unwrap();
    assert_eq!(list.set(0, Status::Suspended).unwrap_err(), E::StatusTooLarge);
    assert_eq!(
        list.set(8, Status::Invalid).unwrap_err(),
        E::IndexOutOfRange { idx: 8, entries: 8 }
    );
}

/// G-I02: whole bytes, all valid at first.
#[test]
fn lists_are_padded_with_valid_entries() {
    for (bits, entries, padded) in [
        (Bits::One, 9, 16),
        (Bits::Two, 5, 8),
        (Bits::Four, 3, 4),
        (Bits::Eight, 3, 3),
    ] {
        let list = StatusListBuilder::new(bits, entries).unwrap();
        assert_eq!(list.len(), padded);
        let encoded = list.encode_list().unwrap();
        let list = StatusList::parse(&encoded).unwrap();
        assert_eq!(list.for_each_not_valid(|idx, _| panic!("{idx}")), Ok(padded));
    }
    assert_eq!(StatusListBuilder::new(Bits::One, 0).unwrap_err(), E::Size);
    assert_eq!(
        StatusListBuilder::new(Bits::Eight, limits::INFLATED + 1).unwrap_err(),
        E::Size
    );
}

/// A-I21, G-I03: what a list needs before it is signed.
#[test]
fn incomplete_lists_are_not_signed() {
    let provider = Provider::new(1);
    let end = NOW.saturating_add_seconds(DAY);
    let new = || StatusListBuilder::new(Bits::One, 8).unwrap();
    let bad = [
        new().validity(NOW, end),
        new().uri(URI),
        new().uri("").validity(NOW, end),
        new().uri(URI).validity(NOW, NOW),
        new().uri(URI).validity(NOW, end).time_to_live(0),
        new().uri(URI).validity(NOW, end).time_to_live(DAY as u64 + 1),
        new().uri(URI).validity(NOW, end).aggregation_uri(""),
    ];
    for list in bad {
        assert_eq!(list.sign(&provider.key, &provider.chain()).unwrap_err(), E::Claims);
    }
    let good = new()
        .uri(URI)
        .validity(NOW, end)
        .time_to_live(DAY as u64)
        .aggregation_uri("https://example.org/all");
    let token = good.sign(&provider.key, &provider.chain()).unwrap();
    let list = UnverifiedStatusList::parse(&token).unwrap();
    assert_eq!(list.dangerous_list().aggregation_uri(), Some("https://example.org/all"));
    assert_eq!(list.dangerous_chain(), [provider.signer.der()]);
    for chain in [vec![], vec![provider.pki.signer.clone()]] {
        assert_eq!(good.sign(&provider.key, &chain).unwrap_err(), E::SignerChain);
    }
    let mut identifiers = IdentifierListBuilder::new();
    assert_eq!(identifiers.revoke(b"").unwrap_err(), E::Size);
    assert_eq!(identifiers.revoke(&[0; limits::IDENTIFIER + 1]).unwrap_err(), E::Size);
    assert_eq!(
        identifiers.sign(&provider.key, &provider.chain()).unwrap_err(),
        E::Claims
    );
}

/// G-I01, A-I23: each index once, in no order.
#[test]
fn indices_are_given_out_once_and_in_no_order() {
    let random = SeededRandom::new(3);
    let mut pool = IndexPool::from_used(1000, &(0..100).collect());
    let given: Vec<u64> = (0..900).map(|_| pool.allocate(&random).unwrap()).collect();
    assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), 900);
    assert!(given.iter().all(|idx| (100..1000).contains(idx)));
    assert!(!given.is_sorted() && pool.is_empty());
    assert_eq!(pool.allocate(&random), Err(E::Exhausted));
    let other: Vec<u64> = {
        let mut pool = IndexPool::new(1000);
        (0..10).map(|_| pool.allocate(&SeededRandom::new(4)).unwrap()).collect()
    };
    assert_ne!(given[..10], other[..]);
}

/// G-V07: no bit of a token is unsigned.
#[test]
fn no_flipped_bit_is_believed() {
    let provider = Provider::new(1);
    let token = provider.token();
    for bit in 0..token.len() * 8 {
        let mut altered = token.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(!provider.check(&altered).is_valid(), "bit {bit}");
    }
    for length in 0..token.len() {
        assert!(!provider.check(&token[..length]).is_valid(), "{length}");
    }
    println!(
        "{} flipped bits and {} truncations refused",
        token.len() * 8,
        token.len()
    );
}

/// X-C09: random bytes, and random pieces of good tokens, do not panic.
#[test]
fn arbitrary_bytes_do_not_panic() {
    let provider = Provider::new(1);
    let token = provider.token();
    let random = SeededRandom::new(8);
    for round in 0..20_000_usize {
        let mut bytes = vec![0; round % 200];
        random.fill(&mut bytes).unwrap();
        let _ = StatusList::parse(&bytes).map(|list| list.status(0));
        let _ = one_bit(&bytes).statuses(&[0, 9, 1 << 40]);
        let header = [&[0x78, 0xda][..], &bytes].concat();
        let _ = one_bit(&header).count();
        let mut spliced = token.clone();
        let at = round * 7919 % token.len();
        let end = (at + bytes.len()).min(token.len());
        spliced[at..end].copy_from_slice(&bytes[..end - at]);
        if end > at && spliced != token {
            assert!(!provider.check(&spliced).is_valid());
        }
        let _ = UnverifiedIdentifierList::parse(&spliced);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// G-C01: what is set is what is read, in one pass or one by one, and nothing else.
    #[test]
    fn what_is_set_is_read(entries in 1_u64..3000, sets in proptest::collection::btree_map(0_u64..3000, 0_u8..=255, 0..60)) {
        for bits in [Bits::One, Bits::Two, Bits::Four, Bits::Eight] {
            let mut list = StatusListBuilder::new(bits, entries).unwrap();
            let mut expected = std::collections::BTreeMap::new();
            for (idx, value) in &sets {
                let status = Status::from_value(value & bits.largest());
                if *idx < list.len() {
                    list.set(*idx, status).unwrap();
                    expected.insert(*idx, status);
                }
            }
            let encoded = list.encode_list().unwrap();
            let read = StatusList::parse(&encoded).unwrap();
            let all: Vec<u64> = (0..list.len()).rev().collect();
            for (idx, status) in all.iter().zip(read.statuses(&all).unwrap()) {
                prop_assert_eq!(status, expected.get(idx).copied().unwrap_or(Status::Valid));
            }
        }
    }
}
