//! How `strongroom dev` treats its children, shown with children that fail, hang, or tell what they were given.
//!
//! With the real ones it is shown by the tests of the workspace.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// A directory with the program, and with scripts beside it where the daemons would be.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new(manager: &str) -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        fs::hard_link(
            env!("CARGO_BIN_EXE_strongroom"),
            dir.path().join("strongroom"),
        )
        .unwrap();
        for (name, script) in [("strongroomd", manager), ("strongroom-agent", "exit 0")] {
            let path = dir.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn dev(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("strongroom"));
        command
            .args(["dev", "--state-dir", "state"])
            .args(arguments)
            .env(
                "STRONGROOM_HOST",
                format!("unix://{}", self.path("run/api.sock").display()),
            )
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_child_that_says_why_it_fails_is_the_only_one_who_speaks() {
    let bench = Bench::new("echo 'strongroomd: the disk is on fire' >&2; exit 1");
    let output = bench.dev(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "strongroomd: the disk is on fire\n");
}

#[test]
fn a_child_that_is_killed_or_just_leaves_is_named() {
    for (manager, words) in [("kill -9 $$", "signal: 9"), ("exit 0", "exit status: 0")] {
        let output = Bench::new(manager).dev(&[]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = stderr(&output);
        assert!(
            stderr.contains("strongroomd stopped") && stderr.contains(words),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1);
    }
}

#[test]
fn a_program_that_is_not_there_is_named_and_nothing_is_made() {
    let bench = Bench::new("exit 0");
    fs::remove_file(bench.path("strongroomd")).unwrap();
    let output = bench.dev(&[]).env("PATH", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("cannot find strongroomd"),
        "{}",
        stderr(&output)
    );
    assert!(!bench.path("state").exists());
}

#[test]
fn the_manager_gets_its_paths_and_makes_a_key_file_by_default() {
    let bench = Bench::new("printf '%s\\n' \"$@\"; exit 1");
    let output = bench.dev(&[]).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let path = |name: &str| {
        fs::canonicalize(bench.dir.path())
            .unwrap()
            .join(name)
            .display()
            .to_string()
    };
    let given: Vec<String> = stdout.lines().map(str::to_owned).collect();
    assert_eq!(
        given,
        [
            "--data-dir".to_owned(),
            path("state/manager"),
            "--socket".to_owned(),
            bench.path("run/api.sock").display().to_string(),
            "--bootstrap".to_owned(),
            "--dev".to_owned(),
            "--seal".to_owned(),
            format!("keyfile={}", path("state/seal.key")),
        ]
    );
}

#[test]
fn a_passphrase_goes_through_a_pipe_and_into_no_argument() {
    let bench = Bench::new("echo \"$@\" >&2; cat; exit 1");
    fs::write(bench.path("passphrase"), "correct horse\n").unwrap();
    let output = bench
        .dev(&["--passphrase-file", "passphrase"])
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"correct horse\n");
    assert!(stderr(&output).contains("--seal passphrase --passphrase-file -"));
    assert!(!stderr(&output).contains("horse"));

    let mut dev = bench.dev(&["--passphrase-file", "-"]);
    let mut child = dev
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"battery").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"battery");
}

#[test]
fn a_signal_stops_the_child_too() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let bench = Bench::new("echo $$; exec sleep 600");
        let mut dev = bench.dev(&[]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(dev.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let manager = Pid::from_raw(line.trim().parse().unwrap()).unwrap();
        kill_process(pid(&dev), signal).unwrap();
        assert_eq!(dev.wait().unwrap().code(), Some(0));
        assert!(test_kill_process(manager).is_err());
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().unwrap()).unwrap()
}
