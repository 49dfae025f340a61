//! Argon2id (RFC 9106), which makes every guess of a password cost time and memory.

use crate::{CryptoError, Secret};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

/// What one guess costs. Only values within the bounds of [`new`](Self::new) exist, so that a file cannot ask for more memory or
/// time than a telephone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Params {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Params {
    /// For a PIN typed on a telephone: 64 MiB, 3 passes, 1 lane (the memory and passes of RFC 9106 §4's second choice).
    pub const PIN: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };

    /// `memory_kib` in KiB, from 8 per lane to 1 GiB; 1 to 64 passes; 1 to 16 lanes.
    ///
    /// # Errors
    /// [`CryptoError::Length`] outside these.
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, CryptoError> {
        if lanes < 1
            || lanes > 16
            || passes < 1
            || passes > 64
            || memory_kib < lanes.saturating_mul(8)
            || memory_kib > 1024 * 1024
        {
            return Err(CryptoError::Length("Argon2id parameters"));
        }
        Ok(Self {
            memory_kib,
            passes,
            lanes,
        })
    }

    /// Memory in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// How often the memory is gone through.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// How many lanes could be computed at once.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }

    fn context<'s>(self, secret: &'s [u8], data: &[u8]) -> Result<Argon2<'s>, CryptoError> {
        let refused = |_| CryptoError::Length("Argon2id parameters");
        let mut params = argon2::ParamsBuilder::new();
        params
            .m_cost(self.memory_kib)
            .t_cost(self.passes)
            .p_cost(self.lanes)
            .output_len(32);
        if !data.is_empty() {
            params.data(argon2::AssociatedData::new(data).map_err(refused)?);
        }
        let params: Params = params.build().map_err(refused)?;
        if secret.is_empty() {
            return Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params));
        }
        Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params).map_err(refused)
    }
}

/// 32 bytes from a password by Argon2id, version 0x13 (RFC 9106). The memory it works in is wiped.
///
/// # Errors
/// [`CryptoError::Length`] for a salt under 8 bytes, or when there is not that much memory.
pub fn argon2id(password: &[u8], salt: &[u8], params: Argon2Params) -> Result<Secret<[u8; 32]>, CryptoError> {
    run(&params.context(&[], &[])?, password, salt)
}

fn run(context: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<Secret<[u8; 32]>, CryptoError> {
    let count = context.params().block_count();
    let mut memory: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
    memory
        .try_reserve_exact(count)
        .map_err(|_| CryptoError::Length("Argon2id memory"))?;
    memory.resize(count, Block::new());
    let mut out = Secret::new([0; 32]);
    context
        .hash_password_into_with_memory(password, salt, out.expose_mut(), memory.as_mut_slice())
        .map_err(|_| CryptoError::Length("Argon2id input"))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9106 §5.3.
    #[test]
    fn the_vector_of_the_rfc() {
        let params = Argon2Params::new(32, 3, 4).unwrap();
        let context = params.context(&[3; 8], &[4; 12]).unwrap();
        let tag = run(&context, &[1; 32], &[2; 16]).unwrap();
        let expected = [
            0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0, 0x1e,
            0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
        ];
        assert_eq!(tag.expose(), &expected);
    }

    /// Every input counts.
    #[test]
    fn another_password_salt_or_cost_gives_another_key() {
        let small = Argon2Params::new(64, 1, 1).unwrap();
        let key = |password: &[u8], salt: &[u8], params| *argon2id(password, salt, params).unwrap().expose();
        let one = key(b"271828", b"saltsalt", small);
        assert_eq!(one, key(b"271828", b"saltsalt", small));
        assert_ne!(one, key(b"271829", b"saltsalt", small));
        assert_ne!(one, key(b"271828", b"saltsalu", small));
        for (memory, passes, lanes) in [(128, 1, 1), (64, 2, 1), (64, 1, 2)] {
            let other = Argon2Params::new(memory, passes, lanes).unwrap();
            assert_ne!(one, key(b"271828", b"saltsalt", other));
        }
    }

    /// A file may not ask for more than the bounds.
    #[test]
    fn parameters_out_of_bounds_are_refused() {
        for (memory, passes, lanes) in [
            (1024 * 1024 + 1, 3, 1),
            (7, 3, 1),
            (64, 0, 1),
            (64, 65, 1),
            (64, 3, 0),
            (1024, 3, 17),
            (u32::MAX, u32::MAX, u32::MAX),
        ] {
            assert!(Argon2Params::new(memory, passes, lanes).is_err());
        }
        assert!(argon2id(b"271828", b"short", Argon2Params::new(64, 1, 1).unwrap()).is_err());
        assert_eq!(Argon2Params::new(64 * 1024, 3, 1).unwrap(), Argon2Params::PIN);
    }
}
