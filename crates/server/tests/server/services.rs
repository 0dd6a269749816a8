//! Services and tasks: what they refer to is pinned, and kept from being removed.

use crate::manager::{Manager, create_service, refused};
use strongroom_api::{
    dispatch::{AttachTaskRequest, DetachTaskRequest},
    v1::{self, ErrorReason},
};
use tonic::Code;

fn attach(service: &v1::Service, container: &str) -> AttachTaskRequest {
    AttachTaskRequest {
        node: "node-1".to_owned(),
        container: container.to_owned(),
        service_id: service.id.clone(),
        revision: service.revision,
    }
}

async fn tasks(manager: &Manager, service: &str) -> Vec<v1::Task> {
    let request = v1::ListTasksRequest {
        service: service.to_owned(),
        ..Default::default()
    };
    manager
        .services()
        .list_tasks(request)
        .await
        .unwrap()
        .into_inner()
        .tasks
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_is_resolved_when_the_service_is_written() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager.put("db", b"two").await;
    let service = manager
        .service("web", &[("db", 0, ""), ("db", 1, "old/db")])
        .await;
    manager.put("db", b"three").await;
    let get = v1::GetServiceRequest {
        name: "WEB".to_owned(),
        ..Default::default()
    };
    let read = manager
        .services()
        .get_service(get)
        .await
        .unwrap()
        .into_inner()
        .service
        .unwrap();
    assert_eq!(read, service);
    let references: Vec<_> = read
        .secrets
        .iter()
        .map(|secret| (secret.version, secret.target.as_str()))
        .collect();
    assert_eq!(references, [(2, "db"), (1, "old/db")]);
    assert_eq!((read.secrets[0].mode, read.revision), (Some(0o444), 1));
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_services_are_refused_and_change_nothing() {
    use ErrorReason::{Destroyed, InvalidReference, NotFound, TargetConflict};
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager.put("db", b"two").await;
    let destroy = v1::DestroySecretVersionRequest {
        name: "db".to_owned(),
        version: 1,
        ..Default::default()
    };
    manager
        .secrets()
        .destroy_secret_version(destroy)
        .await
        .unwrap();
    let mut services = manager.services();
    let mut create = async |secrets: &[(&str, u64, &str)]| {
        services
            .create_service(create_service("web", secrets))
            .await
    };
    refused(create(&[("other", 0, "")]).await, Code::NotFound, NotFound);
    refused(create(&[("db", 9, "")]).await, Code::NotFound, NotFound);
    refused(
        create(&[("db", 1, "")]).await,
        Code::FailedPrecondition,
        Destroyed,
    );
    let twice = [("db", 2, "a"), ("db", 2, "/run/secrets/a")];
    refused(create(&twice).await, Code::InvalidArgument, TargetConflict);
    refused(
        create(&[("db", 2, "../../etc/passwd")]).await,
        Code::InvalidArgument,
        InvalidReference,
    );
    let listed = manager
        .services()
        .list_services(v1::ListServicesRequest::default())
        .await
        .unwrap();
    assert!(listed.into_inner().services.is_empty());
    manager.service("web", &[("db", 2, "")]).await;
    let again = manager
        .services()
        .create_service(create_service("Web", &[]))
        .await;
    refused(again, Code::AlreadyExists, ErrorReason::AlreadyExists);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_uses_can_not_be_removed_or_destroyed() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager.put("db", b"two").await;
    manager.service("web", &[("db", 1, "")]).await;
    let name = "db".to_owned();
    let mut secrets = manager.secrets();
    let whole = v1::DeleteSecretRequest {
        name: name.clone(),
        ..Default::default()
    };
    let message = refused(
        secrets.delete_secret(whole).await,
        Code::FailedPrecondition,
        ErrorReason::InUse,
    );
    assert!(message.contains("web"), "{message}");
    let one = v1::DeleteSecretVersionRequest {
        name: name.clone(),
        version: 1,
        ..Default::default()
    };
    refused(
        secrets.delete_secret_version(one).await,
        Code::FailedPrecondition,
        ErrorReason::InUse,
    );
    let destroy = v1::DestroySecretVersionRequest {
        name: name.clone(),
        version: 1,
        ..Default::default()
    };
    refused(
        secrets.destroy_secret_version(destroy).await,
        Code::FailedPrecondition,
        ErrorReason::InUse,
    );
    let other = v1::DeleteSecretVersionRequest {
        name,
        version: 2,
        ..Default::default()
    };
    secrets.delete_secret_version(other).await.unwrap();
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_goes_when_no_container_is_attached_any_more() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    let service = manager.service("web", &[("db", 0, "")]).await;
    let mut dispatcher = manager.dispatcher();
    let first = dispatcher
        .attach_task(attach(&service, "c1"))
        .await
        .unwrap()
        .into_inner();
    let again = dispatcher
        .attach_task(attach(&service, "c1"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    dispatcher
        .attach_task(attach(&service, "c2"))
        .await
        .unwrap();
    let listed = tasks(&manager, "web").await;
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (listed[0].service.as_str(), listed[0].node.as_str()),
        ("web", "node-1")
    );
    let delete = v1::DeleteServiceRequest {
        name: "web".to_owned(),
        ..Default::default()
    };
    let message = refused(
        manager.services().delete_service(delete.clone()).await,
        Code::FailedPrecondition,
        ErrorReason::InUse,
    );
    assert!(
        message.contains("c1") && message.contains("c2"),
        "{message}"
    );
    for container in ["c1", "c2", "c2"] {
        let (node, container) = ("node-1".to_owned(), container.to_owned());
        dispatcher
            .detach_task(DetachTaskRequest { node, container })
            .await
            .unwrap();
    }
    manager
        .services()
        .delete_service(delete.clone())
        .await
        .unwrap();
    let gone = manager.services().delete_service(delete).await;
    refused(gone, Code::NotFound, ErrorReason::NotFound);
    let late = dispatcher.attach_task(attach(&service, "c3")).await;
    refused(late, Code::NotFound, ErrorReason::NotFound);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_in_pages() {
    let manager = Manager::new().await;
    let service = manager.service("web", &[]).await;
    for number in 0..5 {
        let attach = attach(&service, &format!("c{number}"));
        manager.dispatcher().attach_task(attach).await.unwrap();
    }
    let mut containers = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = v1::ListTasksRequest {
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = manager
            .services()
            .list_tasks(request)
            .await
            .unwrap()
            .into_inner();
        containers.extend(page.tasks.into_iter().map(|task| task.container));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    containers.sort_unstable();
    assert_eq!(containers, ["c0", "c1", "c2", "c3", "c4"]);
    let made_up = v1::ListTasksRequest {
        page_token: "x".to_owned(),
        ..Default::default()
    };
    let made_up = manager.services().list_tasks(made_up).await;
    refused(
        made_up,
        Code::InvalidArgument,
        ErrorReason::InvalidPageToken,
    );
    let unknown = v1::ListTasksRequest {
        service: "other".to_owned(),
        ..Default::default()
    };
    refused(
        manager.services().list_tasks(unknown).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    manager.stop().await;
}
