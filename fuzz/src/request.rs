//! The API's requests: each message, and the type of the model that it becomes or the refusal.

use crate::{assert_one_line, assert_stays_inside};
use prost::Message;
use strongroom_api::request::{
    AttachTask, ChangeLabels, CreateService, DetachTask, ListObjects, ListServices, ListTasks,
    LookUpService, ObjectPath, OnObject, OnVersion, OpenSession, ReadVersion, RemoveService,
    WriteVersion,
};
use strongroom_api::{Refusal, dispatch, reason_of, v1};

/// One kind of request.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The message's name in `proto/`.
    pub name: &'static str,
    /// Decodes the message and converts it; panics where something does not hold.
    pub convert: fn(&[u8]),
}

/// Every request with a conversion. New ones go to the end: the seeds say by number which they are.
pub const REQUESTS: [Request; 26] = [
    Request::of::<v1::CreateSecretRequest, WriteVersion>("CreateSecretRequest"),
    Request::of::<v1::PutSecretRequest, WriteVersion>("PutSecretRequest"),
    Request::of::<v1::GetSecretRequest, ObjectPath>("GetSecretRequest"),
    Request::of::<v1::ListSecretsRequest, ListObjects>("ListSecretsRequest"),
    Request::of::<v1::UpdateSecretLabelsRequest, ChangeLabels>("UpdateSecretLabelsRequest"),
    Request::of::<v1::DeleteSecretRequest, OnObject>("DeleteSecretRequest"),
    Request::of::<v1::DeleteSecretVersionRequest, OnVersion>("DeleteSecretVersionRequest"),
    Request::of::<v1::DestroySecretVersionRequest, OnVersion>("DestroySecretVersionRequest"),
    Request::of::<v1::ListSecretVersionsRequest, ObjectPath>("ListSecretVersionsRequest"),
    Request::of::<v1::CreateConfigRequest, WriteVersion>("CreateConfigRequest"),
    Request::of::<v1::PutConfigRequest, WriteVersion>("PutConfigRequest"),
    Request::of::<v1::GetConfigRequest, ObjectPath>("GetConfigRequest"),
    Request::of::<v1::ListConfigsRequest, ListObjects>("ListConfigsRequest"),
    Request::of::<v1::UpdateConfigLabelsRequest, ChangeLabels>("UpdateConfigLabelsRequest"),
    Request::of::<v1::DeleteConfigRequest, OnObject>("DeleteConfigRequest"),
    Request::of::<v1::DeleteConfigVersionRequest, OnVersion>("DeleteConfigVersionRequest"),
    Request::of::<v1::DestroyConfigVersionRequest, OnVersion>("DestroyConfigVersionRequest"),
    Request::of::<v1::ReadConfigRequest, ReadVersion>("ReadConfigRequest"),
    Request {
        name: "CreateServiceRequest",
        convert: create_service,
    },
    Request::of::<v1::GetServiceRequest, LookUpService>("GetServiceRequest"),
    Request::of::<v1::ListServicesRequest, ListServices>("ListServicesRequest"),
    Request::of::<v1::DeleteServiceRequest, RemoveService>("DeleteServiceRequest"),
    Request::of::<v1::ListTasksRequest, ListTasks>("ListTasksRequest"),
    Request::of::<dispatch::SessionRequest, OpenSession>("SessionRequest"),
    Request::of::<dispatch::AttachTaskRequest, AttachTask>("AttachTaskRequest"),
    Request::of::<dispatch::DetachTaskRequest, DetachTask>("DetachTaskRequest"),
];

/// A message travels in a header: 2 KiB, and a mark where the rest was left out.
const MESSAGE_BYTES: usize = 2048 + 4;

impl Request {
    const fn of<M, T>(name: &'static str) -> Self
    where
        M: Message + Default,
        T: TryFrom<M, Error = Refusal>,
    {
        Self {
            name,
            convert: |bytes| drop(converted::<M, T>(bytes)),
        }
    }
}

/// What the message becomes; `None` where the bytes are no such message or it is refused.
fn converted<M, T>(bytes: &[u8]) -> Option<T>
where
    M: Message + Default,
    T: TryFrom<M, Error = Refusal>,
{
    let message = M::decode(bytes).ok()?;
    match T::try_from(message) {
        Ok(parsed) => Some(parsed),
        Err(refusal) => {
            assert_one_line(&refusal);
            assert!(refusal.message().len() <= MESSAGE_BYTES);
            assert_eq!(reason_of(&refusal.clone().into()), Some(refusal.reason()));
            None
        }
    }
}

fn create_service(bytes: &[u8]) {
    let parsed: Option<CreateService> = converted::<v1::CreateServiceRequest, _>(bytes);
    for (kind, reference) in parsed.iter().flat_map(|service| &service.references) {
        assert_stays_inside(&reference.target.path(*kind));
    }
}
