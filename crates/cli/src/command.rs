//! The commands, one file each.

pub(crate) mod completion;
pub(crate) mod config;
pub(crate) mod dev;
pub(crate) mod object;
pub(crate) mod secret;
pub(crate) mod service;
pub(crate) mod status;
pub(crate) mod version;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::CliError;
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything on this machine, in the foreground
    Dev(dev::Arguments),
    /// Show whether the server is sealed, ready, and led
    Status(status::Arguments),
    /// Manage secrets: values that only containers read
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// Manage configs: values that administrators can read too
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Manage services: which files the containers of a name get
    #[command(subcommand)]
    Service(service::ServiceCommand),
    /// Write a completion script for a shell
    Completion(completion::Arguments),
    /// Show this program's version
    Version(version::Arguments),
}

/// Runs one command.
pub(crate) async fn run(cli: Cli) -> Result<(), CliError> {
    let context = Context::new(cli.globals);
    match cli.command {
        Command::Dev(arguments) => dev::run(&context, arguments).await,
        Command::Status(arguments) => status::run(&context, &arguments).await,
        Command::Secret(command) => secret::run(&context, command).await,
        Command::Config(command) => config::run(&context, command).await,
        Command::Service(command) => service::run(&context, command).await,
        Command::Completion(arguments) => completion::run(&context, &arguments),
        Command::Version(arguments) => version::run(&context, &arguments),
    }
}
