//! The encodings from outside: they hold every value, they have one form each, and whatever is wrong is refused by name.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as a test does"
)]

mod any;
mod golden;
mod one_encoding;
mod properties;
mod refusals;
mod sample;
mod truncated;
mod wire;
