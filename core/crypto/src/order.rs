//! Sorting and collecting by code that is there once. The standard library's sort is written out for every type it is used for, 4 to 6 KB each, and a
//! `BTreeMap` collected from an iterator sorts as well: together they were 150 KB of the library that apps carry.

use core::cmp::Ordering;

/// Stable sorting of short lists: positions are sorted, and the values moved once. Takes a list of positions beside the values; where a hundred
/// thousand values may be sorted while a person waits, `sort_by` is the better.
pub trait Order<T> {
    /// Sorts by a comparison.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Sorts by what a function makes of a value.
    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Sorts, smallest first.
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }
}

impl<T> Order<T> for [T] {
    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let positions = sorted(self.len(), &mut |a, b| match (self.get(a), self.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        place(positions, &mut |a, b| self.swap(a, b));
    }
}

/// Collecting into a map or a set one by one.
pub trait Gather: Iterator + Sized {
    /// As `collect` does: of equal keys the last value counts.
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Gather for I {}

/// Which value belongs at each position.
fn sorted(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..len).collect();
    positions.sort_by(|a, b| compare(*a, *b));
    positions
}

/// Moves the values there, ring by ring: the value that belongs at a position is taken from where it lies, and what lay at the position goes there.
fn place(mut positions: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for first in 0..positions.len() {
        let mut at = first;
        while let Some(from) = positions.get_mut(at).map(|position| core::mem::replace(position, at)) {
            if from == first || from == at {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, reason = "a test")]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Gather as _, Order as _};

    /// Lists of every length up to 200 with many equal keys, from a congruential generator.
    fn lists() -> impl Iterator<Item = Vec<(u8, usize)>> {
        let mut state = 7_u32;
        (0..200).map(move |len| {
            let mut next = |at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 28) as u8, at)
            };
            (0..len).map(&mut next).collect()
        })
    }

    #[test]
    fn the_order_is_that_of_the_standard_library_and_stable() {
        for list in lists() {
            let (mut expected, mut ordered) = (list.clone(), list);
            expected.sort_by_key(|(key, _)| *key);
            ordered.order_by_key(|(key, _)| *key);
            assert_eq!(ordered, expected);
            expected.sort_by(|a, b| b.cmp(a));
            ordered.order_by(|a, b| b.cmp(a));
            assert_eq!(ordered, expected);
            expected.sort();
            ordered.order();
            assert_eq!(ordered, expected);
        }
    }

    #[test]
    fn what_is_gathered_is_what_is_collected() {
        for list in lists() {
            let expected: BTreeMap<u8, usize> = list.iter().copied().collect();
            assert_eq!(list.iter().copied().gather::<BTreeMap<u8, usize>>(), expected);
            let expected: BTreeSet<(u8, usize)> = list.iter().copied().collect();
            assert_eq!(list.into_iter().gather::<BTreeSet<(u8, usize)>>(), expected);
        }
    }
}
