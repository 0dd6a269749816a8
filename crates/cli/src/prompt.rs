//! Values that people type, unechoed, at the terminal and not on standard input.
//!
//! The terminal stops echoing before the question appears, and echoes again however the prompt ends: the kernel still
//! edits the line, and the signals that would end this process end the prompt first.

use crate::input::InputError;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::{sync::Arc, thread};
use strongroom_sensitive::SecretBytes;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// Ctrl-C and the like, once a prompt has taken them over.
///
/// Tokio's handlers stay for good, so whoever waits for something after a prompt must also wait for [`Self::received`].
#[derive(Debug)]
pub(crate) struct Interrupts(Option<[Signal; 3]>);

/// The terminal while it does not echo.
struct Unechoed {
    tty: Arc<File>,
    before: Termios,
}

/// Asks once.
pub(crate) async fn once(question: &str) -> Result<(SecretBytes, Interrupts), InputError> {
    let mut interrupts = Interrupts::taken_over()?;
    let terminal = Unechoed::open().map_err(InputError::Prompt)?;
    let answer = terminal.ask(question, &mut interrupts).await?;
    Ok((answer, interrupts))
}

/// Asks twice, and refuses two different answers.
pub(crate) async fn twice(question: &str) -> Result<(SecretBytes, Interrupts), InputError> {
    let mut interrupts = Interrupts::taken_over()?;
    let terminal = Unechoed::open().map_err(InputError::Prompt)?;
    let first = terminal.ask(question, &mut interrupts).await?;
    let again = format!("{question}, again");
    let second = terminal.ask(&again, &mut interrupts).await?;
    if !first.ct_eq(&second) {
        return Err(InputError::Differ);
    }
    Ok((first, interrupts))
}

impl Interrupts {
    /// Signals end the process as ever.
    pub(crate) const fn untouched() -> Self {
        Self(None)
    }

    fn taken_over() -> Result<Self, InputError> {
        let listen = |kind| signal(kind).map_err(InputError::Prompt);
        Ok(Self(Some([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ])))
    }

    /// Returns at the first signal; never if none was taken over.
    pub(crate) async fn received(&mut self) -> InputError {
        match &mut self.0 {
            Some([interrupt, terminate, hangup]) => tokio::select! {
                _ = interrupt.recv() => InputError::Interrupted,
                _ = terminate.recv() => InputError::Interrupted,
                _ = hangup.recv() => InputError::Interrupted,
            },
            None => core::future::pending().await,
        }
    }
}

impl Unechoed {
    /// What was typed before it is thrown away: it was meant for somebody else, and may have been seen.
    fn open() -> io::Result<Self> {
        let tty = File::options().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&tty)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent
            .local_modes
            .insert(LocalModes::ICANON | LocalModes::ISIG | LocalModes::ECHONL);
        tcsetattr(&tty, OptionalActions::Flush, &silent)?;
        Ok(Self {
            tty: Arc::new(tty),
            before,
        })
    }

    /// Reads in a thread of its own, which a signal leaves behind: nothing but a key press ends such a read.
    async fn ask(
        &self,
        question: &str,
        interrupts: &mut Interrupts,
    ) -> Result<SecretBytes, InputError> {
        write!(&*self.tty, "{question}: ").map_err(InputError::Prompt)?;
        let (answer, answered) = oneshot::channel();
        let tty = Arc::clone(&self.tty);
        thread::spawn(move || {
            // Nobody waits any more if a signal came.
            let _unwanted = answer.send(read_line(&tty));
        });
        tokio::select! {
            answer = answered => match answer {
                Ok(line) => line.map_err(InputError::Prompt),
                Err(_) => Err(InputError::Prompt(io::ErrorKind::BrokenPipe.into())),
            },
            interrupted = interrupts.received() => {
                // The cursor is still behind the question.
                let _written = writeln!(&*self.tty);
                Err(interrupted)
            }
        }
    }
}

impl Drop for Unechoed {
    fn drop(&mut self) {
        // A terminal that is gone needs no echo.
        let _restored = tcsetattr(&self.tty, OptionalActions::Drain, &self.before);
    }
}

/// One line without its end, straight into the secret's buffer.
fn read_line(mut tty: &File) -> io::Result<SecretBytes> {
    let mut filled = 0;
    let mut result = Ok(());
    let mut line = SecretBytes::init_with(LINE, |buffer| {
        while filled < buffer.len() && !buffer[..filled].ends_with(b"\n") {
            match tty.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
    });
    result?;
    if filled == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let end = usize::from(line.expose()[..filled].ends_with(b"\n"));
    line.truncate(filled - end);
    Ok(line)
}

/// The longest line that Linux edits, with its newline, in bytes (`N_TTY_BUF_SIZE`).
const LINE: usize = 4096;
