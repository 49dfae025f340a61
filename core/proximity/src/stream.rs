//! The stream carrier: messages on a byte stream, each behind its length as four bytes, most significant first.
//!
//! This project's own, for a socket on a desk; it stands where Bluetooth and NFC stand on phones. A pure codec: bytes in, messages out.
//!
//! ```
//! use idwallet_proximity::stream::{StreamDecoder, encode};
//! let mut decoder = StreamDecoder::new();
//! for byte in encode(b"hello")? {
//!     decoder.push(&[byte])?;
//! }
//! assert_eq!(decoder.pop()?, Some(b"hello".to_vec()));
//! # Ok::<(), idwallet_proximity::ProximityError>(())
//! ```

use crate::limits::MAX_SESSION_MESSAGE_BYTES;
use crate::{ProximityError, Result};
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// Bytes of the length before each message.
pub const LENGTH_BYTES: usize = 4;
/// How many bytes may wait beyond one largest message, before [`StreamDecoder::push`] wants messages to be popped first.
pub const MAX_BACKLOG_BYTES: usize = 64 * 1024;

/// A message with its length before it.
///
/// # Errors
/// [`ProximityError::TooLong`] above [`MAX_SESSION_MESSAGE_BYTES`].
pub fn encode(message: &[u8]) -> Result<Vec<u8>> {
    let length = check(message.len())?;
    let mut out = Vec::with_capacity(message.len().saturating_add(LENGTH_BYTES));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(message);
    Ok(out)
}

/// Whether it says where to connect: `HOST:PORT`, with a name (RFC 1123), an IPv4 address, or an IPv6 address in brackets, and a port from 0 to
/// 65535.
///
/// # Errors
/// [`ProximityError::StreamAddress`] with what is wrong.
pub fn check_address(address: &str) -> Result<()> {
    let wrong = |what| Err(ProximityError::StreamAddress(what));
    let Some((host, port)) = address.rsplit_once(':') else {
        return wrong("there is no port");
    };
    if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) || port.parse::<u16>().is_err() {
        return wrong("the port is no number from 0 to 65535");
    }
    if let Some(rest) = host.strip_prefix('[') {
        return match rest.strip_suffix(']').map(str::parse::<Ipv6Addr>) {
            Some(Ok(_)) => Ok(()),
            _ => wrong("what is in brackets is no IPv6 address"),
        };
    }
    match host {
        "" => wrong("there is no host"),
        host if host.contains(':') => wrong("an IPv6 address stands in brackets"),
        host if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => match host.parse::<Ipv4Addr>() {
            Ok(_) => Ok(()),
            Err(_) => wrong("the host is no IPv4 address"),
        },
        host if is_name(host) => Ok(()),
        _ => wrong("the host is no name"),
    }
}

/// A host's name (RFC 1123 §2.1).
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn check(length: usize) -> Result<u32> {
    let limit = MAX_SESSION_MESSAGE_BYTES;
    match u32::try_from(length) {
        Ok(short) if length <= limit => Ok(short),
        _ => Err(ProximityError::TooLong { length, limit }),
    }
}

/// Collects what a stream delivers and gives it out message by message.
///
/// Holds at most one largest message with its length and [`MAX_BACKLOG_BYTES`]; nothing is reserved for what is only announced.
/// After an error the stream cannot be resumed: where the next message begins is unknown.
#[derive(Default)]
pub struct StreamDecoder {
    buffer: Vec<u8>,
}

impl StreamDecoder {
    /// Nothing received yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what was read from the stream, in pieces of any size.
    ///
    /// # Errors
    /// [`ProximityError::TooLong`] when the first waiting message announces more than [`MAX_SESSION_MESSAGE_BYTES`], or when more waits
    /// than this holds. Nothing is taken then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let limit = MAX_SESSION_MESSAGE_BYTES
            .saturating_add(LENGTH_BYTES)
            .saturating_add(MAX_BACKLOG_BYTES);
        let length = self.buffer.len().saturating_add(bytes.len());
        if length > limit {
            return Err(ProximityError::TooLong { length, limit });
        }
        self.buffer.extend_from_slice(bytes);
        self.announced().map(|_| ())
    }

    /// The next complete message, if there is one.
    ///
    /// # Errors
    /// [`ProximityError::TooLong`] when the next message announces more than [`MAX_SESSION_MESSAGE_BYTES`].
    pub fn pop(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(length) = self.announced()? else {
            return Ok(None);
        };
        let end = length.saturating_add(LENGTH_BYTES);
        if self.buffer.len() < end {
            return Ok(None);
        }
        let rest = self.buffer.split_off(end);
        let mut message = core::mem::replace(&mut self.buffer, rest);
        message.drain(..LENGTH_BYTES);
        Ok(Some(message))
    }

    /// Whether the stream may end here: nothing of a message is waiting.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    fn announced(&self) -> Result<Option<usize>> {
        let Some(head) = self.buffer.first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
        check(length).map(|_| Some(length))
    }
}

impl fmt::Debug for StreamDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamDecoder({} bytes)", self.buffer.len())
    }
}
