//! What hook and agent say to each other over the agent's socket: one line of JSON each way, then the end.
//!
//! Both are the same program on the same machine, and the socket is root's alone; still each line is bounded and parsed
//! into these types or refused.

use crate::limits;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the agent is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    /// How it is.
    Status,
    /// Files for a container that is being created.
    Attach(Attach),
}

/// A container that is being created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attach {
    /// The runtime's id of it.
    pub(crate) container: String,
    /// Its first process.
    pub(crate) pid: i32,
    /// Its root file system, by an absolute path.
    pub(crate) rootfs: PathBuf,
    /// The name of the service whose files it gets.
    pub(crate) service: String,
}

/// What the agent answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// How it is.
    Status {
        /// Whether the managers have said what this node is assigned.
        ready: bool,
        /// Containers that have files mounted.
        mounts: usize,
    },
    /// The files are mounted.
    Attached,
    /// They are not, and nothing was changed: one line saying why.
    Refused(String),
}

/// Why bytes are no line of this protocol.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// Too long, or cut off.
    #[error("a message on the agent's socket is cut off or longer than {max} bytes", max = limits::LINE)]
    Length,
    /// Not JSON of a known form.
    #[error(
        "a message on the agent's socket is not understood: {0}; are hook and agent of one release?"
    )]
    Form(#[from] serde_json::Error),
}

/// A message as its line.
pub(crate) fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, LineError> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    if line.len() as u64 > limits::LINE {
        return Err(LineError::Length);
    }
    Ok(line)
}

/// The message of a whole line; what was read of it, with its end.
pub(crate) fn decode<M: for<'a> Deserialize<'a>>(line: &[u8]) -> Result<M, LineError> {
    let line = line.strip_suffix(b"\n").ok_or(LineError::Length)?;
    Ok(serde_json::from_slice(line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes() {
        let request = Request::Attach(Attach {
            container: "c1".to_owned(),
            pid: 7,
            rootfs: "/b/rootfs".into(),
            service: "web".to_owned(),
        });
        assert_eq!(
            decode::<Request>(&encode(&request).unwrap()).unwrap(),
            request
        );
        let answer = Answer::Refused("no\nservice".to_owned());
        let line = encode(&answer).unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(decode::<Answer>(&line).unwrap(), answer);
    }

    #[test]
    fn garbage_and_half_a_line_are_refused_in_one_line() {
        for line in [
            &b""[..],
            b"\n",
            b"{",
            b"{}\n",
            b"\xff\xff\n",
            b"[1]\n",
            b"\"status\"",
            b"{\"attach\":{}}\n",
        ] {
            let error = decode::<Request>(line).unwrap_err().to_string();
            assert!(!error.contains('\n'), "{error}");
        }
        let long = "x".repeat(70_000);
        assert!(encode(&Answer::Refused(long)).is_err());
    }
}
