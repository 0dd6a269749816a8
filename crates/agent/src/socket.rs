//! The agent's Unix socket: root's alone, one agent's at a time.

use rustix::fs::{FileType, lstat};
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// The bound socket; its file is removed when dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: UnixListener,
    path: PathBuf,
}

/// Why the socket cannot be bound.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SocketError {
    /// Another agent.
    #[error("an agent answers at {0:?} already: end it, or choose another --socket")]
    Taken(PathBuf),
    /// A file that is no socket.
    #[error("{0:?} is there and no socket: remove it, or choose another --socket")]
    NoSocket(PathBuf),
    /// The operating system.
    #[error("the socket {path:?} cannot be made: {error}; choose another --socket")]
    System {
        /// The path.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
}

impl Listener {
    /// Binds the socket, in the place of one whose agent is gone.
    pub(crate) async fn bind(path: &Path) -> Result<Self, SocketError> {
        let failed = |error| SocketError::System {
            path: path.to_owned(),
            error,
        };
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        remove_stale(path).await?;
        let listener = UnixListener::bind(path).map_err(failed)?;
        // Whoever connects before this is still asked who they are.
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
        let path = path.to_owned();
        Ok(Self { listener, path })
    }

    /// The next connection of root; others are closed unheard.
    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            match stream.peer_cred() {
                Ok(peer) if peer.uid() == 0 => return Ok(stream),
                peer => tracing::warn!(
                    uid = peer.ok().map(|peer| peer.uid()),
                    "refused a caller who is not root"
                ),
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "the socket's file stays");
        }
    }
}

async fn remove_stale(path: &Path) -> Result<(), SocketError> {
    let failed = |error| SocketError::System {
        path: path.to_owned(),
        error,
    };
    match lstat(path) {
        Err(rustix::io::Errno::NOENT) => return Ok(()),
        Err(error) => return Err(failed(error.into())),
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::Socket => {
            return Err(SocketError::NoSocket(path.to_owned()));
        }
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Ok(_) => Err(SocketError::Taken(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}
