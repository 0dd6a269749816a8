//! The command line, and the exit codes: 0 done, 1 failed or refused, 2 usage.

use crate::protocol::{Answer, Request};
use crate::request::{self, RequestError};
use crate::{agent, hook, limits};
use clap::{Args, Parser, Subcommand};
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use strongroom_client::{Endpoint, EndpointError};
use tracing_subscriber::EnvFilter;

/// Strongroom's node agent: shows services' secrets and configs as files in their containers.
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Option<RunArgs>,
}

/// What the agent itself is told.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunArgs {
    /// The manager's address
    #[arg(long, value_name = "unix:///PATH")]
    pub(crate) manager: String,
    /// The socket on which hooks are answered
    #[arg(long, value_name = "PATH", default_value = SOCKET)]
    pub(crate) socket: PathBuf,
    /// This machine's name [default: the host's]
    #[arg(long, value_name = "NAME")]
    pub(crate) node: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// As an OCI createRuntime hook: mount a container's files (the OCI state is read from standard input)
    Hook(AgentArgs),
    /// Print the agent's state as one line of JSON
    Status(AgentArgs),
}

#[derive(Debug, Args)]
struct AgentArgs {
    /// The agent's address
    #[arg(long, value_name = "unix:///PATH", default_value_t = format!("unix://{SOCKET}"))]
    agent: String,
}

/// Runs the program; the exit code of `main`.
#[must_use]
pub fn run() -> ExitCode {
    if let Err(error) = strongroom_sensitive::process::harden() {
        return failed(&format_args!(
            "the process's memory cannot be protected: {error}"
        ));
    }
    let cli = Cli::parse();
    match (cli.command, cli.run) {
        (Some(Command::Hook(args)), _) => finish(hook(&args)),
        (Some(Command::Status(args)), _) => finish(status(&args)),
        (None, Some(args)) => {
            start_log();
            finish(agent::run(&args))
        }
        (None, None) => failed(&"name the manager with --manager unix:///PATH"),
    }
}

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    #[error(transparent)]
    Hook(#[from] hook::HookError),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("the answer cannot be printed: {0}")]
    Print(#[from] io::Error),
    #[error("the agent answered something else than its state")]
    Answer,
}

fn hook(args: &AgentArgs) -> Result<(), CommandError> {
    let endpoint = Endpoint::parse(&args.agent)?;
    Ok(hook::run(endpoint.path(), io::stdin().lock())?)
}

fn status(args: &AgentArgs) -> Result<(), CommandError> {
    let endpoint = Endpoint::parse(&args.agent)?;
    let path: &Path = endpoint.path();
    match request::ask(path, &Request::Status, Duration::ZERO)? {
        Answer::Status { ready, mounts } => {
            let state = serde_json::json!({ "ready": ready, "mounts": mounts });
            Ok(writeln!(io::stdout(), "{state}")?)
        }
        Answer::Attached | Answer::Refused(_) => Err(CommandError::Answer),
    }
}

fn finish<E: Display>(outcome: Result<(), E>) -> ExitCode {
    outcome.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

fn failed(error: &dyn Display) -> ExitCode {
    // Where nobody listens the exit code still tells.
    drop(writeln!(io::stderr(), "strongroom-agent: {error}"));
    ExitCode::FAILURE
}

/// To standard error, as `RUST_LOG` asks, else what an operator has to know.
fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

const SOCKET: &str = "/run/strongroom/agent.sock";

const _: () = assert!(limits::ANSWER_WAIT.as_secs() > limits::SERVICE_WAIT.as_secs());
