//! The model of the way in: who tried, how long to wait, what holds against a file that was put back.

use core::time::Duration;

/// Of the file.
#[derive(Debug, Clone, Default)]
pub struct Door {
    pub pin: Option<usize>,
    /// Which of the recovery codes that were ever drawn.
    pub code: Option<usize>,
    pub failures: u32,
    wait: Duration,
    since: Duration,
    pub restored: bool,
    /// How many tries of the area it knows of.
    seen: u64,
}

/// Of the secure area: no file that is put back changes it.
#[derive(Debug, Clone, Default)]
pub struct Area {
    pub tries: u64,
    /// How often the wallet was opened.
    pub opened: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum No {
    PinNeeded,
    Wait(Duration),
    Wrong { left: u32, wait: Option<Duration> },
}

/// Five wrong PINs are free; each one after them costs more.
fn wait_after(failures: u32) -> Duration {
    Duration::from_secs(match failures {
        ..=5 => 0,
        6 => 30,
        7 => 60,
        8 => 300,
        9 => 900,
        10 => 3_600,
        11 => 14_400,
        _ => 86_400,
    })
}

impl Door {
    /// Takes from the wait what has passed, and adds the tries that the file does not know of.
    pub fn look(&mut self, area: &Area, uptime: Duration) {
        let unknown = area.tries - self.seen;
        if unknown > 0 {
            self.failures += u32::try_from(unknown).unwrap();
            self.restored |= unknown > 1;
            self.seen = area.tries;
            self.wait = wait_after(self.failures);
            self.since = uptime;
        } else if !self.wait.is_zero() {
            let passed = uptime.checked_sub(self.since).unwrap_or(uptime);
            self.wait = self.wait.saturating_sub(passed);
            self.since = uptime;
        }
    }

    pub fn wait(&self) -> Duration {
        self.wait
    }

    pub fn left(&self) -> u32 {
        6_u32.saturating_sub(self.failures)
    }

    /// Tries a PIN. Gives what there was to tell of before.
    pub fn try_pin(&mut self, area: &mut Area, pin: Option<usize>, uptime: Duration) -> Result<(u32, bool), No> {
        let Some(right) = self.pin else { return Ok((0, false)) };
        self.look(area, uptime);
        let pin = pin.ok_or(No::PinNeeded)?;
        if !self.wait.is_zero() {
            return Err(No::Wait(self.wait));
        }
        let before = (self.failures, self.restored);
        self.count(area, uptime);
        if pin != right {
            return Err(No::Wrong {
                left: self.left(),
                wait: Some(self.wait).filter(|wait| !wait.is_zero()),
            });
        }
        self.forgive();
        Ok(before)
    }

    /// A try counts before it is made.
    pub fn count(&mut self, area: &mut Area, uptime: Duration) {
        area.tries += 1;
        self.seen = area.tries;
        self.failures += 1;
        self.wait = wait_after(self.failures);
        self.since = uptime;
    }

    pub fn forgive(&mut self) {
        self.failures = 0;
        self.wait = Duration::ZERO;
        self.restored = false;
    }
}
