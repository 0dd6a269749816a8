//! Bytes that are not random at all, for the tests that need the same ones each time.

use crate::{Random, RandomError};

/// Hands out 0, 1, 2 … 255, 0, 1 …
#[derive(Default)]
pub(crate) struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

/// Hands out what is left of its bytes, and then nothing.
pub(crate) struct Scripted<'a>(pub(crate) &'a [u8]);

impl Random for Scripted<'_> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let (now, later) = self.0.split_at_checked(bytes.len()).ok_or(RandomError)?;
        bytes.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}
