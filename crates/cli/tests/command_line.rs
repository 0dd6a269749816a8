//! What `strongroom` says and exits with where no server is needed: help, usage, bad values, no server.
//!
//! Help is a snapshot: scripts and people rely on it, so a change shows in review. Write new ones with
//! `STRONGROOM_WRITE_HELP=1 cargo test -p strongroom-cli --test command_line`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Every command, as it is written.
const COMMANDS: [&str; 31] = [
    "",
    "dev",
    "status",
    "secret",
    "secret create",
    "secret put",
    "secret update",
    "secret ls",
    "secret inspect",
    "secret versions",
    "secret rm",
    "secret destroy",
    "config",
    "config create",
    "config put",
    "config update",
    "config ls",
    "config inspect",
    "config versions",
    "config rm",
    "config destroy",
    "config get",
    "service",
    "service create",
    "service ls",
    "service inspect",
    "service ps",
    "service rm",
    "completion",
    "version",
    "--version",
];

/// A directory without a server, and the program run against it.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
        }
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("api.sock")
    }

    fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
        command
            .args(line)
            .env_clear()
            .env("COLUMNS", "100")
            .env(
                "STRONGROOM_HOST",
                format!("unix://{}", self.socket().display()),
            )
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, line: &[&str]) -> Output {
        self.command(line).output().unwrap()
    }

    fn run_with_input(&self, line: &[&str], input: &[u8]) -> Output {
        let mut command = self.command(line);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may be refused before its input is read.
        let _written = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    /// Exits with `code`, prints nothing, and says one line that has `words`.
    fn refuses(&self, line: &[&str], code: i32, words: &str) {
        let output = self.run(line);
        assert_refused(&output, code, words, line);
    }
}

#[track_caller]
fn assert_refused(output: &Output, code: i32, words: &str, line: &[&str]) {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{line:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{line:?}");
    assert!(
        stderr.starts_with("strongroom: ") && stderr.ends_with('\n'),
        "{line:?}: {stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{line:?}: {stderr}");
    assert!(stderr.contains(words), "{line:?}: {stderr}");
}

#[test]
fn help_is_as_it_was_reviewed() {
    let bench = Bench::new();
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    for command in COMMANDS.iter().filter(|command| !command.starts_with('-')) {
        let mut line: Vec<&str> = command.split_whitespace().collect();
        line.push("--help");
        let help = String::from_utf8(bench.run(&line).stdout).unwrap();
        let name = if command.is_empty() {
            "strongroom"
        } else {
            command
        };
        let snapshot = snapshots.join(format!("{}.txt", name.replace(' ', "-")));
        if std::env::var_os("STRONGROOM_WRITE_HELP").is_some() {
            fs::write(&snapshot, &help).unwrap();
        }
        let reviewed = fs::read_to_string(&snapshot).unwrap_or_default();
        assert_eq!(help, reviewed, "{}", snapshot.display());
    }
}

#[test]
fn every_command_is_in_the_list_above() {
    let bench = Bench::new();
    for group in ["", "secret", "config", "service"] {
        let mut line: Vec<&str> = group.split_whitespace().collect();
        line.push("--help");
        let help = String::from_utf8(bench.run(&line).stdout).unwrap();
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        for command in commands.take_while(|line| !line.is_empty()) {
            let verb = command.split_whitespace().next().unwrap();
            let command = format!("{group} {verb}");
            assert!(COMMANDS.contains(&command.trim()), "{command}");
        }
    }
}

#[test]
fn unknown_flags_and_arguments_are_usage_errors() {
    let bench = Bench::new();
    for line in [
        &[][..],
        &["secret"],
        &["nothing"],
        &["secret", "get", "x"],
        &["secret", "ls", "--nothing"],
        &["secret", "ls", "extra"],
        &["secret", "put", "x"],
        &["secret", "put", "x", "file", "--prompt"],
        &["secret", "inspect"],
        &["secret", "put", "x", "-", "--if-version"],
        &["secret", "ls", "--format"],
        &["service", "create"],
        &["status", "extra"],
        &["dev", "extra"],
    ] {
        let output = bench.run(line);
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{line:?}"
        );
    }
}

#[test]
fn bad_names_values_and_references_are_refused_as_invalid() {
    let bench = Bench::new();
    for (line, words) in [
        (&["secret", "put", "../x", "-"][..], "../x"),
        (&["secret", "put", "", "-"], "name"),
        (&["secret", "put", "x", ""], "cannot read \"\""),
        (&["secret", "put", "x", "missing"], "missing"),
        (&["secret", "put", "x", "."], "."),
        (&["secret", "put", "x", "-"], "standard input is empty"),
        (
            &["secret", "put", "x", "-", "--if-version", "x"],
            "--if-version",
        ),
        (
            &["secret", "put", "x", "-", "--if-version", "-1"],
            "--if-version",
        ),
        (&["secret", "put", "x", "-", "--label", "=v"], "label"),
        (&["secret", "rm", "x y"], "x y"),
        (&["secret", "rm", "x@latest"], "x@latest"),
        (&["secret", "destroy", "x"], "which version"),
        (&["secret", "versions", "x/y"], "x/y"),
        (&["secret", "ls", "--filter", "colour=red"], "colour=red"),
        (&["secret", "ls", "--format", "xml"], "xml"),
        (&["config", "get", "x@0"], "x@0"),
        (
            &["service", "create", "x", "--secret", "source=db,mode=999"],
            "mode",
        ),
        (
            &[
                "service",
                "create",
                "x",
                "--secret",
                "source=db,target=../../etc/passwd",
            ],
            "target",
        ),
        (&["service", "create", "x", "--secret", ""], "name"),
        (
            &["service", "create", "x", "--config", "target=x"],
            "source",
        ),
        (&["completion", "tcsh"], "tcsh"),
        (
            &["status", "--host", "https://vault:8443"],
            "Unix sockets only",
        ),
        (&["status", "--host", "/run/x.sock"], "unix:///path"),
        (&["dev", "--seal", "kms"], "kms"),
    ] {
        bench.refuses(line, 1, words);
    }
}

