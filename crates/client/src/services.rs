//! Services, the tasks that are attached to them, and the server's own state.

use crate::call::{Effect, request_id};
use crate::described::{all, present};
use crate::objects::message_of;
use crate::{Client, ClientError, Service, Status, Task};
use strongroom_api::v1;
use strongroom_api::v1::services_service_client::ServicesServiceClient;
use strongroom_api::v1::status_service_client::StatusServiceClient;
use strongroom_model::{Labels, Name, RequestedReference, VersionRequest, limits};
use tonic::transport::Channel;

impl Client {
    /// Makes a service at revision 1.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_service(
        &self,
        name: &Name,
        labels: &Labels,
        secrets: &[RequestedReference],
        configs: &[RequestedReference],
    ) -> Result<Service, ClientError> {
        let id = request_id()?;
        let message = || v1::CreateServiceRequest {
            namespace: self.namespace(),
            name: name.to_string(),
            labels: message_of(labels),
            secrets: secrets.iter().map(requested).collect(),
            configs: configs.iter().map(requested).collect(),
            request_id: id.to_string(),
        };
        let send =
            |channel, request| async move { services(channel).create_service(request).await };
        present(self.call(Effect::Writes, message, send).await?.service)
    }

    /// Describes the service with that name, id, or unique beginning of an id.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn service(&self, name: &Name) -> Result<Service, ClientError> {
        let message = || v1::GetServiceRequest {
            namespace: self.namespace(),
            name: name.to_string(),
        };
        let send = |channel, request| async move { services(channel).get_service(request).await };
        present(self.call(Effect::Reads, message, send).await?.service)
    }

    /// Lists all services, by name: all pages.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn services(&self) -> Result<Vec<Service>, ClientError> {
        let mut found = Vec::new();
        let mut token = String::new();
        loop {
            let message = || v1::ListServicesRequest {
                namespace: self.namespace(),
                page_size: 0,
                page_token: token.clone(),
            };
            let send =
                |channel, request| async move { services(channel).list_services(request).await };
            let answer = self.call(Effect::Reads, message, send).await?;
            let page: Vec<Service> = all(answer.services)?;
            found.extend(page);
            if answer.next_page_token.is_empty() {
                return Ok(found);
            }
            token = answer.next_page_token;
        }
    }

    /// Removes a service that no container is attached to.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) naming the containers, or as [`ClientError`] says.
    pub async fn remove_service(&self, name: &Name) -> Result<(), ClientError> {
        let id = request_id()?;
        let message = || v1::DeleteServiceRequest {
            namespace: self.namespace(),
            name: name.to_string(),
            request_id: id.to_string(),
        };
        let send =
            |channel, request| async move { services(channel).delete_service(request).await };
        self.call(Effect::Writes, message, send).await.map(|_| ())
    }

    /// The containers that have a service's files mounted; of all services if none is named: all pages.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn tasks(&self, service: Option<&Name>) -> Result<Vec<Task>, ClientError> {
        let mut found = Vec::new();
        let mut token = String::new();
        loop {
            let message = || v1::ListTasksRequest {
                namespace: self.namespace(),
                service: service.map(Name::to_string).unwrap_or_default(),
                page_size: 0,
                page_token: token.clone(),
            };
            let send =
                |channel, request| async move { services(channel).list_tasks(request).await };
            let answer = self.call(Effect::Reads, message, send).await?;
            let page: Vec<Task> = all(answer.tasks)?;
            found.extend(page);
            if answer.next_page_token.is_empty() {
                return Ok(found);
            }
            token = answer.next_page_token;
        }
    }

    /// Asks the server whether it is sealed, ready, and led. A sealed server answers too.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn status(&self) -> Result<Status, ClientError> {
        let message = || v1::GetStatusRequest {};
        let send = |channel, request| async move {
            StatusServiceClient::new(channel).get_status(request).await
        };
        self.call(Effect::Reads, message, send)
            .await
            .map(Status::from)
    }
}

fn services(channel: Channel) -> ServicesServiceClient<Channel> {
    ServicesServiceClient::new(channel)
        .max_decoding_message_size(limits::MESSAGE)
        .max_encoding_message_size(limits::MESSAGE)
}

fn requested(reference: &RequestedReference) -> v1::Reference {
    v1::Reference {
        source: reference.source.to_string(),
        version: match reference.version {
            VersionRequest::Latest => 0,
            VersionRequest::Number(version) => version.get(),
        },
        target: reference.target.to_string(),
        uid: reference.uid.get(),
        gid: reference.gid.get(),
        mode: Some(u32::from(reference.mode.bits())),
    }
}
