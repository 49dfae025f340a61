//! The anchor: a counter of the secure area, by which a vault file that was put back whole is known.
//!
//! The root of the manifest says what the counter is to say. The first write after an anchoring says one more, and the next anchoring
//! raises the counter to it. So the file is level with the counter, or one ahead when the power went before the anchoring; a file that is
//! behind was put back.

use crate::manifest::Anchor;
use crate::{Error, Vault};
use idwallet_crypto::area::{CounterId, Counters, SecureArea, SecureAreaError};

/// Whether the vault's file is the one last written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollback {
    /// It is, as of the last anchoring.
    None,
    /// Nobody can tell: the area has no counters, the vault was never anchored, or its manifest is damaged.
    NotDetectable,
    /// It is not: an older file was put back, or the area's counter was lost. The vault opens all the same; its owner is told.
    Detected {
        /// What the file says.
        file: u64,
        /// What the area says; `None`: it does not know the counter any more.
        area: Option<u64>,
    },
}

impl Vault {
    /// Whether the vault's file is the one last written, as of its opening and the anchorings since.
    #[must_use]
    pub const fn rollback(&self) -> Rollback {
        self.rollback
    }

    /// Raises the area's counter to what was written, so that from now on every file from before is known as such. Does nothing when
    /// nothing was written since the last time, or when a rollback was detected and not accepted.
    ///
    /// # Errors
    /// [`Error::Area`]; [`Error::ManifestDamaged`]; those of writing, the first time.
    pub async fn anchor(&mut self, area: &dyn SecureArea) -> Result<Rollback, Error> {
        let Some(anchor) = self.root()?.anchor.clone() else {
            return self.new_anchor(area).await;
        };
        if matches!(self.rollback, Rollback::Detected { .. }) || self.anchored == Some(anchor.value) {
            return Ok(self.rollback);
        }
        let id = CounterId::new(anchor.counter);
        // Read again: an anchoring that was dropped half way may have raised it.
        let mut value = area.read_counter(&id).await?;
        if value.checked_add(1) == Some(anchor.value) {
            value = area.increment_counter(&id).await?;
        }
        self.compare(anchor.value, Some(value));
        Ok(self.rollback)
    }

    /// Anchors at the beginning of a session, once for all of its writes: the counter is raised past every file from before, and the
    /// session's own writes stay level with it. What can be put back unseen is a state of this session alone, such as one that a
    /// crash left. Costs a write of the file and one of the counter.
    ///
    /// # Errors
    /// As [`anchor`](Self::anchor).
    pub async fn anchor_session(&mut self, area: &dyn SecureArea) -> Result<Rollback, Error> {
        if self.anchor(area).await? != Rollback::None {
            return Ok(self.rollback);
        }
        // Raises the number, as the first write after an anchoring does.
        self.transaction(|transaction| -> Result<(), Error> {
            transaction.touched = true;
            Ok(())
        })?;
        self.anchor(area).await?;
        // The writes to come are not the first: they raise nothing.
        self.anchored = None;
        Ok(self.rollback)
    }

    /// Takes the file as it is for the current one, after its owner was told what [`rollback`](Self::rollback) says.
    ///
    /// # Errors
    /// As [`anchor`](Self::anchor).
    pub async fn accept_rollback(&mut self, area: &dyn SecureArea) -> Result<Rollback, Error> {
        let (Rollback::Detected { .. }, Some(mut anchor)) = (self.rollback, self.root()?.anchor.clone()) else {
            return Ok(self.rollback);
        };
        let id = CounterId::new(anchor.counter.as_slice());
        match area.read_counter(&id).await {
            Ok(value) => anchor.value = value,
            Err(SecureAreaError::NotFound) => return self.new_anchor(area).await,
            Err(error) => return Err(error.into()),
        }
        self.write_anchor(anchor)?;
        Ok(self.rollback)
    }

    async fn new_anchor(&mut self, area: &dyn SecureArea) -> Result<Rollback, Error> {
        if area.capabilities().await?.counters == Counters::None {
            return Ok(self.rollback);
        }
        let id = area.create_counter().await?;
        let value = area.read_counter(&id).await?;
        self.write_anchor(Anchor {
            value,
            counter: id.as_bytes().to_vec(),
        })?;
        Ok(self.rollback)
    }

    /// Writes a root whose anchor is level with the counter.
    fn write_anchor(&mut self, anchor: Anchor) -> Result<(), Error> {
        let value = anchor.value;
        self.transaction(|transaction| -> Result<(), Error> {
            transaction.root.anchor = Some(anchor);
            transaction.touched = true;
            Ok(())
        })?;
        self.compare(value, Some(value));
        Ok(())
    }

    /// At opening. The first time that a vault meets an area with counters it is anchored; that this fails does not keep it shut.
    pub(crate) async fn look_at_anchor(&mut self, area: &dyn SecureArea) -> Result<(), Error> {
        let anchor = match self.root() {
            Ok(root) => root.anchor.clone(),
            Err(Error::ManifestDamaged) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(anchor) = anchor else {
            let _ = self.new_anchor(area).await;
            return Ok(());
        };
        let area = match area.read_counter(&CounterId::new(anchor.counter)).await {
            Ok(value) => Some(value),
            Err(SecureAreaError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        self.compare(anchor.value, area);
        Ok(())
    }

    fn compare(&mut self, file: u64, area: Option<u64>) {
        let level = |value| value == file || file.checked_sub(1) == Some(value);
        self.rollback = if area.is_some_and(level) {
            self.anchored = area;
            Rollback::None
        } else {
            self.anchored = None;
            Rollback::Detected { file, area }
        };
    }
}
