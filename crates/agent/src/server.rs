//! Answers hooks: a bounded number at once, each one request on a connection of its own.

use crate::agent::Node;
use crate::protocol::{self, Answer, Attach, LineError, Request};
use crate::socket::Listener;
use crate::{limits, tasks};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// Why a connection ended without an answer.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    #[error("no request came within {} s", limits::ANSWER_WAIT.as_secs())]
    Silent,
}

/// Serves until the future is dropped.
pub(crate) async fn serve(listener: &Listener, node: &Arc<Node>) {
    let places = Arc::new(Semaphore::new(limits::HOOKS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok(stream) => {
                let node = Arc::clone(node);
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &node).await {
                        tracing::warn!(%error, "a caller got no answer");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                // Out of descriptors: it passes as others end.
                sleep(PAUSE).await;
            }
        }
    }
}

async fn converse(mut stream: UnixStream, node: &Arc<Node>) -> Result<(), ConnectionError> {
    let mut line = Vec::new();
    let (reader, mut writer) = stream.split();
    let read = reader.take(limits::LINE + 1);
    tokio::pin!(read);
    let whole = async {
        while !line.ends_with(b"\n") && read.read_buf(&mut line).await? > 0 {}
        io::Result::Ok(())
    };
    timeout(limits::ANSWER_WAIT, whole)
        .await
        .map_err(|_| ConnectionError::Silent)??;
    let answer = match protocol::decode(&line) {
        Ok(request) => answer(request, node).await,
        Err(error) => Answer::Refused(error.to_string()),
    };
    writer.write_all(&protocol::encode(&answer)?).await?;
    Ok(())
}

async fn answer(request: Request, node: &Arc<Node>) -> Answer {
    match request {
        Request::Status => Answer::Status {
            ready: node.is_ready(),
            mounts: node.tasks.count(),
        },
        Request::Attach(attach) => {
            let Attach {
                container, service, ..
            } = attach.clone();
            match tasks::attach(node, attach).await {
                Ok(()) => {
                    tracing::info!(container, service, "attached");
                    Answer::Attached
                }
                Err(error) => {
                    tracing::warn!(container, service, %error, "refused a container");
                    Answer::Refused(error.to_string())
                }
            }
        }
    }
}

const PAUSE: Duration = Duration::from_millis(100);
