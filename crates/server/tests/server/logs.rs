//! Neither values nor names reach the log, whatever is called and however much is logged.

use crate::manager::{Folder, put_secret};
use crate::process::{Daemon, until_ready};
use rustix::process::Signal;
use std::io::Read as _;
use strongroom_api::{
    dispatch::{
        AttachTaskRequest, SessionRequest, dispatcher_service_client::DispatcherServiceClient,
    },
    v1::{
        self, configs_service_client::ConfigsServiceClient,
        secrets_service_client::SecretsServiceClient,
        services_service_client::ServicesServiceClient,
    },
};
use tonic::{metadata::MetadataValue, transport::Channel};

fn canary() -> String {
    let mut random = [0; 12];
    std::fs::File::open("/dev/urandom")
        .unwrap()
        .read_exact(&mut random)
        .unwrap();
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("c{hex}")
}

/// Raw, in hex, and as the list of numbers that `Debug` makes of bytes.
fn forms(canary: &str) -> [String; 3] {
    let hex = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
    let numbers = format!("{:?}", canary.as_bytes());
    [
        canary.to_owned(),
        hex,
        numbers.trim_matches(['[', ']']).to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_has_a_value_or_a_name() {
    let [name, value, label, target, header] = [(); 5].map(|()| canary());
    for format in ["text", "json"] {
        let folder = Folder::new();
        let seal = format!("keyfile={}", folder.path().join("seal.key").display());
        let arguments = [
            "--bootstrap",
            "--dev",
            "--seal",
            &seal,
            "--log-format",
            format,
        ];
        let daemon = Daemon::start(&folder, &arguments, "trace");
        let mut daemon = daemon;
        let mut stderr = daemon.0.stderr.take().unwrap();
        // Drained while it runs: a full pipe would stop the manager.
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        until_ready(&folder).await;
        every_call(&folder, &name, &value, &label, &target, &header).await;
        daemon.signal(Signal::TERM);
        daemon.0.wait().unwrap();
        let text = reader.join().unwrap();
        assert!(text.lines().count() > 20, "the log was at work: {text}");
        for canary in [&name, &value, &label, &target, &header] {
            for form in forms(canary) {
                let found = text.lines().find(|line| line.contains(&form));
                assert_eq!(found, None, "{format}");
            }
        }
    }
}

/// Valid calls, refused ones, and mangled ones, with canaries in every field.
async fn every_call(
    folder: &Folder,
    name: &str,
    value: &str,
    label: &str,
    target: &str,
    header: &str,
) {
    let channel = folder.channel();
    let mut secrets = SecretsServiceClient::new(channel.clone());
    let mut configs = ConfigsServiceClient::new(channel.clone());
    let mut services = ServicesServiceClient::new(channel.clone());
    let labels = || {
        Some(v1::LabelSet {
            labels: [(label.to_owned(), label.to_owned())].into(),
        })
    };
    let put = v1::PutSecretRequest {
        labels: labels(),
        ..put_secret(name, value.as_bytes())
    };
    let mut request = tonic::Request::new(put.clone());
    request
        .metadata_mut()
        .insert("x-canary", MetadataValue::try_from(header).unwrap());
    secrets.put_secret(request).await.unwrap();
    let config = v1::PutConfigRequest {
        name: name.to_owned(),
        payload: value.as_bytes().to_vec(),
        ..Default::default()
    };
    configs.put_config(config).await.unwrap();
    let get = v1::GetConfigRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    configs.get_config(get).await.unwrap();
    let reference = |version, target: &str| v1::Reference {
        source: name.to_owned(),
        version,
        target: target.to_owned(),
        ..Default::default()
    };
    let service = |secrets| v1::CreateServiceRequest {
        name: name.to_owned(),
        secrets,
        ..Default::default()
    };
    let created = services
        .create_service(service(vec![reference(1, target)]))
        .await
        .unwrap();
    let created = created.into_inner().service.unwrap();
    refused_calls(&channel, name, value, header).await;
    services
        .create_service(service(vec![reference(9, target)]))
        .await
        .unwrap_err();
    services
        .create_service(service(vec![reference(1, &format!("../{target}"))]))
        .await
        .unwrap_err();
    agents_calls(channel, created.id, target).await;
}

async fn agents_calls(channel: Channel, service_id: String, target: &str) {
    let mut dispatcher = DispatcherServiceClient::new(channel);
    let session = SessionRequest {
        node: "node-1".to_owned(),
        session_public_key: vec![9; 32],
        containers: vec![],
    };
    let mut messages = dispatcher.session(session).await.unwrap().into_inner();
    messages.message().await.unwrap().unwrap();
    let attach = AttachTaskRequest {
        node: "node-1".to_owned(),
        container: target.to_owned(),
        service_id,
        revision: 1,
    };
    dispatcher.attach_task(attach).await.unwrap();
}

async fn refused_calls(channel: &Channel, name: &str, value: &str, header: &str) {
    let mut secrets = SecretsServiceClient::new(channel.clone());
    for bad in [
        format!("{name}/{name}"),
        format!("-{name}"),
        format!("{name}\n"),
    ] {
        secrets
            .put_secret(put_secret(&bad, value.as_bytes()))
            .await
            .unwrap_err();
    }
    secrets
        .put_secret(put_secret(name, &value.repeat(50_000).into_bytes()))
        .await
        .unwrap_err();
    secrets
        .put_secret(put_secret(name, &value.repeat(200_000).into_bytes()))
        .await
        .unwrap_err();
    let delete = v1::DeleteSecretRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    secrets.delete_secret(delete).await.unwrap_err();
    let unknown = v1::GetSecretRequest {
        name: format!("{name}x"),
        ..Default::default()
    };
    secrets.get_secret(unknown).await.unwrap_err();
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    for path in [
        format!("/{header}/{name}"),
        format!("/strongroom.api.v1.SecretsService/{name}"),
    ] {
        grpc.ready().await.unwrap();
        let codec =
            tonic_prost::ProstCodec::<v1::PutSecretRequest, v1::PutSecretResponse>::default();
        let request = tonic::Request::new(put_secret(name, value.as_bytes()));
        grpc.unary(request, path.parse().unwrap(), codec)
            .await
            .unwrap_err();
    }
}
