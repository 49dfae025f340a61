//! Arrays, element by element.

use super::Result;
use super::decoder::Decoder;

/// Counts the elements of an array while they are pulled.
#[derive(Clone, Debug)]
pub struct ArrayReader {
    left: Option<usize>,
}

impl ArrayReader {
    #[inline]
    pub(super) fn counting(left: Option<usize>) -> Self {
        Self { left }
    }

    /// Elements still to come; `None` for an indefinite length array. Never more than the input has bytes.
    #[inline]
    #[must_use]
    pub fn len(&self) -> Option<usize> {
        self.left
    }

    /// Whether it is known that no element is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == Some(0)
    }

    /// Whether another element follows; the caller must then pull it: `while a.next(&mut d)? { d.text()?; }`.
    ///
    /// # Errors
    /// [`super::ErrorKind::Truncated`] where an indefinite length array is not closed.
    #[inline]
    pub fn next(&mut self, d: &mut Decoder<'_>) -> Result<bool> {
        match &mut self.left {
            Some(left) => match left.checked_sub(1) {
                Some(less) => {
                    *left = less;
                    Ok(true)
                }
                None => Ok(false),
            },
            None => {
                if d.take_break() {
                    self.left = Some(0);
                    return Ok(false);
                }
                d.peek().map(|_| true)
            }
        }
    }
}
