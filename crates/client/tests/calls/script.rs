//! A server on a socket of its own that gives the answers of a list, one for each call.

use std::collections::VecDeque;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use strongroom_api::v1::secrets_service_server::{SecretsService, SecretsServiceServer};
use strongroom_api::{Refusal, v1};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::{Request, Response, Status};

/// One answer.
pub(crate) enum Answer {
    /// To a put.
    Object(v1::Secret),
    /// To a list: objects and the next page's token.
    Page(Vec<v1::Secret>, String),
    /// To anything.
    Refuse(v1::ErrorReason),
    /// None, for as long as the server runs.
    Never,
}

/// A running server. Its runtime is its own, so that it can be killed with all its connections.
pub(crate) struct Script {
    socket: PathBuf,
    /// Removed at last.
    _dir: tempfile::TempDir,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

#[derive(Default)]
struct State {
    answers: Mutex<VecDeque<Answer>>,
    request_ids: Mutex<Vec<String>>,
    page_tokens: Mutex<Vec<String>>,
    called: Notify,
}

struct Secrets(Arc<State>);

impl Script {
    /// Serves the answers in their order.
    pub(crate) fn serve(answers: impl IntoIterator<Item = Answer>) -> Self {
        let state = State {
            answers: Mutex::new(answers.into_iter().collect()),
            ..State::default()
        };
        let dir = tempfile::tempdir().unwrap();
        let mut script = Self {
            socket: dir.path().join("api.sock"),
            _dir: dir,
            state: Arc::new(state),
            runtime: None,
        };
        script.restart();
        script
    }

    /// The server's socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Waits for a call.
    pub(crate) async fn first_call_arrived(&self) {
        self.state.called.notified().await;
    }

    /// Breaks all connections. The new server listens before the old one is gone.
    pub(crate) fn restart(&mut self) {
        let _missing = std::fs::remove_file(&self.socket);
        let listener = UnixListener::bind(&self.socket).unwrap();
        listener.set_nonblocking(true).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let secrets = Secrets(Arc::clone(&self.state));
        runtime.spawn(async move {
            let listener = tokio::net::UnixListener::from_std(listener).unwrap();
            tonic::transport::Server::builder()
                .add_service(SecretsServiceServer::new(secrets))
                .serve_with_incoming(UnixListenerStream::new(listener))
                .await
                .unwrap();
        });
        if let Some(before) = self.runtime.replace(runtime) {
            before.shutdown_background();
        }
    }

    /// The request ids of all puts so far.
    pub(crate) fn request_ids(&self) -> Vec<String> {
        self.state.request_ids.lock().unwrap().clone()
    }

    /// The page tokens of all lists so far.
    pub(crate) fn page_tokens(&self) -> Vec<String> {
        self.state.page_tokens.lock().unwrap().clone()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Secrets {
    async fn answer(&self) -> Result<Answer, Status> {
        let answer = self.0.answers.lock().unwrap().pop_front();
        self.0.called.notify_one();
        match answer {
            Some(Answer::Refuse(reason)) => Err(Refusal::new(reason, "refused").into()),
            Some(Answer::Never) => core::future::pending().await,
            Some(answer) => Ok(answer),
            None => panic!("a call too many"),
        }
    }
}

/// A secret as the server describes it.
pub(crate) fn object(name: &str, version: u64) -> v1::Secret {
    let time = prost_types::Timestamp {
        seconds: 1_700_000_000,
        nanos: 0,
    };
    v1::Secret {
        id: "0".repeat(25),
        namespace: "default".to_owned(),
        name: name.to_owned(),
        latest_version: version,
        size_bytes: 6,
        create_time: Some(time),
        update_time: Some(time),
        ..v1::Secret::default()
    }
}

macro_rules! not_scripted {
    ($($call:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl SecretsService for Secrets {
            async fn put_secret(
                &self,
                request: Request<v1::PutSecretRequest>,
            ) -> Result<Response<v1::PutSecretResponse>, Status> {
                self.0.request_ids.lock().unwrap().push(request.into_inner().request_id);
                let Answer::Object(secret) = self.answer().await? else {
                    panic!("the next answer is no object");
                };
                let secret = Some(secret);
                Ok(Response::new(v1::PutSecretResponse { secret, added: true }))
            }

            async fn list_secrets(
                &self,
                request: Request<v1::ListSecretsRequest>,
            ) -> Result<Response<v1::ListSecretsResponse>, Status> {
                self.0.page_tokens.lock().unwrap().push(request.into_inner().page_token);
                let Answer::Page(secrets, next_page_token) = self.answer().await? else {
                    panic!("the next answer is no page");
                };
                Ok(Response::new(v1::ListSecretsResponse { secrets, next_page_token }))
            }

            $(async fn $call(&self, _: Request<v1::$request>) -> Result<Response<v1::$response>, Status> {
                panic!(concat!(stringify!($call), " is not scripted"))
            })*
        }
    };
}

not_scripted! {
    create_secret(CreateSecretRequest) -> CreateSecretResponse;
    get_secret(GetSecretRequest) -> GetSecretResponse;
    update_secret_labels(UpdateSecretLabelsRequest) -> UpdateSecretLabelsResponse;
    delete_secret(DeleteSecretRequest) -> DeleteSecretResponse;
    delete_secret_version(DeleteSecretVersionRequest) -> DeleteSecretVersionResponse;
    destroy_secret_version(DestroySecretVersionRequest) -> DestroySecretVersionResponse;
    list_secret_versions(ListSecretVersionsRequest) -> ListSecretVersionsResponse;
}
