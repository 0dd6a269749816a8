//! The program: its one line when it cannot start, its exit codes, its end at a signal.

use crate::manager::{Folder, PATIENCE};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use strongroom_api::v1::{GetStatusRequest, status_service_client::StatusServiceClient};

/// A `strongroomd`, killed when dropped.
pub(crate) struct Daemon(pub(crate) Child);

impl Daemon {
    pub(crate) fn start(folder: &Folder, arguments: &[&str], log: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strongroomd"));
        command
            .arg("--data-dir")
            .arg(folder.data_dir())
            .arg("--socket")
            .arg(folder.socket());
        let command = command.args(arguments).env("RUST_LOG", log);
        let command = command
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// With a key file, for development.
    pub(crate) fn dev(folder: &Folder, log: &str) -> Self {
        let seal = format!("keyfile={}", folder.path().join("seal.key").display());
        Self::start(folder, &["--bootstrap", "--dev", "--seal", &seal], log)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Waits for its end: the exit code and what it wrote to standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut text = String::new();
        self.0
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        (self.0.wait().unwrap().code(), text)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Waits until the manager says that it is ready.
pub(crate) async fn until_ready(folder: &Folder) {
    let ready = async {
        loop {
            let mut client = StatusServiceClient::new(folder.channel());
            let status = client.get_status(GetStatusRequest {}).await;
            if status.is_ok_and(|status| status.into_inner().ready) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, ready)
        .await
        .expect("the manager becomes ready");
}

/// The only line that is no log line.
fn complaint(text: &str) -> &str {
    let mut complaints = text
        .lines()
        .filter(|line| line.starts_with("strongroomd: "));
    let complaint = complaints
        .next()
        .unwrap_or_else(|| panic!("no complaint in {text:?}"));
    assert_eq!(complaints.next(), None, "{text}");
    assert!(
        !text.contains("panicked") && !text.contains("RUST_BACKTRACE"),
        "{text}"
    );
    complaint
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_stops_it_within_two_seconds_even_with_a_session_open() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = Folder::new();
        let daemon = Daemon::dev(&folder, "info");
        until_ready(&folder).await;
        let mut dispatcher =
            strongroom_api::dispatch::dispatcher_service_client::DispatcherServiceClient::new(
                folder.channel(),
            );
        let request = strongroom_api::dispatch::SessionRequest {
            node: "node-1".to_owned(),
            session_public_key: vec![9; 32],
            containers: Vec::new(),
        };
        let _session = dispatcher.session(request).await.unwrap();
        let asked = Instant::now();
        daemon.signal(signal);
        let (code, text) = daemon.end();
        assert_eq!(code, Some(0), "{text}");
        assert!(
            asked.elapsed() < Duration::from_secs(2),
            "{:?}",
            asked.elapsed()
        );
        assert!(!folder.socket().exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_on_the_directory_says_so_and_exits_with_1() {
    let folder = Folder::new();
    let first = Daemon::dev(&folder, "info");
    until_ready(&folder).await;
    let (code, text) = Daemon::dev(&folder, "info").end();
    assert_eq!(code, Some(1));
    assert!(complaint(&text).contains("another strongroomd"), "{text}");
    until_ready(&folder).await;
    drop(first);
}

#[test]
fn a_passphrase_comes_on_standard_input_and_a_wrong_one_is_refused() {
    let folder = Folder::new();
    let arguments = ["--bootstrap", "--passphrase-file", "-"];
    let start = |passphrase: &str| {
        let mut daemon = Daemon::start(&folder, &arguments, "info");
        daemon
            .0
            .stdin
            .take()
            .unwrap()
            .write_all(passphrase.as_bytes())
            .unwrap();
        daemon
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let first = start("correct horse");
    runtime.block_on(until_ready(&folder));
    first.signal(Signal::TERM);
    assert_eq!(first.end().0, Some(0));
    let (code, text) = start("wrong").end();
    assert_eq!(code, Some(1));
    assert!(complaint(&text).contains("wrong passphrase"), "{text}");
    let (code, text) = start("").end();
    assert_eq!(code, Some(1));
    assert!(complaint(&text).contains("empty"), "{text}");
}

#[test]
fn unknown_flags_are_a_usage_error() {
    let folder = Folder::new();
    for arguments in [&["--colour"][..], &["--seal", "kms"]] {
        assert_eq!(Daemon::start(&folder, arguments, "info").end().0, Some(2));
    }
}
