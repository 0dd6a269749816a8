//! Calls to a manager about this node's tasks.

use crate::limits;
use strongroom_api::dispatch::dispatcher_service_client::DispatcherServiceClient;
use strongroom_api::dispatch::{AttachTaskRequest, DetachTaskRequest};
use strongroom_model::{ContainerId, NodeName, Revision, ServiceId};
use tokio::time::timeout;
use tonic::Code;
use tonic::transport::Channel;

/// Tells managers of containers.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    pub(crate) node: NodeName,
    pub(crate) channel: Channel,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The manager knows.
    Known,
    /// The manager has no such service.
    NotFound,
    /// No manager answered; it can be tried again.
    Unanswered,
}

impl Reports {
    /// The container has the service's files.
    pub(crate) async fn attach(
        &self,
        container: &ContainerId,
        service: ServiceId,
        revision: Revision,
    ) -> Report {
        let request = AttachTaskRequest {
            node: self.node.as_str().to_owned(),
            container: container.as_str().to_owned(),
            service_id: service.to_string(),
            revision: revision.get(),
        };
        let mut client = DispatcherServiceClient::new(self.channel.clone());
        judge(
            "attach",
            timeout(limits::CALL, client.attach_task(request)).await,
        )
    }

    /// The container has ended.
    pub(crate) async fn detach(&self, container: &ContainerId) -> Report {
        let request = DetachTaskRequest {
            node: self.node.as_str().to_owned(),
            container: container.as_str().to_owned(),
        };
        let mut client = DispatcherServiceClient::new(self.channel.clone());
        judge(
            "detach",
            timeout(limits::CALL, client.detach_task(request)).await,
        )
    }
}

fn judge<R, E>(call: &str, answer: Result<Result<R, tonic::Status>, E>) -> Report {
    match answer {
        Ok(Ok(_)) => Report::Known,
        Ok(Err(status)) if status.code() == Code::NotFound => Report::NotFound,
        Ok(Err(status)) => {
            tracing::debug!(call, code = %status.code(), "no answer from the manager");
            Report::Unanswered
        }
        Err(_) => Report::Unanswered,
    }
}
