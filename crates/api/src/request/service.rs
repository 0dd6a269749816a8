//! Requests about services and tasks.

use super::{PageRequest, request_id};
use crate::{Refusal, v1};
use strongroom_model::{
    FileMode, FilesError, Gid, Kind, Labels, Name, Namespace, RequestId, RequestedReference,
    Target, Uid, Version, VersionRequest, limits,
};

/// Creating a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateService {
    /// The name's space.
    pub namespace: Namespace,
    /// The service's name.
    pub name: Name,
    /// Its labels.
    pub labels: Labels,
    /// Its files: the secrets as given, then the configs.
    pub references: Vec<(Kind, RequestedReference)>,
    /// For retries.
    pub request: Option<RequestId>,
}

/// Describing one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUpService {
    /// The name's space.
    pub namespace: Namespace,
    /// The name, the id, or a unique prefix of the id.
    pub name: Name,
}

/// Listing services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListServices {
    /// The names' space.
    pub namespace: Namespace,
    /// Which page.
    pub page: PageRequest,
}

/// Removing a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveService {
    /// The name's space.
    pub namespace: Namespace,
    /// The service's name.
    pub name: Name,
    /// For retries.
    pub request: Option<RequestId>,
}

/// Listing tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListTasks {
    /// The services' space.
    pub namespace: Namespace,
    /// A service's name, id or unique prefix of its id; `None` means all.
    pub service: Option<Name>,
    /// Which page.
    pub page: PageRequest,
}

impl TryFrom<v1::CreateServiceRequest> for CreateService {
    type Error = Refusal;

    fn try_from(message: v1::CreateServiceRequest) -> Result<Self, Refusal> {
        let v1::CreateServiceRequest {
            namespace,
            name,
            labels,
            secrets,
            configs,
            request_id: id,
        } = message;
        let count = secrets.len() + configs.len();
        if count > limits::REFERENCES {
            return Err(FilesError::TooMany(count).into());
        }
        let secrets = secrets.into_iter().map(|secret| (Kind::Secret, secret));
        let configs = configs.into_iter().map(|config| (Kind::Config, config));
        let references = secrets.chain(configs);
        Ok(Self {
            namespace: Namespace::parse(&namespace)?,
            name: Name::parse(&name)?,
            labels: Labels::parse(labels)?,
            references: references
                .map(|(kind, message)| Ok((kind, reference(&message)?)))
                .collect::<Result<_, Refusal>>()?,
            request: request_id(&id)?,
        })
    }
}

fn reference(message: &v1::Reference) -> Result<RequestedReference, Refusal> {
    let v1::Reference {
        source,
        version,
        target,
        uid,
        gid,
        mode,
    } = message;
    let version = Version::new(*version).map_or(VersionRequest::Latest, VersionRequest::Number);
    let mut reference = RequestedReference::new(Name::parse(source)?, version)?;
    if !target.is_empty() {
        reference.target = Target::parse(target)?;
    }
    reference.uid = Uid::new(*uid)?;
    reference.gid = Gid::new(*gid)?;
    if let Some(mode) = mode {
        reference.mode = FileMode::new(*mode)?;
    }
    Ok(reference)
}

impl TryFrom<v1::GetServiceRequest> for LookUpService {
    type Error = Refusal;

    fn try_from(message: v1::GetServiceRequest) -> Result<Self, Refusal> {
        let v1::GetServiceRequest { namespace, name } = message;
        Ok(Self {
            namespace: Namespace::parse(&namespace)?,
            name: Name::parse(&name)?,
        })
    }
}

impl TryFrom<v1::ListServicesRequest> for ListServices {
    type Error = Refusal;

    fn try_from(message: v1::ListServicesRequest) -> Result<Self, Refusal> {
        let v1::ListServicesRequest {
            namespace,
            page_size,
            page_token,
        } = message;
        let namespace = Namespace::parse(&namespace)?;
        Ok(Self {
            namespace,
            page: PageRequest::parse(page_size, page_token)?,
        })
    }
}

impl TryFrom<v1::DeleteServiceRequest> for RemoveService {
    type Error = Refusal;

    fn try_from(message: v1::DeleteServiceRequest) -> Result<Self, Refusal> {
        let v1::DeleteServiceRequest {
            namespace,
            name,
            request_id: id,
        } = message;
        Ok(Self {
            namespace: Namespace::parse(&namespace)?,
            name: Name::parse(&name)?,
            request: request_id(&id)?,
        })
    }
}

impl TryFrom<v1::ListTasksRequest> for ListTasks {
    type Error = Refusal;

    fn try_from(message: v1::ListTasksRequest) -> Result<Self, Refusal> {
        let v1::ListTasksRequest {
            namespace,
            service,
            page_size,
            page_token,
        } = message;
        let service = (!service.is_empty()).then(|| Name::parse(&service));
        Ok(Self {
            namespace: Namespace::parse(&namespace)?,
            service: service.transpose()?,
            page: PageRequest::parse(page_size, page_token)?,
        })
    }
}
