//! What a list says about one credential.

use crate::StatusListError;

/// A status value (draft-ietf-oauth-status-list §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// 0x00: the credential holds.
    Valid,
    /// 0x01: revoked for good.
    Invalid,
    /// 0x02: does not hold for now.
    Suspended,
    /// 0x03 and 0x0C to 0x0F: a meaning of the application's own. Not valid unless the application says so.
    ApplicationSpecific(u8),
    /// A value without a registered meaning. Not valid (G-C07).
    Unassigned(u8),
}

impl Status {
    /// The status with this value.
    #[must_use]
    pub const fn from_value(value: u8) -> Self {
        match value {
            0x00 => Self::Valid,
            0x01 => Self::Invalid,
            0x02 => Self::Suspended,
            0x03 | 0x0c..=0x0f => Self::ApplicationSpecific(value),
            _ => Self::Unassigned(value),
        }
    }

    /// The value in the list.
    #[must_use]
    pub const fn value(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::ApplicationSpecific(value) | Self::Unassigned(value) => value,
        }
    }

    /// Whether the credential holds: [`Status::Valid`] and nothing else.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid)
    }
}

/// How many bits an entry has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bits {
    /// Valid and invalid; the one size for driving licences (ISO 18013-5 2nd edition §12.3.6.5).
    One = 1,
    /// Suspended too.
    Two = 2,
    /// Sixteen values.
    Four = 4,
    /// All values.
    Eight = 8,
}

impl Bits {
    /// The size with this number.
    ///
    /// # Errors
    /// [`StatusListError::Bits`] for anything but 1, 2, 4 and 8 (G-C01).
    pub const fn from_number(bits: u64) -> Result<Self, StatusListError> {
        match bits {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            4 => Ok(Self::Four),
            8 => Ok(Self::Eight),
            _ => Err(StatusListError::Bits),
        }
    }

    /// 1, 2, 4 or 8.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Entries in a byte: 8, 4, 2 or 1.
    #[must_use]
    pub const fn per_byte(self) -> u8 {
        match self {
            Self::One => 8,
            Self::Two => 4,
            Self::Four => 2,
            Self::Eight => 1,
        }
    }

    /// The largest value of an entry.
    #[must_use]
    pub const fn largest(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 3,
            Self::Four => 15,
            Self::Eight => 255,
        }
    }

    /// Byte and shift of an entry, counted from the least significant bit (G-C01).
    pub(crate) const fn place(self, idx: u64) -> (u64, u32) {
        match self {
            Self::One => (idx >> 3, (idx & 7) as u32),
            Self::Two => (idx >> 2, ((idx & 3) << 1) as u32),
            Self::Four => (idx >> 1, ((idx & 1) << 2) as u32),
            Self::Eight => (idx, 0),
        }
    }

    /// The entry at `shift` of a byte.
    pub(crate) fn extract(self, byte: u8, shift: u32) -> Status {
        Status::from_value(byte.checked_shr(shift).unwrap_or_default() & self.largest())
    }
}
