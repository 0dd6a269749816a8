//! Secrets and configs: what is written comes back, and each refusal has its code and reason.

use crate::manager::{Manager, create_secret, put_secret, refused};
use strongroom_api::v1::{self, ErrorReason, VersionState};
use tonic::Code;

fn put_config(name: &str, payload: &[u8]) -> v1::PutConfigRequest {
    let (name, payload) = (name.to_owned(), payload.to_vec());
    v1::PutConfigRequest {
        name,
        payload,
        ..Default::default()
    }
}

fn on_version(name: &str, version: u64) -> v1::DestroySecretVersionRequest {
    let name = name.to_owned();
    v1::DestroySecretVersionRequest {
        name,
        version,
        ..Default::default()
    }
}

fn get(name: &str) -> v1::GetSecretRequest {
    v1::GetSecretRequest {
        name: name.to_owned(),
        ..Default::default()
    }
}

fn delete(name: &str) -> v1::DeleteSecretRequest {
    v1::DeleteSecretRequest {
        name: name.to_owned(),
        ..Default::default()
    }
}

fn delete_version(name: &str, version: u64) -> v1::DeleteSecretVersionRequest {
    let name = name.to_owned();
    v1::DeleteSecretVersionRequest {
        name,
        version,
        ..Default::default()
    }
}

fn read(name: &str, version: u64) -> v1::ReadConfigRequest {
    let name = name.to_owned();
    v1::ReadConfigRequest {
        name,
        version,
        ..Default::default()
    }
}

