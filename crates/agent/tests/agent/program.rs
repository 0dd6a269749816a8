//! The program under test.

use serde_json::Value;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program's path.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_strongroom-agent");

/// A folder on a real file system.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A running agent; killed when dropped.
pub(crate) struct Agent {
    child: Child,
    socket: PathBuf,
    log: PathBuf,
}

impl Agent {
    /// Starts an agent on `agent.sock` in the folder, for the manager on `api.sock` there, and waits for its socket.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut agent = Self::spawn(folder);
        until("the agent's socket", || {
            assert_eq!(agent.child.try_wait().unwrap(), None, "{}", agent.log());
            agent.status().is_some()
        });
        agent
    }

    /// The same, without waiting.
    pub(crate) fn spawn(folder: &Path) -> Self {
        let (socket, log) = (folder.join("agent.sock"), folder.join("agent.log"));
        let child = Command::new(PROGRAM)
            .args([
                "--manager",
                &format!("unix://{}", folder.join("api.sock").display()),
            ])
            .arg("--socket")
            .arg(&socket)
            .args(["--node", "here"])
            .stdin(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child, socket, log }
    }

    /// What `status` prints.
    pub(crate) fn status(&self) -> Option<Value> {
        let output = run(&["status", "--agent", &self.address()], b"");
        serde_json::from_slice(&output.stdout).ok()
    }

    /// Waits until everything that is assigned has come.
    pub(crate) fn until_ready(&self) {
        until("a ready agent", || self.status().unwrap()["ready"] == true);
    }

    /// Waits until so many containers have files.
    pub(crate) fn until_mounts(&self, mounts: u64) {
        until("the mounts", || self.status().unwrap()["mounts"] == mounts);
    }

    /// The value of `--agent`.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Ends it as an operator does; returns its exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.wait()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let mut kill = Command::new("/bin/kill");
        kill.args(["-s", signal]).arg(self.child.id().to_string());
        assert!(kill.status().unwrap().success());
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// Runs the program with that standard input.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read everything.
    drop(child.stdin.take().unwrap().write_all(input));
    child.wait_with_output().unwrap()
}

/// The one line on standard error of a program that failed.
pub(crate) fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let line = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    assert!(line.starts_with("strongroom-agent: "), "{line}");
    line
}

/// Waits until `condition` holds.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(
            Instant::now() < deadline,
            "{what}: not within twenty seconds"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}
