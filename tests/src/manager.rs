//! `strongroomd`, started on a folder.

use crate::cli::text;
use crate::{Cli, Process, program, until};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A running manager.
#[derive(Debug)]
pub struct Manager {
    process: Process,
    folder: PathBuf,
    options: ManagerOptions,
}

/// How a manager is started.
#[derive(Clone, Debug)]
pub struct ManagerOptions {
    /// What opens its keys.
    pub seal: Seal,
    /// Whether any agent is assigned every service.
    pub dev: bool,
    /// What is logged, as in `RUST_LOG`.
    pub log: &'static str,
}

/// What opens a manager's keys.
#[derive(Clone, Debug)]
pub enum Seal {
    /// A file that the manager makes.
    KeyFile,
    /// A passphrase, given as a file.
    Passphrase(&'static str),
    /// A passphrase that comes through that pipe, when somebody writes to it.
    Pipe(PathBuf),
}

impl Default for ManagerOptions {
    fn default() -> Self {
        Self {
            seal: Seal::KeyFile,
            dev: true,
            log: "info",
        }
    }
}

impl Manager {
    /// Starts a manager on `folder`, which may hold the state of an earlier one, and waits until it is ready.
    #[must_use]
    pub fn start(folder: &Path, options: ManagerOptions) -> Self {
        let mut manager = Self::launch(folder, options);
        manager.wait_until_ready();
        manager
    }

    /// Starts a manager without waiting for it.
    #[must_use]
    pub fn launch(folder: &Path, options: ManagerOptions) -> Self {
        let process = Process::start(command(folder, &options), folder.join("strongroomd.log"));
        Self {
            process,
            folder: folder.to_path_buf(),
            options,
        }
    }

    /// Waits until the manager serves.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn wait_until_ready(&mut self) {
        let cli = self.cli();
        until("a ready manager", || {
            if let Some(status) = self.process.ended() {
                panic!("strongroomd ended with {status}: {}", self.process.output());
            }
            let outcome = cli.run(&["--format", "json", "status"]);
            let status: serde_json::Value = serde_json::from_slice(&outcome.stdout).ok()?;
            (status["ready"] == true).then_some(())
        });
    }

    /// Kills the manager as a power failure would, and starts it again on the same folder.
    pub fn crash_and_restart(&mut self) {
        self.process.kill();
        self.restart();
    }

    /// Stops the manager cleanly, and starts it again on the same folder.
    pub fn stop_and_restart(&mut self) {
        self.process.stop();
        self.restart();
    }

    /// The command line for this manager.
    #[must_use]
    pub fn cli(&self) -> Cli {
        Cli::new(&self.socket())
    }

    /// Its API socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("api.sock")
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("manager")
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    fn restart(&mut self) {
        let log = self.folder.join("strongroomd.log");
        self.process = Process::start(command(&self.folder, &self.options), log);
        self.wait_until_ready();
    }
}

fn command(folder: &Path, options: &ManagerOptions) -> Command {
    let mut command = Command::new(program("strongroomd"));
    command.env("RUST_LOG", options.log).arg("--bootstrap");
    command.args(["--data-dir", &text(&folder.join("manager"))]);
    command.args(["--socket", &text(&folder.join("api.sock"))]);
    match &options.seal {
        Seal::KeyFile => {
            let key = folder.join("seal.key");
            command.args(["--seal", &format!("keyfile={}", key.display())]);
        }
        Seal::Passphrase(passphrase) => {
            let file = folder.join("passphrase");
            std::fs::write(&file, passphrase).unwrap();
            command.args(["--seal", "passphrase", "--passphrase-file", &text(&file)]);
        }
        Seal::Pipe(pipe) => {
            command.args(["--seal", "passphrase", "--passphrase-file", &text(pipe)]);
        }
    }
    if options.dev {
        command.arg("--dev");
    }
    command
}