async fn versions(manager: &Manager, name: &str) -> Vec<(u64, VersionState)> {
    let request = v1::ListSecretVersionsRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    let listed = manager
        .secrets()
        .list_secret_versions(request)
        .await
        .unwrap()
        .into_inner();
    listed
        .versions
        .iter()
        .map(|version| (version.number, version.state()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_created_once_and_then_put() {
    let manager = Manager::new().await;
    let created = manager
        .secrets()
        .create_secret(create_secret("db", b"one"))
        .await
        .unwrap();
    let secret = created.into_inner().secret.unwrap();
    assert_eq!(
        (
            secret.name.as_str(),
            secret.latest_version,
            secret.size_bytes
        ),
        ("db", 1, 3)
    );
    assert_eq!(
        (secret.namespace.as_str(), secret.id.len()),
        ("default", 25)
    );
    let again = manager
        .secrets()
        .create_secret(create_secret("DB", b"two"))
        .await;
    refused(again, Code::AlreadyExists, ErrorReason::AlreadyExists);
    assert_eq!(manager.put("db", b"two").await, 2);
    let enabled = VersionState::Enabled;
    assert_eq!(versions(&manager, "db").await, [(1, enabled), (2, enabled)]);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn putting_the_newest_bytes_again_adds_nothing_unless_forced() {
    let manager = Manager::new().await;
    assert_eq!(manager.put("db", b"one").await, 1);
    let same = manager
        .secrets()
        .put_secret(put_secret("db", b"one"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (same.added, same.secret.unwrap().latest_version),
        (false, 1)
    );
    let forced = v1::PutSecretRequest {
        force_new: true,
        ..put_secret("db", b"one")
    };
    let forced = manager
        .secrets()
        .put_secret(forced)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (forced.added, forced.secret.unwrap().latest_version),
        (true, 2)
    );
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_can_be_conditional_on_the_newest_version() {
    let manager = Manager::new().await;
    let put = |payload: &[u8], if_version| v1::PutSecretRequest {
        if_version: Some(if_version),
        ..put_secret("db", payload)
    };
    let mut secrets = manager.secrets();
    let conflict = secrets.put_secret(put(b"one", 1)).await;
    refused(conflict, Code::Aborted, ErrorReason::VersionConflict);
    secrets.put_secret(put(b"one", 0)).await.unwrap();
    let conflict = secrets.put_secret(put(b"two", 0)).await;
    refused(conflict, Code::Aborted, ErrorReason::VersionConflict);
    secrets.put_secret(put(b"two", 1)).await.unwrap();
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_writes_are_refused_and_change_nothing() {
    use ErrorReason::{InvalidLabel, InvalidName, InvalidPayload, InvalidRequest};
    let manager = Manager::new().await;
    let mut secrets = manager.secrets();
    let named = |name: &str| put_secret(name, b"value");
    for name in ["", ".db", "a/b", "ä", &"x".repeat(65)] {
        refused(
            secrets.put_secret(named(name)).await,
            Code::InvalidArgument,
            InvalidName,
        );
    }
    for size in [0, 1_048_577] {
        let put = secrets.put_secret(put_secret("db", &vec![7; size])).await;
        refused(put, Code::InvalidArgument, InvalidPayload);
    }
    let labels = [("".to_owned(), "x".to_owned())].into();
    let labelled = v1::PutSecretRequest {
        labels: Some(v1::LabelSet { labels }),
        ..named("db")
    };
    refused(
        secrets.put_secret(labelled).await,
        Code::InvalidArgument,
        InvalidLabel,
    );
    let retried = v1::PutSecretRequest {
        request_id: "7".to_owned(),
        ..named("db")
    };
    refused(
        secrets.put_secret(retried).await,
        Code::InvalidArgument,
        InvalidRequest,
    );
    let listed = secrets
        .list_secrets(v1::ListSecretsRequest::default())
        .await
        .unwrap();
    assert!(listed.into_inner().secrets.is_empty());
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_value_goes_in_and_comes_out_byte_for_byte() {
    let manager = Manager::new().await;
    let payload: Vec<u8> = (0..1_048_576u32).map(|index| (index % 251) as u8).collect();
    let mut configs = manager.configs();
    configs
        .put_config(put_config("app", &payload))
        .await
        .unwrap();
    let bytes = configs
        .read_config(read("app", 0))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((bytes.version, bytes.payload.len()), (1, payload.len()));
    assert!(bytes.payload == payload);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_is_refused_before_it_is_read() {
    let manager = Manager::new().await;
    let mut secrets = manager.secrets();
    let status = secrets
        .put_secret(put_secret("db", &vec![7; 3 << 20]))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
    assert_eq!(manager.put("db", b"after").await, 1);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_with_the_same_request_id_returns_the_first_result() {
    let manager = Manager::new().await;
    let request_id = "0123456789abcdef0123456789abcdef".to_owned();
    let create = v1::CreateSecretRequest {
        request_id,
        ..create_secret("db", b"one")
    };
    let mut secrets = manager.secrets();
    let first = secrets
        .create_secret(create.clone())
        .await
        .unwrap()
        .into_inner();
    let second = secrets.create_secret(create).await.unwrap().into_inner();
    assert_eq!(first, second);
    assert_eq!(versions(&manager, "db").await.len(), 1);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_one_name_all_succeed() {
    let manager = Manager::new().await;
    let writers = (0..32u8).map(|number| {
        let mut secrets = manager.secrets();
        tokio::spawn(async move { secrets.put_secret(put_secret("db", &[number])).await })
    });
    let writers: Vec<_> = writers.collect();
    for writer in writers {
        assert!(writer.await.unwrap().unwrap().into_inner().added);
    }
    assert_eq!(versions(&manager, "db").await.len(), 32);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_found_by_name_by_id_and_by_a_unique_prefix_of_it() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    let mut secrets = manager.secrets();
    let by_name = secrets
        .get_secret(get("DB"))
        .await
        .unwrap()
        .into_inner()
        .secret
        .unwrap();
    for text in [by_name.id.as_str(), &by_name.id[..12]] {
        let found = secrets.get_secret(get(text)).await.unwrap().into_inner();
        assert_eq!(found.secret.as_ref(), Some(&by_name));
    }
    refused(
        secrets.get_secret(get("other")).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    let config = v1::GetConfigRequest {
        name: "db".to_owned(),
        ..Default::default()
    };
    refused(
        manager.configs().get_config(config).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_filtered_and_paged() {
    let manager = Manager::new().await;
    for number in 0..5 {
        manager.put(&format!("db-{number}"), b"value").await;
    }
    manager.put("web", b"value").await;
    let filter = v1::Filter {
        name_prefixes: vec!["db".to_owned()],
        ..Default::default()
    };
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let filter = Some(filter.clone());
        let request = v1::ListSecretsRequest {
            filter,
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = manager
            .secrets()
            .list_secrets(request)
            .await
            .unwrap()
            .into_inner();
        assert!(page.secrets.len() <= 2);
        names.extend(page.secrets.into_iter().map(|secret| secret.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["db-0", "db-1", "db-2", "db-3", "db-4"]);
    let made_up = v1::ListSecretsRequest {
        page_token: "db-2".to_owned(),
        ..Default::default()
    };
    let made_up = manager.secrets().list_secrets(made_up).await;
    refused(
        made_up,
        Code::InvalidArgument,
        ErrorReason::InvalidPageToken,
    );
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_heavy_labels_still_fits_a_message() {
    let manager = Manager::new().await;
    let labels = (0..64)
        .map(|number| (format!("{number:0>256}"), "v".repeat(512)))
        .collect();
    let labels = Some(v1::LabelSet { labels });
    for number in 0..50 {
        let put = put_secret(&format!("db-{number:02}"), b"value");
        let put = v1::PutSecretRequest {
            labels: labels.clone(),
            ..put
        };
        manager.secrets().put_secret(put).await.unwrap();
    }
    let first = manager
        .secrets()
        .list_secrets(v1::ListSecretsRequest::default())
        .await
        .unwrap();
    let v1::ListSecretsResponse {
        secrets,
        next_page_token,
    } = first.into_inner();
    assert!(secrets.len() < 50 && !next_page_token.is_empty());
    let request = v1::ListSecretsRequest {
        page_token: next_page_token,
        ..Default::default()
    };
    let second = manager
        .secrets()
        .list_secrets(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(second.secrets[0].name, format!("db-{:02}", secrets.len()));
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_added_removed_and_replaced_and_bytes_stay() {
    let manager = Manager::new().await;
    let map = |labels: &[(&str, &str)]| {
        labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let create = v1::CreateSecretRequest {
        labels: map(&[("a", "1"), ("b", "2")]),
        ..create_secret("db", b"one")
    };
    let mut secrets = manager.secrets();
    secrets.create_secret(create).await.unwrap();
    let update = v1::UpdateSecretLabelsRequest {
        name: "db".to_owned(),
        add: map(&[("c", "3")]),
        remove: vec!["a".to_owned()],
        ..Default::default()
    };
    let updated = secrets
        .update_secret_labels(update)
        .await
        .unwrap()
        .into_inner()
        .secret
        .unwrap();
    assert_eq!(updated.labels, map(&[("b", "2"), ("c", "3")]));
    assert_eq!(updated.latest_version, 1);
    let none = v1::PutSecretRequest {
        labels: Some(v1::LabelSet::default()),
        ..put_secret("db", b"one")
    };
    let put = secrets.put_secret(none).await.unwrap().into_inner();
    assert!(!put.added && put.secret.unwrap().labels.is_empty());
    let missing = v1::UpdateSecretLabelsRequest {
        name: "web".to_owned(),
        ..Default::default()
    };
    refused(
        secrets.update_secret_labels(missing).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_name_goes_on_counting() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager.put("db", b"two").await;
    let before = manager
        .secrets()
        .get_secret(get("db"))
        .await
        .unwrap()
        .into_inner();
    manager.secrets().delete_secret(delete("db")).await.unwrap();
    let gone = manager.secrets().delete_secret(delete("db")).await;
    refused(gone, Code::NotFound, ErrorReason::NotFound);
    let created = manager
        .secrets()
        .create_secret(create_secret("db", b"one"))
        .await
        .unwrap();
    let after = created.into_inner().secret.unwrap();
    assert_eq!(after.latest_version, 3);
    assert_ne!(after.id, before.secret.unwrap().id);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_version_is_removed_but_not_the_last() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    let mut secrets = manager.secrets();
    let last = secrets.delete_secret_version(delete_version("db", 1)).await;
    refused(last, Code::FailedPrecondition, ErrorReason::LastVersion);
    manager.put("db", b"two").await;
    secrets
        .delete_secret_version(delete_version("db", 2))
        .await
        .unwrap();
    let gone = secrets.delete_secret_version(delete_version("db", 2)).await;
    refused(gone, Code::NotFound, ErrorReason::NotFound);
    assert_eq!(manager.put("db", b"three").await, 3);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_version_stays_listed_and_is_never_read_again() {
    let manager = Manager::new().await;
    let mut configs = manager.configs();
    configs.put_config(put_config("app", b"one")).await.unwrap();
    configs.put_config(put_config("app", b"two")).await.unwrap();
    let name = "app".to_owned();
    let destroy = v1::DestroyConfigVersionRequest {
        name: name.clone(),
        version: 1,
        ..Default::default()
    };
    let destroyed = configs
        .destroy_config_version(destroy.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(destroyed.version.unwrap().state(), VersionState::Destroying);
    configs.destroy_config_version(destroy).await.unwrap();
    let read_it = configs.read_config(read("app", 1)).await;
    refused(read_it, Code::FailedPrecondition, ErrorReason::Destroyed);
    assert_eq!(
        configs
            .read_config(read("app", 0))
            .await
            .unwrap()
            .into_inner()
            .payload,
        b"two"
    );
    let newest = v1::DestroyConfigVersionRequest {
        name: name.clone(),
        version: 2,
        ..Default::default()
    };
    configs.destroy_config_version(newest).await.unwrap();
    let get = v1::GetConfigRequest {
        name,
        ..Default::default()
    };
    let described = configs.get_config(get).await.unwrap().into_inner();
    assert!(described.payload.is_empty() && described.config.unwrap().latest_version == 2);
    manager.put("db", b"one").await;
    let unknown = manager
        .secrets()
        .destroy_secret_version(on_version("db", 9))
        .await;
    refused(unknown, Code::NotFound, ErrorReason::NotFound);
    let none = manager
        .secrets()
        .destroy_secret_version(on_version("db", 0))
        .await;
    refused(none, Code::InvalidArgument, ErrorReason::InvalidRequest);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_is_shown_with_its_newest_bytes() {
    let manager = Manager::new().await;
    let mut configs = manager.configs();
    configs.put_config(put_config("app", b"one")).await.unwrap();
    configs
        .put_config(put_config("app", b"two\n"))
        .await
        .unwrap();
    let get = v1::GetConfigRequest {
        name: "app".to_owned(),
        ..Default::default()
    };
    let described = configs.get_config(get).await.unwrap().into_inner();
    assert_eq!(
        (
            described.payload.as_slice(),
            described.config.unwrap().latest_version
        ),
        (&b"two\n"[..], 2)
    );
    assert_eq!(
        configs
            .read_config(read("app", 1))
            .await
            .unwrap()
            .into_inner()
            .payload,
        b"one"
    );
    refused(
        configs.read_config(read("app", 3)).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    refused(
        configs.read_config(read("web", 0)).await,
        Code::NotFound,
        ErrorReason::NotFound,
    );
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_and_kinds_are_apart() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    let elsewhere = v1::CreateSecretRequest {
        namespace: "team".to_owned(),
        ..create_secret("db", b"one")
    };
    let created = manager
        .secrets()
        .create_secret(elsewhere)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(created.secret.unwrap().latest_version, 1);
    manager
        .configs()
        .put_config(put_config("db", b"one"))
        .await
        .unwrap();
    let request = v1::ListSecretsRequest {
        namespace: "TEAM".to_owned(),
        ..Default::default()
    };
    let listed = manager
        .secrets()
        .list_secrets(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.secrets.len(), 1);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_everything() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager
        .configs()
        .put_config(put_config("app", b"bytes"))
        .await
        .unwrap();
    manager.service("web", &[("db", 0, "")]).await;
    let before = manager
        .secrets()
        .get_secret(get("db"))
        .await
        .unwrap()
        .into_inner();
    let folder = manager.stop().await;
    let settings = folder.settings();
    let manager = Manager::start(folder, settings).await;
    let after = manager
        .secrets()
        .get_secret(get("db"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(before, after);
    let bytes = manager
        .configs()
        .read_config(read("app", 1))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(bytes.payload, b"bytes");
    let service = v1::GetServiceRequest {
        name: "web".to_owned(),
        ..Default::default()
    };
    let service = manager
        .services()
        .get_service(service)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(service.service.unwrap().secrets[0].version, 1);
    assert_eq!(manager.put("db", b"one").await, 1);
    manager.stop().await;
}
