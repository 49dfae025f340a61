//! What ends a call that waits.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::task::{Poll, Waker};
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// Given once and for good; whoever waits beside it is woken and waits no longer.
#[derive(Default)]
pub(crate) struct Signal {
    given: AtomicBool,
    waiting: Mutex<BTreeMap<u64, Waker>>,
    next: AtomicU64,
}

impl Signal {
    pub(crate) fn is_given(&self) -> bool {
        self.given.load(Ordering::Acquire)
    }

    /// Given, but nobody is woken for it: [`give`](Self::give) has to follow.
    pub(crate) fn set(&self) {
        self.given.store(true, Ordering::Release);
    }

    pub(crate) fn give(&self) {
        // Where both happen at once: who finds no waker here, finds it given there.
        self.set();
        let waiting = core::mem::take(&mut *self.waiting.lock());
        // With nothing held: a waker is code of whoever runs the futures.
        waiting.into_values().for_each(Waker::wake);
    }

    /// What the work comes to, or nothing if the signal is given while it waits: it is dropped then. What can go on without waiting does.
    pub(crate) async fn unless_given<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let place = Place {
            signal: self,
            number: self.next.fetch_add(1, Ordering::Relaxed),
        };
        let mut work = pin!(work);
        poll_fn(|cx| {
            // Before the work: it may be the work that gives the signal.
            let before = self.waiting.lock().insert(place.number, cx.waker().clone());
            drop(before);
            match work.as_mut().poll(cx) {
                Poll::Ready(out) => Poll::Ready(Some(out)),
                Poll::Pending if self.is_given() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

/// Where a call's waker lies; taken away with the call.
struct Place<'s> {
    signal: &'s Signal,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let waker = self.signal.waiting.lock().remove(&self.number);
        drop(waker);
    }
}
