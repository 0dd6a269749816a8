//! `update`: labels only, as in Swarm.

use crate::argument;
use crate::context::Context;
use crate::error::CliError;
use clap::Args;
use strongroom_model::{Kind, LabelKey, Name};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name or id
    name: String,
    /// Add or change a label; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    label_add: Vec<String>,
    /// Remove a label; repeatable
    #[arg(long, value_name = "KEY")]
    label_rm: Vec<String>,
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let name = Name::parse(&arguments.name)?;
    let add = argument::labels(&arguments.label_add)?;
    let remove = arguments.label_rm.iter().map(|key| LabelKey::parse(key));
    let remove = remove.collect::<Result<Vec<_>, _>>()?;
    let object = context
        .client()?
        .update_labels(kind, &name, &add, &remove)
        .await?;
    context.output.line(&object.name)
}
