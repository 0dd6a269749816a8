//! `service create`: a service at revision 1.

use crate::argument;
use crate::context::Context;
use crate::error::CliError;
use clap::Args;
use strongroom_model::{Name, ReferenceError, RequestedReference};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name: what containers are annotated with
    name: String,
    /// Show a secret as a file; repeatable
    #[arg(long, value_name = "SPEC", allow_hyphen_values = true)]
    secret: Vec<String>,
    /// Show a config as a file; repeatable
    #[arg(long, value_name = "SPEC", allow_hyphen_values = true)]
    config: Vec<String>,
    /// Label; repeatable
    #[arg(short, long, value_name = "KEY=VALUE")]
    label: Vec<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), CliError> {
    let name = Name::parse(&arguments.name)?;
    let labels = argument::labels(&arguments.label)?;
    let secrets = references(&arguments.secret)?;
    let configs = references(&arguments.config)?;
    let client = context.client()?;
    let service = client
        .create_service(&name, &labels, &secrets, &configs)
        .await?;
    context.output.line(&service.name)
}

fn references(texts: &[String]) -> Result<Vec<RequestedReference>, ReferenceError> {
    texts
        .iter()
        .map(|text| RequestedReference::parse(text))
        .collect()
}
