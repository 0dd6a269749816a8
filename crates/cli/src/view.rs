//! What programs get: the JSON objects that scripts rely on; and the texts of `inspect --pretty`.
//!
//! Versions, revisions, sizes, uids and gids are numbers. A mode is a text in octal, as a reference takes it: a decimal 256
//! would be read as another mode by whoever writes it back.

use crate::time::{ago, rfc3339};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::fmt::Write as _;
use serde::Serialize;
use std::collections::BTreeMap;
use strongroom_client::{Object, Reference, Service, Status, Task, VersionInfo};
use strongroom_model::{Kind, Labels, Timestamp};
use strongroom_sensitive::SecretBytes;

/// A secret or config.
#[derive(Debug, Serialize)]
pub(crate) struct ObjectView<'a> {
    id: String,
    name: &'a str,
    version: u64,
    labels: BTreeMap<&'a str, &'a str>,
    created_at: String,
    size: u64,
    /// In `inspect` of a config only: its newest bytes, null where those are destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Option<String>>,
}

/// One version.
#[derive(Debug, Serialize)]
pub(crate) struct VersionView {
    version: u64,
    state: String,
    size: u64,
    created_at: String,
}

/// A service.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceView<'a> {
    id: String,
    name: &'a str,
    revision: u64,
    labels: BTreeMap<&'a str, &'a str>,
    created_at: String,
    secrets: Vec<ReferenceView<'a>>,
    configs: Vec<ReferenceView<'a>>,
}

/// A service's use of one version.
#[derive(Debug, Serialize)]
struct ReferenceView<'a> {
    source: &'a str,
    version: u64,
    target: String,
    uid: u32,
    gid: u32,
    mode: String,
}

/// A container that has a service's files.
#[derive(Debug, Serialize)]
pub(crate) struct TaskView<'a> {
    id: String,
    service: &'a str,
    node: &'a str,
    container: &'a str,
    revision: u64,
    state: String,
}

/// The server.
#[derive(Debug, Serialize)]
pub(crate) struct StatusView<'a> {
    sealed: bool,
    ready: bool,
    leader: Option<&'a str>,
    version: &'a str,
}

impl<'a> ObjectView<'a> {
    /// As `ls` shows it.
    pub(crate) fn listed(object: &'a Object) -> Self {
        Self {
            id: object.id.to_string(),
            name: object.name.as_str(),
            version: object.newest.get(),
            labels: object.labels.iter().collect(),
            created_at: rfc3339(object.created),
            size: object.size,
            data: None,
        }
    }

    /// As `inspect` shows it.
    pub(crate) fn inspected(object: &'a Object, data: Option<&SecretBytes>) -> Self {
        let encoded = || data.map(|bytes| STANDARD.encode(bytes.expose()));
        Self {
            data: (object.kind == Kind::Config).then(encoded),
            ..Self::listed(object)
        }
    }
}

impl VersionView {
    pub(crate) fn new(version: &VersionInfo) -> Self {
        Self {
            version: version.number.get(),
            state: version.state.to_string(),
            size: version.size,
            created_at: rfc3339(version.created),
        }
    }
}

impl<'a> ServiceView<'a> {
    pub(crate) fn new(service: &'a Service) -> Self {
        let views =
            |references: &'a [Reference]| references.iter().map(ReferenceView::new).collect();
        Self {
            id: service.id.to_string(),
            name: service.name.as_str(),
            revision: service.revision.get(),
            labels: service.labels.iter().collect(),
            created_at: rfc3339(service.created),
            secrets: views(&service.secrets),
            configs: views(&service.configs),
        }
    }
}

impl<'a> ReferenceView<'a> {
    fn new(reference: &'a Reference) -> Self {
        Self {
            source: reference.source.as_str(),
            version: reference.version.get(),
            target: reference.target.to_string(),
            uid: reference.uid.get(),
            gid: reference.gid.get(),
            mode: reference.mode.to_string(),
        }
    }
}

impl<'a> TaskView<'a> {
    pub(crate) fn new(task: &'a Task) -> Self {
        Self {
            id: task.id.to_string(),
            service: task.service.as_str(),
            node: task.node.as_str(),
            container: task.container.as_str(),
            revision: task.revision.get(),
            state: task.state.to_string(),
        }
    }
}

impl<'a> StatusView<'a> {
    pub(crate) fn new(status: &'a Status) -> Self {
        Self {
            sealed: status.sealed,
            ready: status.ready,
            leader: status.leader.as_deref(),
            version: &status.version,
        }
    }
}

/// A secret or config for people; a config's bytes as text where they are UTF-8 that a terminal can show.
pub(crate) fn pretty_object(object: &Object, data: Option<&SecretBytes>, now: Timestamp) -> String {
    let mut text = String::new();
    row(&mut text, "ID", &object.id.to_string());
    row(&mut text, "Name", object.name.as_str());
    row(&mut text, "Version", &object.newest.to_string());
    row(&mut text, "Size", &format!("{}B", object.size));
    rows_of_labels(&mut text, &object.labels);
    row(&mut text, "Created", &moment(object.created, now));
    row(&mut text, "Updated", &moment(object.updated, now));
    if object.kind == Kind::Config {
        match data {
            Some(bytes) => {
                text.push_str("Data:\n");
                text.push_str(&shown(bytes.expose()));
            }
            None => row(&mut text, "Data", "(destroyed)"),
        }
    }
    text
}

/// A service for people.
pub(crate) fn pretty_service(service: &Service, now: Timestamp) -> String {
    let mut text = String::new();
    row(&mut text, "ID", &service.id.to_string());
    row(&mut text, "Name", service.name.as_str());
    row(&mut text, "Revision", &service.revision.get().to_string());
    rows_of_labels(&mut text, &service.labels);
    row(&mut text, "Created", &moment(service.created, now));
    for (title, references) in [("Secrets", &service.secrets), ("Configs", &service.configs)] {
        if references.is_empty() {
            continue;
        }
        row(&mut text, title, "");
        for reference in references {
            let Reference {
                source,
                version,
                target,
                uid,
                gid,
                mode,
            } = reference;
            let (uid, gid) = (uid.get(), gid.get());
            let line =
                format!("  {source}@{version} at {target}, uid {uid}, gid {gid}, mode {mode}\n");
            text.push_str(&line);
        }
    }
    text
}

fn row(text: &mut String, title: &str, value: &str) {
    let line = format!("{:<10}{value}", format!("{title}:"));
    // Writing to a String cannot fail.
    let _written = writeln!(text, "{}", line.trim_end());
}

fn rows_of_labels(text: &mut String, labels: &Labels) {
    if labels.iter().len() > 0 {
        row(text, "Labels", "");
    }
    for (key, value) in labels.iter() {
        let _written = writeln!(text, "  {key}={value}");
    }
}

fn moment(time: Timestamp, now: Timestamp) -> String {
    format!("{} ({})", rfc3339(time), ago(time, now))
}

/// Text ends in one newline; bytes that are no text, or that would steer a terminal, are base64.
fn shown(bytes: &[u8]) -> String {
    let steers =
        |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    match str::from_utf8(bytes) {
        Ok(text) if !text.contains(steers) => {
            format!("{}\n", text.strip_suffix('\n').unwrap_or(text))
        }
        _ => format!("(base64) {}\n", STANDARD.encode(bytes)),
    }
}
