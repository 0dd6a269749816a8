//! Requests about secrets and configs.

use super::{PageRequest, request_id};
use crate::{Refusal, v1, v1::ErrorReason};
use strongroom_model::{
    Kind, LabelKey, Labels, Name, Namespace, PayloadSize, RequestId, Version, VersionRequest,
    limits,
};
use strongroom_sensitive::SecretBytes;

/// Where an object is looked for. Requests that only read take a unique prefix of an id for the name too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPath {
    /// Secret or config.
    pub kind: Kind,
    /// The name's space.
    pub namespace: Namespace,
    /// The object's name, or its id.
    pub name: Name,
}

/// What a writer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteIntent {
    /// The name must not exist.
    Create,
    /// Adds a version unless the newest has the same bytes.
    Put,
    /// Adds a version in any case.
    PutNew,
}

/// Create and put. The bytes have been taken over from the message.
#[derive(Debug)]
pub struct WriteVersion {
    /// The object.
    pub path: ObjectPath,
    /// Create, or put.
    pub intent: WriteIntent,
    /// Replaces the labels; `None` leaves them.
    pub labels: Option<Labels>,
    /// The bytes in clear.
    pub payload: SecretBytes,
    /// Their number, checked.
    pub size: PayloadSize,
    /// Refused unless the newest version is this one; 0: the name must not exist.
    pub if_version: Option<u64>,
    /// For retries.
    pub request: Option<RequestId>,
}

/// Which objects a list holds: names are alternatives, labels must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Beginnings of names; none admits every name.
    pub name_prefixes: Vec<String>,
    /// An empty value asks only that the key is there.
    pub labels: Labels,
}

/// Listing objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListObjects {
    /// Secret or config.
    pub kind: Kind,
    /// The names' space.
    pub namespace: Namespace,
    /// Which of them.
    pub filter: Filter,
    /// Which page.
    pub page: PageRequest,
}

/// Adding and removing labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLabels {
    /// The object.
    pub path: ObjectPath,
    /// Put, over those with the same key.
    pub add: Labels,
    /// Taken away before.
    pub remove: Vec<LabelKey>,
    /// For retries.
    pub request: Option<RequestId>,
}

/// Removing an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnObject {
    /// The object.
    pub path: ObjectPath,
    /// For retries.
    pub request: Option<RequestId>,
}

/// Removing or destroying one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnVersion {
    /// The object.
    pub path: ObjectPath,
    /// Which of its versions.
    pub version: Version,
    /// For retries.
    pub request: Option<RequestId>,
}

/// Reading a config's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadVersion {
    /// The object.
    pub path: ObjectPath,
    /// Which of its versions.
    pub version: VersionRequest,
}

impl ObjectPath {
    fn parse(kind: Kind, namespace: &str, name: &str) -> Result<Self, Refusal> {
        let namespace = Namespace::parse(namespace)?;
        let name = Name::parse(name)?;
        Ok(Self {
            kind,
            namespace,
            name,
        })
    }
}

impl Filter {
    fn parse(filter: Option<v1::Filter>) -> Result<Self, Refusal> {
        let Some(v1::Filter {
            name_prefixes,
            labels,
        }) = filter
        else {
            return Ok(Self::default());
        };
        let terms = name_prefixes.len() + labels.len();
        if terms > limits::FILTER_TERMS {
            return Err(Refusal::new(
                ErrorReason::InvalidRequest,
                format!(
                    "a filter of {terms} terms is too long: use at most {}",
                    limits::FILTER_TERMS
                ),
            ));
        }
        let labels = Labels::parse(labels)?;
        Ok(Self {
            name_prefixes,
            labels,
        })
    }
}

fn version(number: u64) -> Result<Version, Refusal> {
    Version::new(number).ok_or_else(|| {
        Refusal::new(
            ErrorReason::InvalidRequest,
            "a version is missing: give a number from 1",
        )
    })
}

fn label_keys(keys: &[String]) -> Result<Vec<LabelKey>, Refusal> {
    if keys.len() > limits::LABELS {
        return Err(strongroom_model::LabelError::TooMany(keys.len()).into());
    }
    Ok(keys
        .iter()
        .map(|key| LabelKey::parse(key))
        .collect::<Result<_, _>>()?)
}

