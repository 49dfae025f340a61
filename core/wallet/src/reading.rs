//! A time that was read for a session.

use core::time::Duration;
use idwallet_crypto::Moment;

/// A time, and what the session had been told when the clock was asked for it: [`WalletSession::read`](crate::WalletSession::read) makes it.
///
/// Two threads read the clock in one order and may call the session in the other. The later call then brings the earlier time, which is what a clock
/// looks like that went back, and that locks. A reading tells the two apart: a time that is not before what the session knew when the clock
/// was *asked* was overtaken, however long its call took, and counts as the latest that is known; one that is before it went back.
///
/// A bare [`Moment`] stands for one that was read after everything else that the session was told: enough where calls come one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    moment: Moment,
    /// The latest uptime that the session knew before the clock was asked.
    since: Option<Duration>,
}

impl Reading {
    pub(crate) const fn new(moment: Moment, since: Duration) -> Self {
        Self {
            moment,
            since: Some(since),
        }
    }

    /// The time as the clock gave it.
    #[must_use]
    pub const fn moment(self) -> Moment {
        self.moment
    }

    /// The time as it counts where `latest` is known, which it becomes.
    pub(crate) fn told(self, latest: &mut Duration) -> Moment {
        let is_overtaken = self.since.is_some_and(|since| since <= self.moment.uptime);
        if !is_overtaken || *latest < self.moment.uptime {
            *latest = self.moment.uptime;
        }
        Moment {
            uptime: *latest,
            ..self.moment
        }
    }
}

impl From<Moment> for Reading {
    fn from(moment: Moment) -> Self {
        Self { moment, since: None }
    }
}
