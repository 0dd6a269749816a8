//! The command line as a script uses it.

use crate::program;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// `strongroom` with a host.
#[derive(Clone, Debug)]
pub struct Cli {
    host: String,
}

/// What a command did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit code.
    pub code: i32,
    /// Standard output, byte by byte.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

impl Cli {
    /// Talks to the manager at that socket.
    #[must_use]
    pub fn new(socket: &std::path::Path) -> Self {
        Self {
            host: format!("unix://{}", socket.display()),
        }
    }

    /// Runs a command with nothing on standard input.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.with_input(arguments, b"")
    }

    /// Runs a command with `input` on standard input.
    #[must_use]
    pub fn with_input(&self, arguments: &[&str], input: &[u8]) -> Outcome {
        let mut command = Command::new(program("strongroom"));
        command.env("STRONGROOM_HOST", &self.host).args(arguments);
        run(command, input)
    }

    /// Runs a command that has to succeed, and returns what it printed.
    ///
    /// # Panics
    /// When it does not exit with 0.
    pub fn must(&self, arguments: &[&str]) -> String {
        self.must_with(arguments, b"")
    }

    /// As [`Cli::must`], with `input` on standard input.
    ///
    /// # Panics
    /// When it does not exit with 0.
    pub fn must_with(&self, arguments: &[&str], input: &[u8]) -> String {
        let outcome = self.with_input(arguments, input);
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
        outcome.text()
    }

    /// Runs a command that has to fail with `code` and one line of explanation, which is returned.
    ///
    /// # Panics
    /// When it does otherwise, or shows a panic.
    pub fn refused(&self, code: i32, arguments: &[&str], input: &[u8]) -> String {
        let outcome = self.with_input(arguments, input);
        assert_eq!(outcome.code, code, "{arguments:?}: {outcome:?}");
        outcome.assert_one_line();
        outcome.stderr
    }

    /// What a command prints with `--format json`.
    ///
    /// # Panics
    /// When it fails or prints no JSON.
    #[must_use]
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let text = self.must(&[&["--format", "json"], arguments].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

impl Outcome {
    /// Standard output as text, without the last line's end.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout)
            .trim_end_matches('\n')
            .to_owned()
    }

    /// Standard error is one line, and no panic or stack trace.
    ///
    /// # Panics
    /// When it is not.
    pub fn assert_one_line(&self) {
        let lines = self.stderr.trim_end().lines().count();
        assert_eq!(lines, 1, "one line was to be printed: {}", self.stderr);
        for word in ["panicked", "RUST_BACKTRACE", "stack backtrace"] {
            assert!(!self.stderr.contains(word), "{}", self.stderr);
        }
    }
}

/// Runs any command with `input` on standard input.
pub(crate) fn run(mut command: Command, input: &[u8]) -> Outcome {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A command that does not read its input closes the pipe; that is its right.
    let writer = std::thread::spawn(move || stdin.write_all(&input).ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A path as the text that a command line takes.
pub(crate) fn text(path: &std::path::Path) -> String {
    PathBuf::from(path).into_os_string().into_string().unwrap()
}
