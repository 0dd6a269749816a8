//! `version`: this program's own; `status` tells the server's.

use crate::context::Context;
use crate::error::CliError;
use clap::Args;
use serde::Serialize;

#[derive(Args, Debug)]
pub(crate) struct Arguments {}

#[derive(Serialize)]
struct View {
    version: &'static str,
}

pub(crate) fn run(context: &Context, _arguments: &Arguments) -> Result<(), CliError> {
    let version = env!("CARGO_PKG_VERSION");
    if context.output.json() {
        return context.output.document(&View { version });
    }
    context.output.line(&format_args!("strongroom {version}"))
}
