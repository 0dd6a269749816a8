//! `dev`: a manager and, as root, an agent on this machine, in the foreground.
//!
//! Both are children of this process and of nobody else: they stop when it is told to stop or fails, and when one of them
//! ends, so does the other. Only a `kill -9` of this process leaves them running; the next `dev` then says that something
//! answers at the socket. The passphrase goes to strongroomd through a pipe, never through an argument or a file of ours.

mod children;
mod paths;
mod program;
mod seal;

use crate::context::Context;
use crate::error::CliError;
use crate::input::InputError;
use children::Children;
use clap::{Args, ValueEnum};
use paths::Paths;
use program::Programs;
use std::io;
use std::path::PathBuf;
use strongroom_client::EndpointError;
use tokio::signal::unix::{Signal, SignalKind, signal};

#[derive(Args, Debug)]
#[command(after_help = "\
Starts strongroomd and, as root, strongroom-agent, from beside this program or
from PATH. Without root the manager runs alone. Prints a line with \"ready\";
Ctrl-C stops both. Any container on this machine may attach.

State is kept in /var/lib/strongroom/dev for root, else in
$XDG_STATE_HOME/strongroom, and keeps the seal that it was made with; new state
gets a key file beside it.

Examples:
  sudo strongroom dev
  sudo strongroom dev --state-dir /srv/strongroom --seal passphrase")]
pub(crate) struct Arguments {
    /// Directory of all state
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// What unseals the state: keyfile or passphrase
    #[arg(long, hide_possible_values = true, value_name = "keyfile|passphrase")]
    seal: Option<Seal>,
    /// File with the passphrase; without it the terminal asks
    #[arg(long, value_name = "F")]
    passphrase_file: Option<PathBuf>,
}

/// What unseals the manager's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Seal {
    Keyfile,
    Passphrase,
}

/// Why nothing runs, or no longer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevError {
    #[error(
        "a server answers at {0} already: use it, stop it, or choose another --host and --state-dir"
    )]
    Running(String),
    #[error("cannot use the socket {0}: {1}")]
    Socket(String, io::Error),
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    #[error("HOME is not set, so there is no default state directory: use --state-dir DIR")]
    NoHome,
    #[error("cannot use the directory {0}: {1}")]
    Directory(String, io::Error),
    #[error(
        "the state in {0} was made with a key file: leave out --seal and --passphrase-file, or use another --state-dir"
    )]
    OtherSeal(String),
    #[error("--passphrase-file is for --seal passphrase: leave out one of the two")]
    PassphraseForKeyFile,
    #[error("the passphrase is empty: give at least one character")]
    EmptyPassphrase,
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(
        "cannot find {0} beside this program or on PATH: build it with `cargo build`, or install it there"
    )]
    Missing(&'static str),
    #[error("cannot start {0}: {1}")]
    Start(String, io::Error),
    #[error("cannot watch for signals: {0}")]
    Signals(io::Error),
    /// It did not say why: it was killed, or it stopped in good order without being asked.
    #[error("{0} stopped ({1}), so everything stops")]
    Stopped(&'static str, String),
    #[error("{0} is not ready after {1} s: see what it printed")]
    NotReady(&'static str, u64),
}

/// Ctrl-C, a polite kill, and the end of the terminal.
struct Stop([Signal; 3]);

impl Stop {
    fn listen() -> Result<Self, DevError> {
        let listen = |kind| signal(kind).map_err(DevError::Signals);
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn requested(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> Result<(), CliError> {
    let endpoint = context.endpoint()?;
    let paths = Paths::resolve(arguments.state_dir, endpoint)?;
    let programs = Programs::find()?;
    paths.refuse_if_running()?;
    let unseal = seal::choose(&paths, arguments.seal, arguments.passphrase_file.as_deref()).await?;
    paths.make()?;
    let mut stop = Stop::listen()?;
    let mut children = Children::default();
    let ended = tokio::select! {
        ended = children.serve(context, &programs, &paths, unseal) => ended,
        () = stop.requested() => Ok(()),
    };
    children.stop().await;
    ended
}
