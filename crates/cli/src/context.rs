//! What every command gets: the server's address, and how to print.

use crate::cli::Globals;
use crate::output::Output;
use rustix::process::geteuid;
use std::env;
use std::path::PathBuf;
use strongroom_client::{Client, Endpoint, EndpointError};

/// The global flags, resolved.
#[derive(Debug)]
pub(crate) struct Context {
    host: Option<String>,
    /// How to print.
    pub(crate) output: Output,
}

/// Why there is no server to ask.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HostError {
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Neither root nor in a login session.
    #[error("XDG_RUNTIME_DIR is not set, so there is no default socket: use --host unix:///path")]
    NoRuntimeDir,
}

impl Context {
    pub(crate) fn new(globals: Globals) -> Self {
        let Globals {
            host,
            format,
            quiet,
        } = globals;
        Self {
            // An empty variable is as good as none.
            host: host.filter(|host| !host.is_empty()),
            output: Output::new(format, quiet),
        }
    }

    /// `--host`, else the variable, else the default socket.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, HostError> {
        match &self.host {
            Some(host) => Ok(Endpoint::parse(host)?),
            None => Ok(Endpoint::unix(&default_socket()?)?),
        }
    }

    /// Whether the server's address was left to the default.
    pub(crate) const fn host_is_default(&self) -> bool {
        self.host.is_none()
    }

    /// A client of that server; it connects with its first call.
    pub(crate) fn client(&self) -> Result<Client, HostError> {
        Ok(Client::new(&self.endpoint()?))
    }
}

fn default_socket() -> Result<PathBuf, HostError> {
    if geteuid().is_root() {
        return Ok(PathBuf::from("/run/strongroom/api.sock"));
    }
    env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join("strongroom/api.sock"))
        .ok_or(HostError::NoRuntimeDir)
}
