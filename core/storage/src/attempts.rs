//! What was tried: how many PINs were wrong, how long to wait, whether an order holds the vault. Arithmetic alone; [`door`](crate::door)
//! reads and writes it.

use crate::manifest::take;
use std::time::Duration;

/// So many wrong PINs in a row cost no wait.
const FREE: u32 = 5;
/// The waits from the sixth wrong PIN on, in seconds; the last one stays.
const WAITS: [u64; 7] = [30, 60, 5 * 60, 15 * 60, 3600, 4 * 3600, LONGEST];
const LONGEST: u64 = 24 * 3600;
/// What is assumed when nobody knows how often was tried: as many as cost the longest wait.
pub(crate) const UNKNOWN: u32 = 12;
/// Format 1 had no [`State::header`].
const FORMAT: u8 = 2;
const HELD: u8 = 1;
const RESTORED: u8 = 2;

/// An uptime as the state keeps it. One that is finer would seem to lie before the one kept, which is what a restart looks like.
fn kept(uptime: Duration) -> Duration {
    Duration::from_millis(u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX))
}

/// How long to wait after so many wrong PINs in a row.
pub(crate) fn wait_after(failures: u32) -> Duration {
    let seconds = match failures.checked_sub(FREE) {
        None | Some(0) => 0,
        Some(over) => {
            let at = usize::try_from(over.saturating_sub(1)).unwrap_or(usize::MAX);
            WAITS.get(at).copied().unwrap_or(LONGEST)
        }
    };
    Duration::from_secs(seconds)
}

/// How many more wrong PINs there may be until one costs a wait.
pub(crate) fn left_after(failures: u32) -> u32 {
    FREE.saturating_add(1).saturating_sub(failures)
}

/// What the area's counter of tries says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// The area has no counters: the sealed state alone counts.
    None,
    /// Its value.
    Value(u64),
    /// The area does not know the counter: its file was removed, or the area was reset. The value is that of the new one.
    Lost(u64),
}

impl Count {
    /// Where the count begins from here.
    pub(crate) const fn value(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Value(value) | Self::Lost(value) => value,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// Grows with every write, so that the newer of two copies is known.
    pub(crate) sequence: u64,
    /// The area's counter as of this state.
    pub(crate) seen: u64,
    pub(crate) failures: u32,
    /// What is left of the wait.
    pub(crate) remaining: Duration,
    /// The uptime up to which the wait was reckoned.
    pub(crate) since: Duration,
    pub(crate) held: bool,
    /// The number of the last order.
    pub(crate) order: u64,
    /// The state was lost or put back at some time since the last right PIN.
    pub(crate) restored: bool,
    /// The header that it was written beside. `None`: by software that did not note it.
    pub(crate) header: Option<[u8; 32]>,
}

impl State {
    pub(crate) const fn new(count: Count) -> Self {
        Self {
            sequence: 0,
            seen: count.value(),
            failures: 0,
            remaining: Duration::ZERO,
            since: Duration::ZERO,
            held: false,
            order: 0,
            restored: false,
            header: None,
        }
    }

    /// The state that holds at `uptime`, from what the file has and what the area has counted; and whether it is to be written.
    pub(crate) fn reckon(found: Option<Self>, count: Count, uptime: Duration) -> (Self, bool) {
        let uptime = kept(uptime);
        let Some(mut state) = found else {
            let mut state = Self::new(count);
            state.doubt(UNKNOWN, uptime);
            return (state, true);
        };
        let counted = count.value();
        match count {
            Count::Lost(_) => state.doubt(UNKNOWN, uptime),
            Count::None => return state.credited(uptime),
            Count::Value(_) if counted == state.seen => return state.credited(uptime),
            // The counter went back.
            Count::Value(_) if counted < state.seen => state.doubt(UNKNOWN, uptime),
            // Tries that this file does not know of: it was put back, or the power went between counting and writing.
            Count::Value(_) => {
                let more = counted.saturating_sub(state.seen);
                let failures = state.failures.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
                let restored = state.restored || more > 1;
                state.doubt(failures, uptime);
                state.restored = restored;
            }
        }
        state.seen = counted;
        (state, true)
    }

    /// At least so many failures, and their whole wait anew.
    fn doubt(&mut self, failures: u32, uptime: Duration) {
        self.failures = self.failures.max(failures);
        self.remaining = wait_after(self.failures);
        self.since = uptime;
        self.restored = true;
    }

    /// Takes off the wait what has passed for certain. After a restart that is the time since the start: uptime begins again at zero.
    fn credited(mut self, uptime: Duration) -> (Self, bool) {
        if self.remaining.is_zero() {
            return (self, false);
        }
        let passed = uptime.checked_sub(self.since).unwrap_or(uptime);
        self.remaining = self.remaining.saturating_sub(passed);
        self.since = uptime;
        (self, true)
    }

    /// Before a try: it counts as failed until it is known to be right.
    pub(crate) fn begin(&mut self, counted: Option<u64>, uptime: Duration) {
        if let Some(counted) = counted {
            self.seen = counted;
        }
        self.failures = self.failures.saturating_add(1);
        self.remaining = wait_after(self.failures);
        self.since = kept(uptime);
    }

    /// After a right PIN.
    pub(crate) const fn succeed(&mut self) {
        self.failures = 0;
        self.remaining = Duration::ZERO;
        self.restored = false;
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let mut flags = 0;
        if self.held {
            flags |= HELD;
        }
        if self.restored {
            flags |= RESTORED;
        }
        let format = if self.header.is_some() { FORMAT } else { 1 };
        let mut out = vec![format, flags];
        out.extend_from_slice(&self.failures.to_be_bytes());
        let (remaining, since) = (millis(self.remaining), millis(self.since));
        for number in [self.sequence, self.seen, remaining, since, self.order] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend(self.header.iter().flatten());
        out
    }

    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let [format @ 1..=FORMAT, flags] = take(&mut bytes).ok()? else {
            return None;
        };
        let failures = u32::from_be_bytes(take(&mut bytes).ok()?);
        let mut number = || take(&mut bytes).map(u64::from_be_bytes).ok();
        let mut out = Self {
            failures,
            sequence: number()?,
            seen: number()?,
            remaining: Duration::from_millis(number()?),
            since: Duration::from_millis(number()?),
            order: number()?,
            held: flags & HELD != 0,
            restored: flags & RESTORED != 0,
            header: None,
        };
        if format == FORMAT {
            out.header = Some(take(&mut bytes).ok()?);
        }
        bytes.is_empty().then_some(out)
    }
}
