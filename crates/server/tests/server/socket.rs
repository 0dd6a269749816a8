//! The socket: who may call, what garbage does, what answers while sealed, and what health and reflection say.

use crate::manager::{Folder, Manager, PATIENCE, put_secret, refused};
use hyper_util::rt::TokioIo;
use rustix::{process::Uid, thread::set_thread_res_uid};
use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
};
use strongroom_api::v1::{
    ErrorReason, GetStatusRequest, secrets_service_client::SecretsServiceClient,
    status_service_client::StatusServiceClient,
};
use tokio::{sync::oneshot, time::timeout};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

/// A channel whose one connection another user has made: the kernel asks the connecting thread who it is.
async fn channel_of_user(uid: u32, socket: PathBuf) -> Channel {
    let connect = move || {
        let uid = Uid::from_raw(uid);
        set_thread_res_uid(uid, uid, uid).expect("root may become any user");
        UnixStream::connect(socket)
    };
    let stream = std::thread::spawn(connect).join().unwrap().unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut stream = Some(tokio::net::UnixStream::from_std(stream).unwrap());
    let connector = tower::service_fn(move |_| {
        let stream = stream
            .take()
            .map(TokioIo::new)
            .ok_or(io::ErrorKind::NotConnected);
        async move { stream.map_err(io::Error::from) }
    });
    let endpoint = Endpoint::from_static("http://localhost");
    endpoint.connect_with_connector(connector).await.unwrap()
}

/// Whether the test can run; loud where it cannot, and not allowed to pass where nothing may be skipped.
fn is_root() -> bool {
    if rustix::process::geteuid().is_root() {
        return true;
    }
    let required = std::env::var("STRONGROOM_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "this test needs root, and STRONGROOM_REQUIRE_ALL=1 forbids to skip it"
    );
    eprintln!("NOT RUN: this test needs root");
    false
}

