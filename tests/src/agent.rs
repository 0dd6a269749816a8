//! `strongroom-agent`, started on a folder.

use crate::cli::text;
use crate::{Process, program, until};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A running node agent.
#[derive(Debug)]
pub struct Agent {
    process: Process,
    socket: PathBuf,
}

impl Agent {
    /// Starts an agent beside the manager of `folder`, and waits until it answers hooks.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        let socket = folder.join("agent.sock");
        let mut command = Command::new(program("strongroom-agent"));
        command.env("RUST_LOG", "info");
        command.args([
            "--manager",
            &format!("unix://{}", folder.join("api.sock").display()),
        ]);
        command.args(["--socket", &text(&socket), "--node", "here"]);
        let process = Process::start(command, folder.join("strongroom-agent.log"));
        let mut agent = Self { process, socket };
        until("a ready agent", || {
            if let Some(status) = agent.process.ended() {
                panic!(
                    "strongroom-agent ended with {status}: {}",
                    agent.process.output()
                );
            }
            (agent.status()?["ready"] == true).then_some(())
        });
        agent
    }

    /// What `strongroom-agent status` prints.
    #[must_use]
    pub fn status(&self) -> Option<serde_json::Value> {
        let mut command = Command::new(program("strongroom-agent"));
        command.args([
            "status",
            "--agent",
            &format!("unix://{}", self.socket.display()),
        ]);
        let outcome = crate::cli::run(command, b"");
        serde_json::from_slice(&outcome.stdout).ok()
    }

    /// How many containers have files mounted.
    #[must_use]
    pub fn mounts(&self) -> Option<u64> {
        self.status()?["mounts"].as_u64()
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}
