//! Whole items: walking over one, checking all of it, keeping its bytes.

use super::Result;
use super::decoder::{Decoder, Head};
use super::error::{Error, ErrorKind};
use super::item::{Encoded, Item, Tag24};
use super::map::{Seen, read_key};

impl<'a> Decoder<'a> {
    /// Walks one complete item and checks all of it.
    ///
    /// # Errors
    /// Everything in [`ErrorKind`] but the kinds about expectations.
    #[inline]
    pub fn skip(&mut self) -> Result<()> {
        self.walk(self.limits.max_depth)
    }

    /// One complete item as received, all of it checked as by [`Self::skip`].
    ///
    /// # Errors
    /// As [`Self::skip`].
    #[inline]
    pub fn item(&mut self) -> Result<Item<'a>> {
        let before = self.rest;
        self.skip()?;
        Ok(Item::checked(self.since(before), self.limits))
    }

    /// Decodes a view with `read` and keeps the bytes it was decoded from. `read` must pull exactly one item.
    ///
    /// # Errors
    /// Whatever `read` returns.
    #[inline]
    pub fn encoded<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<Encoded<'a, T>> {
        let before = self.rest;
        let view = read(self)?;
        Ok(Encoded::from_parts(self.since(before), view))
    }

    /// A byte string with CBOR inside, `#6.24(bstr .cbor X)`, with its tagged bytes as received (A-C04). The inside is not looked at yet.
    ///
    /// # Errors
    /// [`ErrorKind::WrongTag`], [`ErrorKind::WrongType`].
    #[inline]
    pub fn tag24(&mut self) -> Result<Tag24<'a>> {
        let before = self.rest;
        self.expect_tag(24)?;
        let inner = self.bytes()?;
        Ok(Tag24::from_parts(self.since(before), inner, self.limits))
    }

    #[inline]
    fn since(&self, before: &'a [u8]) -> &'a [u8] {
        before
            .get(..before.len().saturating_sub(self.rest.len()))
            .unwrap_or_default()
    }

    /// The validating walk behind [`Self::skip`]; `depth` is the number of levels still allowed.
    #[inline]
    pub(super) fn walk(&mut self, mut depth: u16) -> Result<()> {
        loop {
            let mark = self.rest;
            let head = self.head()?;
            return match head.major {
                0 | 1 => Ok(()),
                2 if !head.is_indefinite() => self.take(head.arg).map(drop),
                3 if !head.is_indefinite() => self.take_text(head.arg).map(drop),
                6 => match depth.checked_sub(1) {
                    Some(less) => {
                        depth = less;
                        continue;
                    }
                    None => Err(self.too_deep(mark)),
                },
                7 if !head.is_indefinite() => Ok(()),
                _ => self.walk_more(head, depth, mark),
            };
        }
    }

    #[cold]
    fn too_deep(&self, mark: &[u8]) -> Error {
        Error::new(self.full.len().saturating_sub(mark.len()), ErrorKind::TooDeep)
    }

    /// Containers, chunked strings and a stray break. Apart, so that leaves need no stack.
    #[inline(never)]
    fn walk_more(&mut self, head: Head, depth: u16, mark: &'a [u8]) -> Result<()> {
        match head.major {
            2 | 3 => return self.walk_chunks(head),
            4 | 5 => {}
            _ => {
                let at = self.full.len().saturating_sub(mark.len());
                return Err(Error::new(at, ErrorKind::UnexpectedBreak));
            }
        }
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.too_deep(mark));
        };
        if head.major == 4 {
            self.walk_array(head, depth)
        } else {
            self.walk_map(head, depth)
        }
    }

    #[cold]
    fn walk_chunks(&mut self, head: Head) -> Result<()> {
        while let Some(chunk) = self.chunk(head.major)? {
            if head.major == 2 {
                self.take(chunk)?;
            } else {
                self.take_text(chunk)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn walk_array(&mut self, head: Head, depth: u16) -> Result<()> {
        if head.is_indefinite() {
            while !self.take_break() {
                self.walk(depth)?;
            }
            return Ok(());
        }
        for _ in 0..self.count(head.arg, 1)? {
            self.walk(depth)?;
        }
        Ok(())
    }

    fn walk_map(&mut self, head: Head, depth: u16) -> Result<()> {
        if head.is_indefinite() {
            let mut seen = Seen::new(self.full, None);
            while !self.take_break() {
                self.walk_entry(&mut seen, depth)?;
            }
            return Ok(());
        }
        let count = self.count(head.arg, 2)?;
        let mut seen = Seen::new(self.full, Some(count));
        for _ in 0..count {
            self.walk_entry(&mut seen, depth)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn walk_entry(&mut self, seen: &mut Seen<'a>, depth: u16) -> Result<()> {
        let at = self.offset();
        let key = read_key(self, depth)?;
        if !seen.insert(&key, at) {
            return Err(Error::new(at, ErrorKind::DuplicateKey));
        }
        self.walk(depth)
    }
}
