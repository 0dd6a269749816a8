//! Random texts that must not turn up where they do not belong, however they are written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::io::Read as _;
use std::path::Path;

/// 32 random characters that are a good name as well as a good value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary(String);

impl Canary {
    /// Draws one.
    #[must_use]
    pub fn new() -> Self {
        let mut random = [0; 16];
        std::fs::File::open("/dev/urandom")
            .unwrap()
            .read_exact(&mut random)
            .unwrap();
        Self(random.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `bytes` hold it: raw, reversed, in UTF-16, hex in both cases, or base64 at any offset.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms().iter().any(|form| contains(bytes, form))
    }

    /// The files below `folder` that hold it, in content or in name.
    #[must_use]
    pub fn files_with(&self, folder: &Path) -> Vec<String> {
        crate::folder::files_below(folder)
            .into_iter()
            .filter(|path| {
                let name = path.to_string_lossy().into_owned();
                self.is_in(name.as_bytes()) || self.is_in(&std::fs::read(path).unwrap_or_default())
            })
            .map(|path| path.display().to_string())
            .collect()
    }

    fn forms(&self) -> Vec<Vec<u8>> {
        let raw = self.0.as_bytes();
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = vec![
            raw.to_vec(),
            raw.iter().rev().copied().collect(),
            raw.iter().flat_map(|byte| [*byte, 0]).collect(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
        ];
        for offset in 0..3 {
            // The characters at both ends depend on the neighbours; those between do not.
            let padded = [&vec![0; offset][..], raw].concat();
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let text = engine.encode(&padded).into_bytes();
                forms.push(text[4..text.len() - 4].to_vec());
            }
        }
        forms
    }
}

impl Default for Canary {
    fn default() -> Self {
        Self::new()
    }
}

fn contains(bytes: &[u8], form: &[u8]) -> bool {
    memchr::memmem::find(bytes, form).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_canary_is_found_however_it_is_written() {
        let canary = Canary::new();
        let raw = canary.as_str().as_bytes();
        for prefix in ["", "a", "ab", "abc"] {
            let text = [prefix.as_bytes(), raw, b"tail"].concat();
            assert!(canary.is_in(&text));
            assert!(canary.is_in(STANDARD.encode(&text).as_bytes()));
        }
        assert!(!canary.is_in(Canary::new().as_str().as_bytes()));
    }
}
