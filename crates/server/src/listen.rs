//! The Unix socket: made so that nobody else can connect to it, and removed when the manager stops.

mod connection;

pub(crate) use connection::{Connection, connections};

use rustix::{
    fs::{Mode, fchmod},
    io::Errno,
    net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType},
};
use std::{
    fs::{self, DirBuilder},
    io,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _},
            net,
        },
    },
    path::{Path, PathBuf},
};
use tokio::net::UnixListener;

/// A socket that is listened on. Its file goes away with it.
#[derive(Debug)]
pub(crate) struct Socket {
    listener: UnixListener,
    _file: SocketFile,
}

/// The socket's file, and which one it was: another manager's is not removed.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    inode: u64,
}

/// Why a socket cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// A server answers there.
    #[error("another server listens on {0:?}: stop it, or name another socket")]
    InUse(PathBuf),
    /// Something else has the name.
    #[error("{0:?} is no socket: it is not replaced, name another path")]
    NotASocket(PathBuf),
    /// Linux allows 107 bytes.
    #[error("the socket's path {0:?} is too long: at most 107 bytes are possible")]
    TooLong(PathBuf),
    /// The system refuses.
    #[error("the socket {0:?} cannot be made: {1}")]
    Io(PathBuf, #[source] io::Error),
}

/// Connections that wait to be accepted.
const BACKLOG: i32 = 128;

impl Socket {
    /// Listens at `path`. A socket that nobody listens on is replaced, a live one is not.
    ///
    /// # Errors
    /// [`ListenError`].
    pub(crate) fn bind(path: &Path) -> Result<Self, ListenError> {
        let refused = |error: io::Error| ListenError::Io(path.to_owned(), error);
        let address = SocketAddrUnix::new(path).map_err(|error| match error {
            Errno::NAMETOOLONG => ListenError::TooLong(path.to_owned()),
            error => refused(error.into()),
        })?;
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            let mut builder = DirBuilder::new();
            builder
                .recursive(true)
                .mode(0o755)
                .create(parent)
                .map_err(refused)?;
        }
        remove_stale(path)?;
        let socket = bound(&address).map_err(|error| refused(error.into()))?;
        let inode = fs::symlink_metadata(path).map_err(refused)?.ino();
        let listener = UnixListener::from_std(net::UnixListener::from(socket)).map_err(refused)?;
        let file = SocketFile {
            path: path.to_owned(),
            inode,
        };
        Ok(Self {
            listener,
            _file: file,
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|file| file.ino() == self.inode);
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "the socket's file stays behind");
        }
    }
}

fn bound(address: &SocketAddrUnix) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    // Before bind: Linux gives the file the mode of the socket, so that there is no moment in which others can connect.
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    rustix::net::bind(&socket, address)?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket)
}

fn remove_stale(path: &Path) -> Result<(), ListenError> {
    let refused = |error: io::Error| ListenError::Io(path.to_owned(), error);
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(refused(error)),
        Ok(file) if !file.file_type().is_socket() => {
            return Err(ListenError::NotASocket(path.to_owned()));
        }
        Ok(_) => {}
    }
    match net::UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(refused)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Whoever answers, or could, is left alone.
        Ok(_) => Err(ListenError::InUse(path.to_owned())),
        Err(error) => Err(refused(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn the_socket_is_its_owners_alone_from_the_first_moment_and_goes_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run/api.sock");
        let socket = Socket::bind(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_stale_socket_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("api.sock");
        drop(net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        Socket::bind(&path).unwrap();
    }

    #[tokio::test]
    async fn a_live_socket_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("api.sock");
        let first = Socket::bind(&path).unwrap();
        assert!(matches!(Socket::bind(&path), Err(ListenError::InUse(_))));
        assert!(path.exists());
        drop(first);
    }

    #[tokio::test]
    async fn what_is_no_socket_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("api.sock");
        fs::write(&path, "notes").unwrap();
        assert!(matches!(
            Socket::bind(&path),
            Err(ListenError::NotASocket(_))
        ));
        assert_eq!(fs::read(&path).unwrap(), b"notes");
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_is_refused() {
        let path = Path::new("/tmp").join("x".repeat(200));
        assert!(matches!(Socket::bind(&path), Err(ListenError::TooLong(_))));
    }
}
