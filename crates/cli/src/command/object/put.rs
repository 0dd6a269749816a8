//! `put`: a new version, and a new name where there is none.

use crate::argument;
use crate::context::Context;
use crate::error::{CliError, say};
use crate::input::Source;
use crate::prompt::Interrupts;
use clap::Args;
use strongroom_client::Put;
use strongroom_model::{Kind, Labels, Name};
use strongroom_sensitive::SecretBytes;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    writing: Writing,
}

/// What `create` and `put` take alike.
#[derive(Args, Debug)]
pub(crate) struct Writing {
    /// Name: 1 to 64 of a-z A-Z 0-9 - _ . with a letter or digit at both ends
    name: String,
    #[command(flatten)]
    source: Source,
    /// Label; repeatable. On put, they replace those that are there
    #[arg(short, long, value_name = "KEY=VALUE")]
    label: Vec<String>,
    /// Refuse unless the newest version is N; 0: unless the name does not exist
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    if_version: Option<String>,
    /// Add a version even where the newest has the same bytes
    #[arg(long)]
    new: bool,
}

/// The arguments, parsed, and the value, read.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) name: Name,
    labels: Option<Labels>,
    payload: SecretBytes,
    if_version: Option<u64>,
    new: bool,
}

impl Writing {
    /// Parses all that is cheap first, so that nobody types a value for a name that is refused.
    pub(crate) async fn request(
        &self,
        context: &Context,
        kind: Kind,
    ) -> Result<(Request, Interrupts), CliError> {
        let name = Name::parse(&self.name)?;
        let labels = argument::labels(&self.label)?;
        let labels = (!self.label.is_empty()).then_some(labels);
        let if_version = argument::if_version(self.if_version.as_deref())?;
        let _good = context.endpoint()?;
        let (payload, interrupts) = self.source.read(kind).await?;
        if kind == Kind::Secret && payload.expose().ends_with(b"\n") && !context.output.quiet() {
            say(&format!(
                "note: the value of secret {:?} ends in a newline, which is kept",
                name.as_str()
            ));
        }
        let request = Request {
            name,
            labels,
            payload,
            if_version,
            new: self.new,
        };
        Ok((request, interrupts))
    }
}

impl Request {
    pub(crate) fn put(&self) -> Put<'_> {
        Put {
            payload: &self.payload,
            labels: self.labels.as_ref(),
            if_version: self.if_version,
            force_new: self.new,
        }
    }
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let (request, mut interrupts) = arguments.writing.request(context, kind).await?;
    let put = request.put();
    let client = context.client()?;
    let outcome = tokio::select! {
        outcome = client.put(kind, &request.name, &put) => outcome?,
        interrupted = interrupts.received() => return Err(interrupted.into()),
    };
    let object = outcome.object;
    context
        .output
        .line(&format_args!("{}@{}", object.name, object.newest))
}
