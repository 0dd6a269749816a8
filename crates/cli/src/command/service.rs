//! `strongroom service`: which files the containers of a name get.

pub(crate) mod create;
pub(crate) mod inspect;
pub(crate) mod ls;
pub(crate) mod ps;
pub(crate) mod rm;

use crate::context::Context;
use crate::error::CliError;
use clap::Subcommand;

/// What to do with services.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Say which files the containers of a name get, whoever starts them
    #[command(after_help = "\
SPEC is NAME, or source=NAME[@VERSION|@latest][,target=T][,uid=U][,gid=G][,mode=M] with
  target    file below /run/secrets (secrets) or / (configs), or an absolute
            path; without it NAME
  uid, gid  the file's owner, as numbers; without them 0
  mode      permission bits in octal; without it 0444
@latest, and no version, mean the one that is newest now.

Examples:
  strongroom service create web --secret db-password --config source=app.json,target=/etc/app.json
  strongroom service create web --secret source=tls-key@2,target=tls/key.pem,uid=33,mode=0400")]
    Create(create::Arguments),
    /// List services
    #[command(
        visible_alias = "list",
        after_help = "\
Examples:
  strongroom service ls --format json"
    )]
    Ls(ls::Arguments),
    /// Describe services with their references
    #[command(after_help = "\
Prints one JSON array, or text with --pretty.

Examples:
  strongroom service inspect web
  strongroom service inspect --pretty web")]
    Inspect(inspect::Arguments),
    /// List the containers that have a service's files
    #[command(after_help = "\
Examples:
  strongroom service ps
  strongroom service ps web --format json")]
    Ps(ps::Arguments),
    /// Remove services; refused while containers are attached
    #[command(
        visible_alias = "remove",
        after_help = "\
Examples:
  strongroom service rm web"
    )]
    Rm(rm::Arguments),
}

pub(crate) async fn run(context: &Context, command: ServiceCommand) -> Result<(), CliError> {
    match command {
        ServiceCommand::Create(arguments) => create::run(context, &arguments).await,
        ServiceCommand::Ls(arguments) => ls::run(context, &arguments).await,
        ServiceCommand::Inspect(arguments) => inspect::run(context, &arguments).await,
        ServiceCommand::Ps(arguments) => ps::run(context, &arguments).await,
        ServiceCommand::Rm(arguments) => rm::run(context, &arguments).await,
    }
}