/// Both kinds have the same messages under different names.
macro_rules! requests_of {
    (
        $kind:expr, create: $create:ident, put: $put:ident, list: $list:ident,
        labels: $labels:ident, delete: $delete:ident, on_path: $($on_path:ident),*;
        on_version: $($on_version:ident),*
    ) => {
        impl TryFrom<v1::$create> for WriteVersion {
            type Error = Refusal;

            fn try_from(message: v1::$create) -> Result<Self, Refusal> {
                let v1::$create { namespace, name, labels, payload, request_id: id, if_version } = message;
                let payload = SecretBytes::from_vec(payload);
                Ok(Self {
                    path: ObjectPath::parse($kind, &namespace, &name)?,
                    intent: WriteIntent::Create,
                    labels: Some(Labels::parse(labels)?),
                    size: PayloadSize::new($kind, payload.len())?,
                    payload,
                    if_version,
                    request: request_id(&id)?,
                })
            }
        }

        impl TryFrom<v1::$put> for WriteVersion {
            type Error = Refusal;

            fn try_from(message: v1::$put) -> Result<Self, Refusal> {
                let v1::$put { namespace, name, labels, payload, request_id: id, if_version, force_new } = message;
                let payload = SecretBytes::from_vec(payload);
                Ok(Self {
                    path: ObjectPath::parse($kind, &namespace, &name)?,
                    intent: if force_new { WriteIntent::PutNew } else { WriteIntent::Put },
                    labels: labels.map(|set| Labels::parse(set.labels)).transpose()?,
                    size: PayloadSize::new($kind, payload.len())?,
                    payload,
                    if_version,
                    request: request_id(&id)?,
                })
            }
        }

        impl TryFrom<v1::$list> for ListObjects {
            type Error = Refusal;

            fn try_from(message: v1::$list) -> Result<Self, Refusal> {
                let v1::$list { namespace, filter, page_size, page_token } = message;
                Ok(Self {
                    kind: $kind,
                    namespace: Namespace::parse(&namespace)?,
                    filter: Filter::parse(filter)?,
                    page: PageRequest::parse(page_size, page_token)?,
                })
            }
        }

        impl TryFrom<v1::$labels> for ChangeLabels {
            type Error = Refusal;

            fn try_from(message: v1::$labels) -> Result<Self, Refusal> {
                let v1::$labels { namespace, name, add, remove, request_id: id } = message;
                Ok(Self {
                    path: ObjectPath::parse($kind, &namespace, &name)?,
                    add: Labels::parse(add)?,
                    remove: label_keys(&remove)?,
                    request: request_id(&id)?,
                })
            }
        }

        impl TryFrom<v1::$delete> for OnObject {
            type Error = Refusal;

            fn try_from(message: v1::$delete) -> Result<Self, Refusal> {
                let v1::$delete { namespace, name, request_id: id } = message;
                let path = ObjectPath::parse($kind, &namespace, &name)?;
                Ok(Self { path, request: request_id(&id)? })
            }
        }

        $(
            impl TryFrom<v1::$on_path> for ObjectPath {
                type Error = Refusal;

                fn try_from(message: v1::$on_path) -> Result<Self, Refusal> {
                    let v1::$on_path { namespace, name } = message;
                    Self::parse($kind, &namespace, &name)
                }
            }
        )*

        $(
            impl TryFrom<v1::$on_version> for OnVersion {
                type Error = Refusal;

                fn try_from(message: v1::$on_version) -> Result<Self, Refusal> {
                    let v1::$on_version { namespace, name, version: number, request_id: id } = message;
                    Ok(Self {
                        path: ObjectPath::parse($kind, &namespace, &name)?,
                        version: version(number)?,
                        request: request_id(&id)?,
                    })
                }
            }
        )*
    };
}

requests_of!(
    Kind::Secret,
    create: CreateSecretRequest,
    put: PutSecretRequest,
    list: ListSecretsRequest,
    labels: UpdateSecretLabelsRequest,
    delete: DeleteSecretRequest,
    on_path: GetSecretRequest, ListSecretVersionsRequest;
    on_version: DeleteSecretVersionRequest, DestroySecretVersionRequest
);

requests_of!(
    Kind::Config,
    create: CreateConfigRequest,
    put: PutConfigRequest,
    list: ListConfigsRequest,
    labels: UpdateConfigLabelsRequest,
    delete: DeleteConfigRequest,
    on_path: GetConfigRequest, ListConfigVersionsRequest;
    on_version: DeleteConfigVersionRequest, DestroyConfigVersionRequest
);

impl TryFrom<v1::ReadConfigRequest> for ReadVersion {
    type Error = Refusal;

    fn try_from(message: v1::ReadConfigRequest) -> Result<Self, Refusal> {
        let v1::ReadConfigRequest {
            namespace,
            name,
            version,
        } = message;
        let path = ObjectPath::parse(Kind::Config, &namespace, &name)?;
        let version = Version::new(version).map_or(VersionRequest::Latest, VersionRequest::Number);
        Ok(Self { path, version })
    }
}
