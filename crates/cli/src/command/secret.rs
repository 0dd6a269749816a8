//! `strongroom secret`: values that leave the vault into containers only.

use crate::command::object::{create, destroy, inspect, ls, put, rm, update, versions};
use crate::context::Context;
use crate::error::CliError;
use clap::Subcommand;
use strongroom_model::Kind;

/// What to do with secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Make a secret; fails if the name exists
    #[command(
        override_usage = "strongroom secret create [OPTIONS] <NAME> <FILE|-|--prompt>",
        after_help = "\
Prints NAME@VERSION. Values are taken byte by byte: nothing is trimmed.

Examples:
  printf s3cret | strongroom secret create db-password -
  strongroom secret create tls-key ./key.pem --label env=prod
  strongroom secret create db-password --prompt"
    )]
    Create(create::Arguments),
    /// Make a secret, or add a version unless the newest has the same bytes
    #[command(
        override_usage = "strongroom secret put [OPTIONS] <NAME> <FILE|-|--prompt>",
        after_help = "\
Prints NAME@VERSION of the version that has these bytes.

Examples:
  strongroom secret put tls-key ./key.pem
  strongroom secret put db-password - --if-version 3 < password"
    )]
    Put(put::Arguments),
    /// Change labels; bytes never change
    #[command(after_help = "\
Examples:
  strongroom secret update db-password --label-add env=prod --label-rm draft")]
    Update(update::Arguments),
    /// List secrets
    #[command(
        visible_alias = "list",
        after_help = "\
Examples:
  strongroom secret ls
  strongroom secret ls --filter name=db --filter label=env=prod
  strongroom secret ls --format json"
    )]
    Ls(ls::Arguments),
    /// Describe secrets, never their values
    #[command(after_help = "\
Prints one JSON array, or text with --pretty.

Examples:
  strongroom secret inspect db-password
  strongroom secret inspect --pretty db-password tls-key")]
    Inspect(inspect::Arguments),
    /// List the versions of a secret, oldest first
    #[command(after_help = "\
Examples:
  strongroom secret versions db-password")]
    Versions(versions::Arguments),
    /// Remove secrets or single versions; refused while in use
    #[command(
        visible_alias = "remove",
        after_help = "\
Version numbers are not used again, not even when the name is.

Examples:
  strongroom secret rm db-password
  strongroom secret rm db-password@1 db-password@2"
    )]
    Rm(rm::Arguments),
    /// End access to one version, for good; refused while in use
    #[command(after_help = "\
The version stays in the list, without its bytes.

Examples:
  strongroom secret destroy db-password@1")]
    Destroy(destroy::Arguments),
}

pub(crate) async fn run(context: &Context, command: SecretCommand) -> Result<(), CliError> {
    let kind = Kind::Secret;
    match command {
        SecretCommand::Create(arguments) => create::run(context, kind, &arguments).await,
        SecretCommand::Put(arguments) => put::run(context, kind, &arguments).await,
        SecretCommand::Update(arguments) => update::run(context, kind, &arguments).await,
        SecretCommand::Ls(arguments) => ls::run(context, kind, &arguments).await,
        SecretCommand::Inspect(arguments) => inspect::run(context, kind, &arguments).await,
        SecretCommand::Versions(arguments) => versions::run(context, kind, &arguments).await,
        SecretCommand::Rm(arguments) => rm::run(context, kind, &arguments).await,
        SecretCommand::Destroy(arguments) => destroy::run(context, kind, &arguments).await,
    }
}
