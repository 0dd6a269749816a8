//! `strongroom`, the command line: Docker's nouns and verbs over the typed client.
//!
//! One command is one file with its arguments and one `run`. Flags are parsed by clap, and what is wrong with them is a
//! usage error; names, versions and references are parsed after that, by the model, and are refused as invalid. Secrets
//! come in by file, standard input or prompt, never by flag or environment. Output is a table for people or JSON for
//! scripts; an error is one line on standard error, and its kind is the exit code.

mod argument;
mod cli;
mod command;
mod context;
mod error;
mod input;
mod output;
mod prompt;
mod tally;
mod time;
mod view;

use crate::cli::Cli;
use crate::error::{CliError, Exit};
use clap::Parser as _;
use clap::error::ErrorKind as UsageKind;
use std::process::ExitCode;

/// Parses the process's arguments and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    error::report_panics_in_one_line();
    if let Err(error) = strongroom_sensitive::process::harden() {
        return finish(Err(CliError::Harden(error)));
    }
    match Cli::try_parse() {
        Ok(cli) => finish(execute(cli)),
        Err(usage) => refuse(&usage),
    }
}

fn execute(cli: Cli) -> Result<(), CliError> {
    // One thread is enough: a command waits for one answer at a time.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CliError::Runtime)?;
    runtime.block_on(command::run(cli))
}

fn finish(result: Result<(), CliError>) -> ExitCode {
    match result {
        Ok(()) => Exit::Done,
        Err(error) => {
            error.report();
            error.exit()
        }
    }
    .into()
}

/// Help and version go to standard output. An unknown flag or argument is a usage error, as is a flag without its value;
/// a value that is none of those listed is as invalid as any other bad value.
fn refuse(usage: &clap::Error) -> ExitCode {
    if let Some(choice) = error::Choice::of(usage) {
        return finish(Err(CliError::Choice(choice)));
    }
    // Whoever closed the pipe wants no more of it.
    let _printed = usage.print();
    match usage.kind() {
        UsageKind::DisplayHelp | UsageKind::DisplayVersion => Exit::Done.into(),
        _ => Exit::Usage.into(),
    }
}
