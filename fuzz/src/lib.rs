//! What the fuzz targets and their seeds share: what holds of every refusal and every path, the table of the API's
//! requests, and keys that are the same in every run.

pub mod fixed_keys;
mod request;
pub mod step;

pub use request::{REQUESTS, Request};

use core::fmt::Display;

/// The bytes are read with what they say in mind: 0 where they have ended.
#[derive(Debug)]
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    /// One of `options`, which is not empty.
    pub fn of<'o, T>(&mut self, options: &'o [T]) -> &'o T {
        &options[usize::from(self.byte()) % options.len()]
    }
}

/// A refusal is one line, whatever was refused: no terminal and no log takes orders from it.
pub fn assert_one_line(refusal: &impl Display) {
    let text = refusal.to_string();
    assert!(!text.is_empty(), "a refusal without words");
    assert!(
        !text.contains(char::is_control),
        "more than one line: {text:?}"
    );
}

/// The parts of an absolute path lead downwards only, and each is one file name.
pub fn assert_stays_inside(path: &[&str]) {
    assert!(!path.is_empty(), "a path that names no file");
    for part in path {
        let leads_down = !matches!(*part, "" | "." | "..") && !part.contains(['/', '\0']);
        assert!(leads_down, "{part:?} of {path:?}");
        assert!(part.len() <= 255, "{part:?} is no file name");
    }
    let length: usize = path.iter().map(|part| 1 + part.len()).sum();
    assert!(length < 4096, "longer than any path: {path:?}");
}