fn open_to_all(socket: &Path) {
    fs::set_permissions(socket.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(socket, fs::Permissions::from_mode(0o666)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_refused_everything_even_with_an_open_socket() {
    if !is_root() {
        return;
    }
    let manager = Manager::new().await;
    let socket = manager.folder().socket();
    open_to_all(&socket);
    let nobody = channel_of_user(65_534, socket.clone()).await;
    let put = SecretsServiceClient::new(nobody.clone())
        .put_secret(put_secret("db", b"one"))
        .await;
    refused(put, Code::PermissionDenied, ErrorReason::Denied);
    let status = StatusServiceClient::new(nobody.clone())
        .get_status(GetStatusRequest {})
        .await;
    refused(status, Code::PermissionDenied, ErrorReason::Denied);
    let health = HealthClient::new(nobody.clone())
        .check(HealthCheckRequest::default())
        .await;
    assert_eq!(health.unwrap_err().code(), Code::PermissionDenied);
    let asked = ServerReflectionRequest::default();
    let reflection = ServerReflectionClient::new(nobody)
        .server_reflection_info(tokio_stream::iter([asked]))
        .await;
    assert_eq!(reflection.unwrap_err().code(), Code::PermissionDenied);
    let root = channel_of_user(0, socket).await;
    SecretsServiceClient::new(root)
        .put_secret(put_secret("db", b"one"))
        .await
        .unwrap();
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_ends_its_own_connection_and_no_other() {
    let manager = Manager::new().await;
    let socket = manager.folder().socket();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let garbage: [Vec<u8>; 5] = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        vec![0xff; 4096],
        b"\n".repeat(100),
        [&preface[..], &[0xff; 4096]].concat(),
        [&preface[..], b"\0\0\x04\x01\x04\0\0\0\x01\xff\xff\xff\xff"].concat(),
    ];
    for bytes in garbage {
        let socket = socket.clone();
        let closed = tokio::task::spawn_blocking(move || {
            let mut stream = UnixStream::connect(socket).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(&bytes).ok();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            // Closed, or reset where not all was read; both end it.
            match stream.read_to_end(&mut answer) {
                Ok(_) => true,
                Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
            }
        });
        assert!(closed.await.unwrap());
        manager.status().await.unwrap();
    }
    assert_eq!(manager.put("db", b"one").await, 1);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mangled_messages_are_refused_and_change_nothing() {
    let manager = Manager::new().await;
    let mut grpc = tonic::client::Grpc::new(manager.folder().channel());
    let mangled: [&[u8]; 5] = [
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x0a\xff\xff\xff\xff\x0f",
        b"\x22",
        b"\x0b\x0b\x0b",
        b"\x12\x02\xc3\x28",
    ];
    for bytes in mangled {
        grpc.ready().await.unwrap();
        let path = "/strongroom.api.v1.SecretsService/PutSecret"
            .parse()
            .unwrap();
        let request = tonic::Request::new(raw::Bytes(bytes.to_vec()));
        let answer = grpc.unary(request, path, raw::Codec).await;
        let code = answer.unwrap_err().code();
        assert!(
            matches!(code, Code::Internal | Code::InvalidArgument),
            "{bytes:?}: {code:?}"
        );
    }
    assert_eq!(manager.put("db", b"one").await, 1);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_manager_answers_its_status_and_nothing_else() {
    let folder = Folder::new();
    // Opening the pipe blocks until it has a writer: the manager stays sealed for as long as the test wants.
    let pipe = folder.path().join("passphrase");
    let _end = EndOfPassphrase(pipe.clone());
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
    )
    .unwrap();
    let settings = strongroom_server::Settings {
        seal: strongroom_server::SealSetting::Passphrase,
        passphrase_file: Some(pipe),
        ..folder.settings()
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(strongroom_server::run(settings, async {
        stopped.await.ok();
    }));
    let socket = folder.socket();
    let listening = async {
        while !socket.exists() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, listening).await.unwrap();
    let channel = folder.channel();
    let status = StatusServiceClient::new(channel.clone())
        .get_status(GetStatusRequest {})
        .await;
    let status = status.unwrap().into_inner();
    assert!(status.sealed && !status.ready && !status.version.is_empty());
    let put = SecretsServiceClient::new(channel.clone())
        .put_secret(put_secret("db", b"one"))
        .await;
    refused(put, Code::Unavailable, ErrorReason::Sealed);
    let health = HealthClient::new(channel)
        .check(HealthCheckRequest::default())
        .await
        .unwrap();
    assert_eq!(health.into_inner().status, NOT_SERVING);
    stop.send(()).unwrap();
    timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
}

/// Gives the thread that waits for the passphrase an empty one, so that it ends with the test, however that ends.
struct EndOfPassphrase(PathBuf);

impl Drop for EndOfPassphrase {
    fn drop(&mut self) {
        fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&self.0)
            .ok();
    }
}

/// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
const SERVING: i32 = 1;
const NOT_SERVING: i32 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn health_and_reflection_answer() {
    let manager = Manager::new().await;
    let channel = manager.folder().channel();
    let health = async {
        loop {
            let mut client = HealthClient::new(channel.clone());
            let answer = client.check(HealthCheckRequest::default()).await.unwrap();
            if answer.into_inner().status == SERVING {
                return;
            }
        }
    };
    timeout(PATIENCE, health).await.unwrap();
    let asked = ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let answers = ServerReflectionClient::new(channel)
        .server_reflection_info(tokio_stream::iter([asked]))
        .await;
    let answer = answers
        .unwrap()
        .into_inner()
        .message()
        .await
        .unwrap()
        .unwrap();
    let Some(MessageResponse::ListServicesResponse(listed)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let names: Vec<_> = listed
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    for service in [
        "SecretsService",
        "ConfigsService",
        "ServicesService",
        "StatusService",
    ] {
        assert!(
            names.contains(&format!("strongroom.api.v1.{service}")),
            "{names:?}"
        );
    }
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_on_one_connection_are_served() {
    let manager = Manager::new().await;
    let channel = manager.folder().channel();
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let mut client = StatusServiceClient::new(channel.clone());
            tokio::spawn(async move { client.get_status(GetStatusRequest {}).await })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().unwrap().into_inner().ready);
    }
    manager.stop().await;
}

/// A codec that sends bytes as they are.
mod raw {
    use tonic::{
        Status,
        codec::{Codec as CodecTrait, DecodeBuf, Decoder, EncodeBuf, Encoder},
    };

    pub(super) struct Bytes(pub(super) Vec<u8>);

    #[derive(Default)]
    pub(super) struct Codec;

    impl CodecTrait for Codec {
        type Encode = Bytes;
        type Decode = ();
        type Encoder = Self;
        type Decoder = Self;

        fn encoder(&mut self) -> Self {
            Self
        }

        fn decoder(&mut self) -> Self {
            Self
        }
    }

    impl Encoder for Codec {
        type Item = Bytes;
        type Error = Status;

        fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
            use tonic_prost::prost::bytes::BufMut as _;
            buffer.put_slice(&item.0);
            Ok(())
        }
    }

    impl Decoder for Codec {
        type Item = ();
        type Error = Status;

        fn decode(&mut self, _: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
            Ok(Some(()))
        }
    }
}
