//! The children: started in order, watched, and stopped together.

use super::DevError;
use super::paths::Paths;
use super::program::{AGENT, MANAGER, Programs};
use super::seal::Unseal;
use crate::context::Context;
use crate::error::{CliError, Exit};
use core::time::Duration;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use strongroom_client::Client;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// What runs.
#[derive(Debug, Default)]
pub(crate) struct Children {
    manager: Option<Child>,
    agent: Option<Child>,
}

/// What `strongroom-agent status` prints; it prints more.
#[derive(Deserialize)]
struct AgentStatus {
    ready: bool,
}

impl Children {
    /// Starts the manager, then as root the agent, says that they are ready, and returns when one of them ends.
    pub(crate) async fn serve(
        &mut self,
        context: &Context,
        programs: &Programs,
        paths: &Paths,
        unseal: Unseal,
    ) -> Result<(), CliError> {
        let manager = self
            .manager
            .insert(start_manager(&programs.manager, paths, &unseal)?);
        if let Unseal::Passphrase(passphrase) = unseal {
            // A child that ended before it read this has said why; `until_ready` takes that up.
            if let Some(mut pipe) = manager.stdin.take() {
                let _written = pipe.write_all(passphrase.expose()).await;
            }
        }
        let client = Client::new(&paths.api).with_deadline(PATIENCE);
        until_ready(MANAGER, manager, async || {
            client.status().await.is_ok_and(|status| status.ready)
        })
        .await?;
        let Some(program) = &programs.agent else {
            let alone = "without root: the manager runs alone, containers get no files";
            announce(context, paths, alone)?;
            return Err(ended(MANAGER, manager.wait().await));
        };
        let agent = self.agent.insert(start_agent(program, paths)?);
        let both = async {
            until_ready(AGENT, agent, || agent_is_ready(program, paths)).await?;
            announce(context, paths, "any container on this machine may attach")?;
            Err(ended(AGENT, agent.wait().await))
        };
        tokio::select! {
            result = both => result,
            status = manager.wait() => Err(ended(MANAGER, status)),
        }
    }

    /// Stops what runs, the agent first, so that it can take its leave of the manager.
    pub(crate) async fn stop(&mut self) {
        for child in [self.agent.take(), self.manager.take()]
            .into_iter()
            .flatten()
        {
            stop(child).await;
        }
    }
}

fn start_manager(program: &Path, paths: &Paths, unseal: &Unseal) -> Result<Child, DevError> {
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(paths.data());
    command.arg("--socket").arg(paths.api.path());
    command.args(["--bootstrap", "--dev"]);
    match unseal {
        Unseal::KeyFile => {
            let mut seal = OsString::from("keyfile=");
            seal.push(paths.key_file());
            command.arg("--seal").arg(seal).stdin(Stdio::null());
        }
        Unseal::Passphrase(_) => {
            command.args(["--seal", "passphrase", "--passphrase-file", "-"]);
            command.stdin(Stdio::piped());
        }
    }
    start(command)
}

fn start_agent(program: &Path, paths: &Paths) -> Result<Child, DevError> {
    let mut command = Command::new(program);
    command.arg("--manager").arg(paths.api.to_string());
    command.arg("--socket").arg(paths.agent.path());
    command.stdin(Stdio::null());
    start(command)
}

/// In a process group of its own, so that Ctrl-C reaches the child once, through us.
fn start(mut command: Command) -> Result<Child, DevError> {
    command.process_group(0).kill_on_drop(true);
    command.spawn().map_err(|error| {
        let program = command.as_std().get_program();
        DevError::Start(Path::new(program).display().to_string(), error)
    })
}

/// Asks until the answer is yes; gives up when the child ends or [`PATIENCE`] does.
async fn until_ready<F: Future<Output = bool>>(
    name: &'static str,
    child: &mut Child,
    ready: impl Fn() -> F,
) -> Result<(), CliError> {
    let asking = async {
        while !ready().await {
            sleep(PAUSE).await;
        }
    };
    tokio::select! {
        asked = timeout(PATIENCE, asking) => {
            asked.map_err(|_| DevError::NotReady(name, PATIENCE.as_secs()).into())
        }
        status = child.wait() => Err(ended(name, status)),
    }
}

async fn agent_is_ready(program: &Path, paths: &Paths) -> bool {
    let mut command = Command::new(program);
    command
        .args(["status", "--agent"])
        .arg(paths.agent.to_string());
    let answer = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    answer.is_ok_and(|answer| {
        serde_json::from_slice(&answer.stdout).is_ok_and(|status: AgentStatus| status.ready)
    })
}

fn announce(context: &Context, paths: &Paths, note: &str) -> Result<(), CliError> {
    let host = if context.host_is_default() {
        String::new()
    } else {
        format!("--host {} ", paths.api)
    };
    context.output.line(&format_args!(
        "strongroom is ready at {}, its state in {} ({note})\n\
         try: printf s3cret | strongroom {host}secret create db-password -\n\
         then: strongroom {host}secret ls",
        paths.api,
        paths.state.display(),
    ))
}

/// A child that failed in good order has said why, in its one line; nothing is added to that.
fn ended(name: &'static str, status: io::Result<ExitStatus>) -> CliError {
    match status {
        Ok(status) if status.code().is_some_and(|code| code != 0) => {
            CliError::Reported(Exit::Failed)
        }
        Ok(status) => DevError::Stopped(name, status.to_string()).into(),
        Err(error) => DevError::Stopped(name, error.to_string()).into(),
    }
}

/// Asks to stop, and insists after [`GRACE`].
async fn stop(mut child: Child) {
    // Without an id the child has ended, and its number may be another process's by now.
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = id.and_then(Pid::from_raw) {
        // It can only fail for a child that has just ended.
        let _sent = kill_process(pid, Signal::TERM);
    }
    if timeout(GRACE, child.wait()).await.is_err() {
        let _killed = child.kill().await;
    }
}

/// How long a start may take: Argon2id on a slow machine, and the log's replay.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two questions whether a child is ready.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a stop may take before it is no longer asked for: a flush to a slow disk.
const GRACE: Duration = Duration::from_secs(10);
