//! Single fields, parsed into the model's types. The error is the name of the field.

use crate::generated::v1;
use crate::{DecodeError, What};
use std::collections::BTreeMap;
use strongroom_model::{
    ContainerId, FileMode, Gid, Kind, LabelKey, Labels, Name, Namespace, NodeName, PayloadSize,
    Revision, Target, Timestamp, Uid, Version,
};
use strongroom_state::Digest;

/// The name of a field that is missing or cannot be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BadField(&'static str);

impl BadField {
    pub(crate) const fn of(self, what: What) -> DecodeError {
        DecodeError::Field {
            what,
            field: self.0,
        }
    }
}

/// A secret's or config's name as commands and records have it.
pub(crate) struct ObjectName {
    pub(crate) kind: Kind,
    pub(crate) namespace: Namespace,
    pub(crate) name: Name,
}

pub(crate) fn object_name(message: Option<v1::ObjectName>) -> Result<ObjectName, BadField> {
    let message = present(message, "name")?;
    Ok(ObjectName {
        kind: kind(message.kind)?,
        namespace: namespace(&message.namespace)?,
        name: name(&message.name)?,
    })
}

pub(crate) fn object_name_message(
    kind: Kind,
    namespace: &Namespace,
    name: &str,
) -> Option<v1::ObjectName> {
    Some(v1::ObjectName {
        kind: kind_message(kind),
        namespace: namespace.as_str().to_owned(),
        name: name.to_owned(),
    })
}

pub(crate) fn present<T>(value: Option<T>, field: &'static str) -> Result<T, BadField> {
    value.ok_or(BadField(field))
}

/// Exactly `N` bytes.
pub(crate) fn bytes<const N: usize>(
    bytes: &[u8],
    field: &'static str,
) -> Result<[u8; N], BadField> {
    bytes.try_into().map_err(|_| BadField(field))
}

pub(crate) fn digest(content: &[u8]) -> Result<Digest, BadField> {
    bytes(content, "digest").map(Digest)
}

pub(crate) fn kind(number: i32) -> Result<Kind, BadField> {
    match v1::Kind::try_from(number) {
        Ok(v1::Kind::Secret) => Ok(Kind::Secret),
        Ok(v1::Kind::Config) => Ok(Kind::Config),
        Ok(v1::Kind::Unspecified) | Err(_) => Err(BadField("kind")),
    }
}

pub(crate) const fn kind_message(kind: Kind) -> i32 {
    match kind {
        Kind::Secret => v1::Kind::Secret as i32,
        Kind::Config => v1::Kind::Config as i32,
    }
}

/// A namespace as it is kept: in lower case, written out.
pub(crate) fn namespace(text: &str) -> Result<Namespace, BadField> {
    let parsed = Namespace::parse(text).ok();
    let kept = parsed.filter(|namespace| namespace.as_str() == text);
    present(kept, "namespace")
}

pub(crate) fn name(text: &str) -> Result<Name, BadField> {
    Name::parse(text).map_err(|_| BadField("name"))
}

pub(crate) fn labels(labels: &BTreeMap<String, String>) -> Result<Labels, BadField> {
    Labels::parse(labels).map_err(|_| BadField("labels"))
}

pub(crate) fn labels_message(labels: &Labels) -> BTreeMap<String, String> {
    labels
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

pub(crate) fn label_key(text: &str) -> Result<LabelKey, BadField> {
    LabelKey::parse(text).map_err(|_| BadField("label key"))
}

pub(crate) fn version(number: u64) -> Result<Version, BadField> {
    present(Version::new(number), "version number")
}

pub(crate) fn revision(number: u64) -> Result<Revision, BadField> {
    present(Revision::new(number), "revision number")
}

pub(crate) fn size(bytes: u32) -> Result<PayloadSize, BadField> {
    // The kind would only be named in the error, which is replaced.
    let size = usize::try_from(bytes).ok();
    let size = size.and_then(|bytes| PayloadSize::new(Kind::Secret, bytes).ok());
    present(size, "size")
}

pub(crate) fn target(text: &str) -> Result<Target, BadField> {
    Target::parse(text).map_err(|_| BadField("target"))
}

pub(crate) fn uid(number: u32) -> Result<Uid, BadField> {
    Uid::new(number).map_err(|_| BadField("uid"))
}

pub(crate) fn gid(number: u32) -> Result<Gid, BadField> {
    Gid::new(number).map_err(|_| BadField("gid"))
}

pub(crate) fn mode(bits: u32) -> Result<FileMode, BadField> {
    FileMode::new(bits).map_err(|_| BadField("mode"))
}

pub(crate) fn node(text: &str) -> Result<NodeName, BadField> {
    NodeName::parse(text).map_err(|_| BadField("node"))
}

pub(crate) fn container(text: &str) -> Result<ContainerId, BadField> {
    ContainerId::parse(text).map_err(|_| BadField("container"))
}

pub(crate) const fn time(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}
