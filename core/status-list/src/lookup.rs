//! Entries out of the compressed list, piece by piece: the list is never in memory as a whole.

use flate2::{Decompress, FlushDecompress, Status as Flate};

use crate::{StatusListError, limits};

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Inflates `lst` to its end and hands each piece, with the offset of its first byte, to `visit`. Gives the inflated length.
///
/// All of it is always read: the checksum stands at the end, and what comes after it makes the list invalid.
/// In memory are one piece of [`limits::CHUNK`] bytes and the inflater, whose window is 32 KiB.
pub(crate) fn inflate(
    lst: &[u8],
    max_inflated: u64,
    mut visit: impl FnMut(u64, &[u8]),
) -> Result<u64, StatusListError> {
    check_header(lst)?;
    let max_inflated = max_inflated.min(limits::INFLATED);
    let by_ratio = u64::try_from(lst.len())
        .unwrap_or(u64::MAX)
        .saturating_mul(limits::RATIO)
        .max(limits::RATIO_FLOOR);
    let mut inflater = Decompress::new(true);
    let mut buffer = vec![0_u8; limits::CHUNK];
    let mut rest = lst;
    loop {
        let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
        let state = inflater
            .decompress(rest, &mut buffer, FlushDecompress::None)
            .map_err(|_| StatusListError::Inflate)?;
        let used = to_usize(inflater.total_in().saturating_sub(before_in));
        let made = to_usize(inflater.total_out().saturating_sub(before_out));
        rest = rest.get(used..).unwrap_or_default();
        visit(before_out, buffer.get(..made).unwrap_or_default());
        let total = inflater.total_out();
        if total > max_inflated {
            return Err(StatusListError::InflateLimit);
        }
        if total > by_ratio {
            return Err(StatusListError::InflateRatio);
        }
        match state {
            Flate::StreamEnd if rest.is_empty() => return Ok(total),
            Flate::StreamEnd => return Err(StatusListError::InflateTrailing),
            // Neither input used nor output made: it waits for bytes that are not there.
            Flate::Ok | Flate::BufError if used == 0 && made == 0 => return Err(StatusListError::InflateTruncated),
            Flate::Ok | Flate::BufError => {}
        }
    }
}

/// RFC 1950 §2.2: deflate, a window of at most 32 KiB, the check bits, no preset dictionary.
fn check_header(lst: &[u8]) -> Result<(), StatusListError> {
    let [cmf, flg, ..] = *lst else {
        return Err(StatusListError::InflateTruncated);
    };
    let is_zlib = cmf & 0x0f == 8 && cmf >> 4 <= 7 && u16::from_be_bytes([cmf, flg]).is_multiple_of(31);
    if !is_zlib || [cmf, flg] == GZIP || flg & 0x20 != 0 {
        return Err(StatusListError::NotZlib);
    }
    Ok(())
}

fn to_usize(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
