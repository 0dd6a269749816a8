//! Values that people type, unechoed, at the terminal and not on standard input.

use crate::input::InputError;
use std::io;
use strongroom_sensitive::SecretBytes;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Holds back the end of the process by Ctrl-C while a prompt is open.
///
/// `rpassword` answers Ctrl-C with SIGINT to this process before it restores the terminal; were that the end, the shell
/// would be left without echo. Tokio's handler stays for good, so whoever waits after a prompt asks [`Self::received`].
#[derive(Debug)]
pub(crate) struct Interrupts(Option<Signal>);

impl Interrupts {
    /// Ctrl-C ends the process as ever.
    pub(crate) const fn untouched() -> Self {
        Self(None)
    }

    fn held() -> Result<Self, InputError> {
        signal(SignalKind::interrupt())
            .map(|signal| Self(Some(signal)))
            .map_err(InputError::Prompt)
    }

    /// Returns when Ctrl-C was pressed; never if nothing holds it back.
    pub(crate) async fn received(&mut self) -> InputError {
        match &mut self.0 {
            Some(signal) => signal.recv().await,
            None => core::future::pending().await,
        };
        InputError::Interrupted
    }
}

/// Asks once.
pub(crate) fn once(question: &str) -> Result<(SecretBytes, Interrupts), InputError> {
    let interrupts = Interrupts::held()?;
    Ok((ask(question)?, interrupts))
}

/// Asks twice, and refuses two different answers.
pub(crate) fn twice(question: &str) -> Result<(SecretBytes, Interrupts), InputError> {
    let interrupts = Interrupts::held()?;
    let first = ask(question)?;
    let second = ask(&format!("{question}, again"))?;
    if !first.ct_eq(&second) {
        return Err(InputError::Differ);
    }
    Ok((first, interrupts))
}

fn ask(question: &str) -> Result<SecretBytes, InputError> {
    match rpassword::prompt_password(format!("{question}: ")) {
        // The text's buffer becomes the secret's: no copy is left.
        Ok(text) => Ok(SecretBytes::from_vec(text.into_bytes())),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(InputError::Interrupted),
        Err(error) => Err(InputError::Prompt(error)),
    }
}
