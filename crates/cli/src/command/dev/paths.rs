//! Where `dev` keeps its state and its sockets.

use super::DevError;
use rustix::process::geteuid;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::{env, path};
use strongroom_client::Endpoint;

/// The places, none of them made yet.
#[derive(Debug)]
pub(crate) struct Paths {
    /// The manager's socket.
    pub(crate) api: Endpoint,
    /// The agent's, beside it.
    pub(crate) agent: Endpoint,
    /// All of the state.
    pub(crate) state: PathBuf,
}

impl Paths {
    pub(crate) fn resolve(state: Option<PathBuf>, api: Endpoint) -> Result<Self, DevError> {
        let state = match state {
            Some(dir) => dir,
            None => default_state()?,
        };
        let state = path::absolute(&state)
            .map_err(|error| DevError::Directory(state.display().to_string(), error))?;
        let agent = Endpoint::unix(&api.path().with_file_name("agent.sock"))?;
        Ok(Self { api, agent, state })
    }

    /// The manager's data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.state.join("manager")
    }

    /// The key file of the seal `keyfile`.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.state.join("seal.key")
    }

    /// Asks the socket: two servers never share one. A file that nobody listens on is in nobody's way.
    pub(crate) fn refuse_if_running(&self) -> Result<(), DevError> {
        let socket = self.api.path();
        match UnixStream::connect(socket) {
            Ok(_) => Err(DevError::Running(socket.display().to_string())),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(()),
                _ => Err(DevError::Socket(socket.display().to_string(), error)),
            },
        }
    }

    /// Makes the directories that are missing, for this user alone.
    pub(crate) fn make(&self) -> Result<(), DevError> {
        let sockets = self.api.path().parent();
        [Some(self.state.as_path()), sockets]
            .into_iter()
            .flatten()
            .try_for_each(make)
    }
}

fn make(dir: &Path) -> Result<(), DevError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| DevError::Directory(dir.display().to_string(), error))
}

fn default_state() -> Result<PathBuf, DevError> {
    if geteuid().is_root() {
        return Ok(PathBuf::from("/var/lib/strongroom/dev"));
    }
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    Ok(state.ok_or(DevError::NoHome)?.join("strongroom"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn paths(dir: &Path) -> Paths {
        let api = Endpoint::unix(&dir.join("api.sock")).unwrap();
        Paths::resolve(Some(dir.join("state")), api).unwrap()
    }

    #[test]
    fn the_agents_socket_lies_beside_the_managers() {
        let paths = paths(Path::new("/run/strongroom"));
        assert_eq!(paths.agent.path(), Path::new("/run/strongroom/agent.sock"));
    }

    #[test]
    fn a_socket_that_answers_is_left_alone_and_a_stale_one_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        assert!(paths.refuse_if_running().is_ok());
        let listener = UnixListener::bind(paths.api.path()).unwrap();
        assert!(matches!(
            paths.refuse_if_running(),
            Err(DevError::Running(_))
        ));
        drop(listener);
        assert!(paths.api.path().exists());
        assert!(paths.refuse_if_running().is_ok());
    }
}