#[test]
fn several_bad_names_are_reported_one_by_one() {
    let bench = Bench::new();
    let output = bench.run(&["secret", "inspect", "x/y", "a b"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"[]\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<_> = stderr.lines().collect();
    assert!(
        lines.len() == 2 && lines[0].contains("x/y") && lines[1].contains("a b"),
        "{stderr}"
    );
}

#[test]
fn a_value_of_one_byte_too_many_is_refused_and_the_most_is_not() {
    let bench = Bench::new();
    let line = ["config", "put", "x", "-"];
    let bytes = vec![b'x'; 1_048_577];
    let output = bench.run_with_input(&line, &bytes);
    assert_refused(&output, 1, "at most 1048576 bytes", &line);
    let output = bench.run_with_input(&line, &bytes[1..]);
    assert_refused(&output, 6, "no server", &line);
}

#[test]
fn a_secret_that_ends_in_a_newline_is_noted_and_never_shown() {
    let bench = Bench::new();
    let notes = |line: &[&str], input: &[u8]| {
        let output = bench.run_with_input(line, input);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("hunter2"), "{stderr}");
        stderr.contains("newline")
    };
    assert!(notes(&["secret", "put", "x", "-"], b"hunter2\n"));
    assert!(!notes(&["secret", "put", "x", "-"], b"hunter2"));
    assert!(!notes(&["secret", "put", "-q", "x", "-"], b"hunter2\n"));
    assert!(!notes(&["config", "put", "x", "-"], b"hunter2\n"));
}

#[test]
fn no_server_is_not_reachable_and_named() {
    let bench = Bench::new();
    let socket = bench.socket().display().to_string();
    for line in [
        &["status"][..],
        &["secret", "ls"],
        &["secret", "rm", "a", "b", "c"],
        &["config", "get", "x"],
        &["service", "ps"],
    ] {
        bench.refuses(line, 6, &socket);
    }
    drop(UnixListener::bind(bench.socket()).unwrap());
    bench.refuses(&["status"], 6, &socket);
}

#[test]
fn the_default_socket_needs_a_runtime_directory_unless_root_asks() {
    let bench = Bench::new();
    let mut command = bench.command(&["status"]);
    let output = command.env("STRONGROOM_HOST", "").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let root = rustix::process::geteuid().is_root();
    let words = if root {
        "/run/strongroom/api.sock"
    } else {
        "XDG_RUNTIME_DIR"
    };
    assert!(stderr.contains(words), "{stderr}");
}

#[test]
fn a_prompt_without_a_terminal_says_what_to_do_instead() {
    let bench = Bench::new();
    // A session of its own has no terminal, whatever the tests run in.
    let mut command = Command::new("setsid");
    command.arg("--wait").arg(env!("CARGO_BIN_EXE_strongroom"));
    command
        .args(["secret", "create", "x", "--prompt"])
        .stdin(Stdio::null());
    let output = command
        .env("STRONGROOM_HOST", "unix:///nowhere/x.sock")
        .output()
        .unwrap();
    assert_refused(&output, 1, "cannot ask at the terminal", &["--prompt"]);
    drop(bench);
}

#[test]
fn a_second_dev_is_refused_before_anything_is_started_or_written() {
    let bench = Bench::new();
    let programs = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let listener = UnixListener::bind(bench.socket()).unwrap();
    let state = bench.dir.path().join("state");
    let state = state.to_str().unwrap();
    for program in ["strongroomd", "strongroom-agent"] {
        std::os::unix::fs::symlink("/bin/false", programs.path().join(program)).unwrap();
    }
    let mut command = bench.command(&["dev", "--state-dir", state]);
    let output = command.env("PATH", programs.path()).output().unwrap();
    assert_refused(&output, 1, "answers at", &["dev"]);
    assert!(!Path::new(state).exists());
    drop(listener);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let bench = Bench::new();
    let mut command = bench.command(&["completion", "bash"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.stderr.is_empty(),
        "{:?}",
        String::from_utf8(output.stderr)
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn completions_know_the_commands() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = String::from_utf8(bench.run(&["completion", shell]).stdout).unwrap();
        for word in ["strongroom", "versions", "if-version", "inspect"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_version_is_text_or_json() {
    let bench = Bench::new();
    let version = env!("CARGO_PKG_VERSION");
    for line in [&["version"][..], &["--version"]] {
        let stdout = String::from_utf8(bench.run(line).stdout).unwrap();
        assert_eq!(stdout, format!("strongroom {version}\n"));
    }
    let stdout = bench.run(&["version", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(json["version"], version);
}
