//! `--prompt` at a real terminal: asked twice, never echoed, and Ctrl-C leaves the terminal as it was.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, Stdio};

/// The program at a terminal of its own; what it prints there is read here.
struct Terminal {
    master: File,
    child: Child,
    shown: String,
}

impl Terminal {
    fn run(line: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = std::ffi::OsString::from_vec(ptsname(&master, Vec::new()).unwrap().into_bytes());
        let no_control = i32::try_from(OpenptFlags::NOCTTY.bits()).unwrap();
        let slave = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(no_control)
            .open(path)
            .unwrap();
        let child = Command::new("setsid")
            .args(["--ctty", "--wait", "sh", "-c", SHELL, "sh"])
            .arg(env!("CARGO_BIN_EXE_strongroom"))
            .args(line)
            .env("STRONGROOM_HOST", "unix:///nowhere/x.sock")
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(Stdio::from(slave))
            .spawn()
            .unwrap();
        Self {
            master: File::from(master),
            child,
            shown: String::new(),
        }
    }

    /// Reads until the terminal shows `text`.
    fn expect(&mut self, text: &str) {
        let mut byte = [0];
        while !self.shown.ends_with(text) {
            self.master.read_exact(&mut byte).unwrap();
            self.shown.push(char::from(byte[0]));
        }
    }

    fn type_in(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.master)
            .unwrap()
            .local_modes
            .contains(LocalModes::ECHO)
    }

    /// Reads until the program has ended with `code`, whatever it shows before.
    fn exits_with(&mut self, code: i32) {
        self.expect(&format!("exit {code}."));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.type_in("\n");
        self.child.wait().unwrap();
    }
}

/// Runs the program, and stays until a line is typed: with the end of its first process a terminal forgets what it shows.
const SHELL: &str = r#"trap : INT; "$@"; echo "exit $?."; read -r line"#;

#[test]
fn a_value_is_asked_for_twice_and_never_shown() {
    let mut terminal = Terminal::run(&["secret", "create", "x", "--prompt"]);
    terminal.expect("Value of the secret: ");
    terminal.type_in("hunter2\n");
    terminal.expect("Value of the secret, again: ");
    terminal.type_in("hunter2\n");
    terminal.expect("no server at /nowhere/x.sock");
    terminal.exits_with(6);
    assert!(!terminal.shown.contains("hunter2"));
}

#[test]
fn two_different_answers_are_refused() {
    let mut terminal = Terminal::run(&["config", "put", "x", "--prompt"]);
    terminal.expect("Value of the config: ");
    terminal.type_in("hunter2\n");
    terminal.expect("again: ");
    terminal.type_in("hunter3\n");
    terminal.expect("the two entries differ");
    terminal.exits_with(1);
    assert!(!terminal.shown.contains("hunter"));
}

#[test]
fn ctrl_c_at_the_prompt_ends_the_program_and_restores_the_terminal() {
    let mut terminal = Terminal::run(&["secret", "create", "x", "--prompt"]);
    assert!(terminal.echoes());
    terminal.expect("Value of the secret: ");
    terminal.type_in("hunt\u{3}");
    terminal.expect("interrupted");
    terminal.exits_with(130);
    assert!(terminal.echoes());
}

#[test]
fn a_terminal_is_refused_as_standard_input() {
    let mut terminal = Terminal::run(&["secret", "create", "x", "-"]);
    terminal.expect("standard input is a terminal");
    terminal.exits_with(1);
}
