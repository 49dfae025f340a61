//! What keeps a panic, a poisoned lock or a session in use from reaching the app as anything but an error.

use crate::WalletError;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Runs one call. What it changed before it panicked is what the core made durable; nothing in here has a half-changed state of its own.
pub(crate) fn sync<T>(call: impl FnOnce() -> Result<T, WalletError>) -> Result<T, WalletError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(WalletError::panicked()))
}

/// The same for a call that waits.
pub(crate) async fn until_done<T>(call: impl Future<Output = Result<T, WalletError>>) -> Result<T, WalletError> {
    let mut call = pin!(call);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
        Ok(poll) => poll,
        Err(_) => Poll::Ready(Err(WalletError::panicked())),
    })
    .await
}

/// A lock whose holder panicked is taken all the same: see [`sync`].
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a session is to be ended once the call that uses it has given it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Cancel,
    ConnectionLost,
}

enum State<T> {
    Here(T),
    /// A call that waits for the person has it.
    Lent {
        ending: Option<Ending>,
        waker: Option<Waker>,
    },
    Gone,
}

/// One session, lent to one waiting call at a time. Whoever comes meanwhile is not kept waiting, and can end it.
pub(crate) struct Slot<T>(Mutex<State<T>>);

/// The session while a call that waits has it; goes back when dropped, whatever becomes of the call.
pub(crate) struct Loan<'s, T, E: FnMut(&mut T, Ending)> {
    slot: &'s Slot<T>,
    value: Option<T>,
    end: E,
}

impl<T> Slot<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(State::Here(value)))
    }

    /// Uses it at once.
    pub(crate) fn with<R>(&self, call: impl FnOnce(&mut T) -> Result<R, WalletError>) -> Result<R, WalletError> {
        match &mut *lock(&self.0) {
            State::Here(value) => call(value),
            State::Lent { .. } => Err(WalletError::busy()),
            State::Gone => Err(WalletError::session_over()),
        }
    }

    /// Takes it for a call that waits.
    pub(crate) fn lend<E: FnMut(&mut T, Ending)>(&self, end: E) -> Result<Loan<'_, T, E>, WalletError> {
        let mut state = lock(&self.0);
        match &*state {
            State::Lent { .. } => return Err(WalletError::busy()),
            State::Gone => return Err(WalletError::session_over()),
            State::Here(_) => {}
        }
        let lent = State::Lent {
            ending: None,
            waker: None,
        };
        let value = match core::mem::replace(&mut *state, lent) {
            State::Here(value) => Some(value),
            _ => None,
        };
        drop(state);
        Ok(Loan { slot: self, value, end })
    }

    /// Runs the call that has borrowed it, until it is done or the session is ended from elsewhere.
    pub(crate) async fn until_ended<R>(
        &self,
        call: impl Future<Output = Result<R, WalletError>>,
    ) -> Result<R, WalletError> {
        let mut call = pin!(call);
        poll_fn(|cx| {
            if let State::Lent { ending, waker } = &mut *lock(&self.0) {
                if ending.is_some() {
                    return Poll::Ready(Err(WalletError::session_over()));
                }
                *waker = Some(cx.waker().clone());
            }
            call.as_mut().poll(cx)
        })
        .await
    }

    /// Ends it: now, or as soon as the call that has it can be stopped, which is woken for that.
    pub(crate) fn end(&self, how: Ending, end: impl FnOnce(&mut T)) {
        let waker = match &mut *lock(&self.0) {
            State::Here(value) => {
                end(value);
                None
            }
            State::Lent { ending, waker } => {
                ending.get_or_insert(how);
                waker.take()
            }
            State::Gone => None,
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes it out for good.
    pub(crate) fn take(&self) -> Result<T, WalletError> {
        let mut state = lock(&self.0);
        match core::mem::replace(&mut *state, State::Gone) {
            State::Here(value) => Ok(value),
            lent @ State::Lent { .. } => {
                *state = lent;
                Err(WalletError::busy())
            }
            State::Gone => Err(WalletError::session_over()),
        }
    }
}

impl<T, E: FnMut(&mut T, Ending)> Loan<'_, T, E> {
    /// The session.
    pub(crate) fn value(&mut self) -> Result<&mut T, WalletError> {
        self.value.as_mut().ok_or_else(WalletError::session_over)
    }
}

impl<T, E: FnMut(&mut T, Ending)> Drop for Loan<'_, T, E> {
    fn drop(&mut self) {
        let Some(mut value) = self.value.take() else { return };
        let mut state = lock(&self.slot.0);
        if let State::Lent { ending: Some(how), .. } = *state {
            (self.end)(&mut value, how);
        }
        *state = State::Here(value);
    }
}
