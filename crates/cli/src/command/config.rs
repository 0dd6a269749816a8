//! `strongroom config`: values that administrators can read too.

use crate::command::object::{create, destroy, get, inspect, ls, put, rm, update, versions};
use crate::context::Context;
use crate::error::CliError;
use clap::Subcommand;
use strongroom_model::Kind;

/// What to do with configs.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Make a config; fails if the name exists
    #[command(
        override_usage = "strongroom config create [OPTIONS] <NAME> <FILE|-|--prompt>",
        after_help = "\
Prints NAME@VERSION. Values are taken byte by byte: nothing is trimmed.

Examples:
  strongroom config create app.json ./app.json
  sed s/dev/prod/ app.json | strongroom config create app.json - --label env=prod"
    )]
    Create(create::Arguments),
    /// Make a config, or add a version unless the newest has the same bytes
    #[command(
        override_usage = "strongroom config put [OPTIONS] <NAME> <FILE|-|--prompt>",
        after_help = "\
Prints NAME@VERSION of the version that has these bytes.

Examples:
  strongroom config put app.json ./app.json
  strongroom config put app.json - --if-version 3 < app.json"
    )]
    Put(put::Arguments),
    /// Change labels; bytes never change
    #[command(after_help = "\
Examples:
  strongroom config update app.json --label-add env=prod --label-rm draft")]
    Update(update::Arguments),
    /// List configs
    #[command(
        visible_alias = "list",
        after_help = "\
Examples:
  strongroom config ls
  strongroom config ls --filter name=db --filter label=env=prod
  strongroom config ls --format json"
    )]
    Ls(ls::Arguments),
    /// Describe configs, with their newest bytes
    #[command(after_help = "\
Prints one JSON array, or text with --pretty.

Examples:
  strongroom config inspect app.json
  strongroom config inspect --pretty app.json")]
    Inspect(inspect::Arguments),
    /// List the versions of a config, oldest first
    #[command(after_help = "\
Examples:
  strongroom config versions app.json")]
    Versions(versions::Arguments),
    /// Remove configs or single versions; refused while in use
    #[command(
        visible_alias = "remove",
        after_help = "\
Version numbers are not used again, not even when the name is.

Examples:
  strongroom config rm app.json
  strongroom config rm app.json@1 app.json@2"
    )]
    Rm(rm::Arguments),
    /// End access to one version, for good; refused while in use
    #[command(after_help = "\
The version stays in the list, without its bytes.

Examples:
  strongroom config destroy app.json@1")]
    Destroy(destroy::Arguments),
    /// Write a version's bytes, and nothing else
    #[command(after_help = "\
Examples:
  strongroom config get app.json
  strongroom config get app.json@2 > app.json")]
    Get(get::Arguments),
}

pub(crate) async fn run(context: &Context, command: ConfigCommand) -> Result<(), CliError> {
    let kind = Kind::Config;
    match command {
        ConfigCommand::Create(arguments) => create::run(context, kind, &arguments).await,
        ConfigCommand::Put(arguments) => put::run(context, kind, &arguments).await,
        ConfigCommand::Update(arguments) => update::run(context, kind, &arguments).await,
        ConfigCommand::Ls(arguments) => ls::run(context, kind, &arguments).await,
        ConfigCommand::Inspect(arguments) => inspect::run(context, kind, &arguments).await,
        ConfigCommand::Versions(arguments) => versions::run(context, kind, &arguments).await,
        ConfigCommand::Rm(arguments) => rm::run(context, kind, &arguments).await,
        ConfigCommand::Destroy(arguments) => destroy::run(context, kind, &arguments).await,
        ConfigCommand::Get(arguments) => get::run(context, &arguments).await,
    }
}
