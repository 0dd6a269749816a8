//! Asks the agent: what `hook` and `status` have in common. Blocking, since the process does nothing else.

use crate::limits;
use crate::protocol::{self, Answer, LineError, Request};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// No agent.
    #[error(
        "no agent answers at {path:?}: {error}; start strongroom-agent, or name its socket with --agent"
    )]
    NoAgent {
        /// The socket.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// It went away, or took too long.
    #[error("the agent at {path:?} gave no answer: {error}; see its log")]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// The answer makes no sense.
    #[error(transparent)]
    Line(#[from] LineError),
}

/// Sends a request to the agent at `path`, waiting up to `patience` for one that is not there yet.
pub(crate) fn ask(
    path: &Path,
    request: &Request,
    patience: Duration,
) -> Result<Answer, RequestError> {
    let line = protocol::encode(request)?;
    let mut stream = connect(path, patience).map_err(|error| RequestError::NoAgent {
        path: path.to_owned(),
        error,
    })?;
    let answer = converse(&mut stream, &line).map_err(|error| RequestError::NoAnswer {
        path: path.to_owned(),
        error,
    })?;
    Ok(protocol::decode(&answer)?)
}

fn connect(path: &Path, patience: Duration) -> io::Result<UnixStream> {
    let deadline = Instant::now() + patience;
    loop {
        match UnixStream::connect(path) {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::ConnectionRefused
                ) && Instant::now() < deadline =>
            {
                sleep(PAUSE);
            }
            outcome => return outcome,
        }
    }
}

fn converse(stream: &mut UnixStream, line: &[u8]) -> io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(limits::ANSWER_WAIT))?;
    stream.set_write_timeout(Some(limits::ANSWER_WAIT))?;
    stream.write_all(line)?;
    let mut answer = Vec::new();
    stream.take(limits::LINE).read_to_end(&mut answer)?;
    Ok(answer)
}

const PAUSE: Duration = Duration::from_millis(20);
