//! The session with a manager: opened, followed, and opened anew for as long as the agent runs.
//!
//! While no manager can be reached nothing is forgotten: containers go on reading, and new ones of known services start.

use crate::agent::Node;
use crate::assignments::{Update, UpdateError};
use crate::backoff::Backoff;
use crate::limits;
use std::collections::BTreeSet;
use std::sync::Arc;
use strongroom_api::dispatch::SessionRequest;
use strongroom_api::dispatch::dispatcher_service_client::DispatcherServiceClient;
use strongroom_crypto::{RandomError, SessionSecret, SystemRandom};
use strongroom_model::ContainerId;
use tokio::time::{sleep, timeout};

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error("no manager answers: {}", .0.message())]
    Manager(#[from] tonic::Status),
    #[error("no manager answers within {} s", limits::CALL.as_secs())]
    Timeout,
    #[error("the manager ended the session")]
    Ended,
    #[error("the session is opened anew, so that managers know which containers are here")]
    Renewed,
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Keeps a session until the future is dropped.
pub(crate) async fn keep(node: Arc<Node>) {
    let mut backoff = Backoff::new();
    let mut last = String::new();
    loop {
        let (error, complete) = follow(&node).await;
        if complete {
            backoff = Backoff::new();
            last.clear();
        }
        let error = error.to_string();
        // The same again every few seconds is one line for people.
        if error == last {
            tracing::debug!(error, "no session");
        } else {
            tracing::warn!(error, "no session with a manager; trying again");
        }
        last = error;
        sleep(backoff.next()).await;
    }
}

/// Follows one session to its end; says why it ended, and whether it had been complete.
async fn follow(node: &Arc<Node>) -> (SessionError, bool) {
    let mut complete = false;
    match follow_until_error(node, &mut complete).await {
        Ok(never) => match never {},
        Err(error) => (error, complete),
    }
}

async fn follow_until_error(
    node: &Arc<Node>,
    complete: &mut bool,
) -> Result<core::convert::Infallible, SessionError> {
    let secret = Arc::new(SessionSecret::generate(&mut SystemRandom)?);
    let renewed = node.renew.notified();
    tokio::pin!(renewed);
    let said: BTreeSet<ContainerId> = node.tasks.containers();
    let request = SessionRequest {
        node: node.reports.node.as_str().to_owned(),
        session_public_key: secret.public().0.to_vec(),
        containers: said.iter().map(|id| id.as_str().to_owned()).collect(),
    };
    let mut client = DispatcherServiceClient::new(node.reports.channel.clone())
        .max_decoding_message_size(limits::MESSAGE)
        .max_encoding_message_size(limits::MESSAGE);
    let opened = timeout(limits::CALL, client.session(request)).await;
    let mut stream = opened.map_err(|_| SessionError::Timeout)??.into_inner();
    loop {
        let message = tokio::select! {
            message = stream.message() => message?.ok_or(SessionError::Ended)?,
            () = &mut renewed => return Err(SessionError::Renewed),
        };
        let update = Update::parse(message, &secret).map_err(UpdateError::from)?;
        let is_complete = update.complete;
        node.update(update)?;
        if is_complete && !*complete {
            *complete = true;
            // The manager forgot the containers that the session did not name; these came meanwhile.
            node.tasks.report_others(&said);
            tracing::info!("the assignments of this node are complete");
        }
    }
}
