//! Where random bytes come from: always an argument, so that everything else is a function of its arguments.

use ring::rand::SecureRandom as _;

/// A source of bytes that nobody can predict.
pub trait Random {
    /// Fills the whole of `bytes`.
    ///
    /// # Errors
    /// [`RandomError`]; what `bytes` holds then is unspecified.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system has no random bytes to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes: getrandom(2) must be allowed to this process")]
pub struct RandomError;

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let system = ring::rand::SystemRandom::new();
        system.fill(bytes).map_err(|_| RandomError)
    }
}
