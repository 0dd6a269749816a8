//! A manager inside the test's own process, and clients of it.

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    time::Duration,
};
use strongroom_api::{
    dispatch::dispatcher_service_client::DispatcherServiceClient,
    reason_of,
    v1::{
        self, ErrorReason, GetStatusRequest, GetStatusResponse,
        configs_service_client::ConfigsServiceClient, secrets_service_client::SecretsServiceClient,
        services_service_client::ServicesServiceClient, status_service_client::StatusServiceClient,
    },
};
use strongroom_server::{LogFormat, RunError, SealSetting, Settings, run};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tonic::{
    Code, Response, Status,
    transport::{Channel, Endpoint},
};

/// Longer than anything here takes; what takes longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running manager and its folder.
pub(crate) struct Manager {
    folder: Folder,
    channel: Channel,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), RunError>>,
}

/// Where a manager keeps its data, on a disk, and its socket, at a path that is short enough.
pub(crate) struct Folder {
    data: TempDir,
    run: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let run = tempfile::tempdir().unwrap();
        Self { data, run }
    }

    pub(crate) fn path(&self) -> &Path {
        self.data.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.data.path().join("manager")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.run.path().join("api.sock")
    }

    /// A manager for development that makes a new cluster, sealed by a key file.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            data_dir: self.data_dir(),
            socket: self.socket(),
            seal: SealSetting::KeyFile(self.data.path().join("seal.key")),
            passphrase_file: None,
            bootstrap: true,
            dev: true,
            log_format: LogFormat::Text,
        }
    }

    /// A channel that connects when it is first used.
    pub(crate) fn channel(&self) -> Channel {
        let socket = format!("unix://{}", self.socket().display());
        Endpoint::from_shared(socket).unwrap().connect_lazy()
    }
}

impl Manager {
    /// Starts with [`Folder::settings`] in a new folder, and waits until it serves.
    pub(crate) async fn new() -> Self {
        let folder = Folder::new();
        let settings = folder.settings();
        Self::start(folder, settings).await
    }

    pub(crate) async fn start(folder: Folder, settings: Settings) -> Self {
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(run(settings, async {
            stopped.await.ok();
        }));
        let mut manager = Self {
            channel: folder.channel(),
            folder,
            stop,
            running,
        };
        manager.wait_until_ready().await;
        manager
    }

    async fn wait_until_ready(&mut self) {
        let ready = async {
            loop {
                if self.running.is_finished() {
                    let ended = (&mut self.running).await.unwrap();
                    panic!("the manager ended: {ended:?}");
                }
                // A new channel each time: a failed one waits before it connects again.
                self.channel = self.folder.channel();
                match self.status().await {
                    Ok(status) if status.ready => return,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        timeout(PATIENCE, ready)
            .await
            .expect("the manager becomes ready");
    }

    /// Stops, and gives the folder back for another start.
    pub(crate) async fn stop(self) -> Folder {
        let Self {
            folder,
            channel,
            stop,
            running,
        } = self;
        drop(channel);
        stop.send(()).unwrap();
        running.await.unwrap().unwrap();
        folder
    }

    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) async fn status(&self) -> Result<GetStatusResponse, Status> {
        let mut client = StatusServiceClient::new(self.channel.clone());
        Ok(client.get_status(GetStatusRequest {}).await?.into_inner())
    }

    pub(crate) fn secrets(&self) -> SecretsServiceClient<Channel> {
        SecretsServiceClient::new(self.channel.clone())
            .max_decoding_message_size(16 << 20)
            .max_encoding_message_size(16 << 20)
    }

    pub(crate) fn configs(&self) -> ConfigsServiceClient<Channel> {
        ConfigsServiceClient::new(self.channel.clone())
    }

    pub(crate) fn services(&self) -> ServicesServiceClient<Channel> {
        ServicesServiceClient::new(self.channel.clone())
    }

    pub(crate) fn dispatcher(&self) -> DispatcherServiceClient<Channel> {
        DispatcherServiceClient::new(self.channel.clone())
    }

    /// Puts a secret and returns its newest version.
    pub(crate) async fn put(&self, name: &str, payload: &[u8]) -> u64 {
        let put = self
            .secrets()
            .put_secret(put_secret(name, payload))
            .await
            .unwrap();
        put.into_inner().secret.unwrap().latest_version
    }

    /// Creates a service with these secrets, each as `(source, version, target)`.
    pub(crate) async fn service(&self, name: &str, secrets: &[(&str, u64, &str)]) -> v1::Service {
        let request = create_service(name, secrets);
        let created = self.services().create_service(request).await.unwrap();
        created.into_inner().service.unwrap()
    }
}

pub(crate) fn put_secret(name: &str, payload: &[u8]) -> v1::PutSecretRequest {
    let (name, payload) = (name.to_owned(), payload.to_vec());
    v1::PutSecretRequest {
        name,
        payload,
        ..Default::default()
    }
}

pub(crate) fn create_secret(name: &str, payload: &[u8]) -> v1::CreateSecretRequest {
    let (name, payload) = (name.to_owned(), payload.to_vec());
    v1::CreateSecretRequest {
        name,
        payload,
        ..Default::default()
    }
}

pub(crate) fn create_service(
    name: &str,
    secrets: &[(&str, u64, &str)],
) -> v1::CreateServiceRequest {
    let reference = |(source, version, target): &(&str, u64, &str)| v1::Reference {
        source: (*source).to_owned(),
        version: *version,
        target: (*target).to_owned(),
        ..Default::default()
    };
    v1::CreateServiceRequest {
        name: name.to_owned(),
        secrets: secrets.iter().map(reference).collect(),
        ..Default::default()
    }
}

/// Checks the code and the reason of a refusal, and that its message is one line for people.
#[track_caller]
pub(crate) fn refused<T: Debug>(
    answer: Result<Response<T>, Status>,
    code: Code,
    reason: ErrorReason,
) -> String {
    let status = answer.expect_err("the call is refused");
    assert_eq!(
        (status.code(), reason_of(&status)),
        (code, Some(reason)),
        "{status:?}"
    );
    let message = status.message().to_owned();
    assert!(
        !message.is_empty() && !message.contains('\n'),
        "{message:?}"
    );
    message
}
