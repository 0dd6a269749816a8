//! The root of the command line: the commands' names, and the flags that all of them take.

use crate::command::Command;
use crate::output::Format;
use clap::{Args, Parser};

/// Secrets and configs for containers: versioned, encrypted, and shown as files where they are read
#[derive(Debug, Parser)]
#[command(
    name = "strongroom",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Without --host, the server is at /run/strongroom/api.sock for root, and at
$XDG_RUNTIME_DIR/strongroom/api.sock for others.

Exit codes:
  0 done        1 failed, or refused as invalid    2 usage
  3 not found   4 conflict: exists, in use, version
  5 denied      6 not reachable, or no leader      7 sealed

Examples:
  strongroom dev
  printf s3cret | strongroom secret create db-password -
  strongroom service create web --secret source=db-password,uid=100,mode=0400"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Server: unix:///path or https://host:port
    #[arg(
        long,
        global = true,
        env = "STRONGROOM_HOST",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) host: Option<String>,
    /// Output: tables for people, or JSON for programs
    #[arg(
        long,
        global = true,
        hide_possible_values = true,
        value_name = "table|json"
    )]
    pub(crate) format: Option<Format>,
    /// Print ids only in lists, and no notes
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definitions_agree_with_each_other() {
        Cli::command().debug_assert();
    }

    fn exit_kind(arguments: &[&str]) -> clap::error::ErrorKind {
        let arguments = ["strongroom"].iter().chain(arguments);
        Cli::try_parse_from(arguments).unwrap_err().kind()
    }

    #[test]
    fn a_value_comes_from_exactly_one_place() {
        use clap::error::ErrorKind::{ArgumentConflict, MissingRequiredArgument};
        for object in ["secret", "config"] {
            for verb in ["create", "put"] {
                assert_eq!(exit_kind(&[object, verb, "name"]), MissingRequiredArgument);
                let both = [object, verb, "name", "file", "--prompt"];
                assert_eq!(exit_kind(&both), ArgumentConflict);
                assert!(Cli::try_parse_from(["strongroom", object, verb, "name", "-"]).is_ok());
            }
        }
    }

    #[test]
    fn bad_names_versions_and_references_get_past_the_parser() {
        for arguments in [
            &[
                "secret",
                "put",
                "../x",
                "-",
                "--if-version",
                "-1",
                "--label",
                "=",
            ][..],
            &["secret", "destroy", "x"],
            &["config", "get", "x@y"],
            &[
                "service", "create", "x", "--secret", "mode=999", "--config", "",
            ],
            &["secret", "ls", "--filter", "colour=red"],
            &["status", "--host", "ftp://x"],
        ] {
            let arguments = ["strongroom"].iter().chain(arguments);
            assert!(Cli::try_parse_from(arguments).is_ok());
        }
    }

    #[test]
    fn only_configs_have_bytes_to_get() {
        assert_eq!(
            exit_kind(&["secret", "get", "x"]),
            clap::error::ErrorKind::InvalidSubcommand
        );
    }
}
