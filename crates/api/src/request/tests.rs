//! What the border lets through, and with which reason it refuses.

use super::*;
use crate::{dispatch, v1};
use strongroom_model::{Kind, VersionRequest};

fn put(change: impl FnOnce(&mut v1::PutSecretRequest)) -> Result<WriteVersion, Refusal> {
    let mut message = v1::PutSecretRequest {
        name: "db".to_owned(),
        payload: b"value".to_vec(),
        ..Default::default()
    };
    change(&mut message);
    message.try_into()
}

fn reason<T>(result: Result<T, Refusal>) -> Option<ErrorReason> {
    result.err().map(|refusal| refusal.reason())
}

fn service(reference: v1::Reference) -> Result<CreateService, Refusal> {
    let (name, secrets) = ("web".to_owned(), vec![reference]);
    v1::CreateServiceRequest {
        name,
        secrets,
        ..Default::default()
    }
    .try_into()
}

fn reference(change: impl FnOnce(&mut v1::Reference)) -> v1::Reference {
    let mut reference = v1::Reference {
        source: "db".to_owned(),
        ..Default::default()
    };
    change(&mut reference);
    reference
}

#[test]
fn the_payload_is_taken_over_without_a_copy() {
    let payload = b"value".to_vec();
    let address = payload.as_ptr();
    let write = put(|message| message.payload = payload).unwrap();
    assert_eq!(write.payload.expose().as_ptr(), address);
    assert_eq!((write.intent, write.size.get()), (WriteIntent::Put, 5));
}

#[test]
fn an_empty_namespace_is_the_default_one() {
    let write = put(|_| ()).unwrap();
    assert_eq!(write.path.namespace.as_str(), "default");
}

#[test]
fn absent_labels_and_no_labels_differ() {
    assert_eq!(put(|_| ()).unwrap().labels, None);
    let none = put(|message| message.labels = Some(v1::LabelSet::default())).unwrap();
    assert_eq!(none.labels.map(|labels| labels.iter().len()), Some(0));
}

#[test]
fn bad_writes_are_refused_with_their_reason() {
    use ErrorReason::{InvalidLabel, InvalidName, InvalidPayload, InvalidRequest};
    let labels = |key: &str, value: &str| {
        let labels = [(key.to_owned(), value.to_owned())].into();
        Some(v1::LabelSet { labels })
    };
    assert_eq!(reason(put(|m| m.name.clear())), Some(InvalidName));
    assert_eq!(
        reason(put(|m| m.name = "../x".to_owned())),
        Some(InvalidName)
    );
    assert_eq!(
        reason(put(|m| m.namespace = "a/b".to_owned())),
        Some(InvalidName)
    );
    assert_eq!(reason(put(|m| m.payload.clear())), Some(InvalidPayload));
    assert_eq!(
        reason(put(|m| m.payload = vec![0; limits::PAYLOAD + 1])),
        Some(InvalidPayload)
    );
    assert_eq!(
        reason(put(|m| m.labels = labels("", "x"))),
        Some(InvalidLabel)
    );
    assert_eq!(
        reason(put(|m| m.labels = labels("k", "\n"))),
        Some(InvalidLabel)
    );
    assert_eq!(
        reason(put(|m| m.request_id = "1".to_owned())),
        Some(InvalidRequest)
    );
    assert_eq!(reason(put(|m| m.payload = vec![0; limits::PAYLOAD])), None);
}

#[test]
fn a_reference_gets_swarms_defaults() {
    let service = service(reference(|_| ())).unwrap();
    let (kind, reference) = &service.references[0];
    assert_eq!(
        (*kind, reference.version),
        (Kind::Secret, VersionRequest::Latest)
    );
    assert_eq!(reference.target.to_string(), "db");
    assert_eq!((reference.uid.get(), reference.gid.get()), (0, 0));
    assert_eq!(reference.mode.bits(), 0o444);
}

#[test]
fn mode_zero_is_a_mode() {
    let service = service(reference(|reference| reference.mode = Some(0))).unwrap();
    assert_eq!(service.references[0].1.mode.bits(), 0);
}

#[test]
fn bad_references_are_refused_with_their_reason() {
    let refused = |change: fn(&mut v1::Reference)| reason(service(reference(change)));
    let invalid = Some(ErrorReason::InvalidReference);
    assert_eq!(
        refused(|r| r.target = "../../etc/passwd".to_owned()),
        invalid
    );
    assert_eq!(refused(|r| r.target = "a\0b".to_owned()), invalid);
    assert_eq!(refused(|r| r.target = "a//b".to_owned()), invalid);
    assert_eq!(refused(|r| r.mode = Some(0o1000)), invalid);
    assert_eq!(refused(|r| r.uid = u32::MAX), invalid);
    assert_eq!(refused(|r| r.gid = u32::MAX), invalid);
    assert_eq!(
        refused(|r| r.source.clear()),
        Some(ErrorReason::InvalidName)
    );
}

#[test]
fn too_many_references_are_refused_before_they_are_parsed() {
    let secrets = vec![v1::Reference::default(); limits::REFERENCES + 1];
    let message = v1::CreateServiceRequest {
        secrets,
        ..Default::default()
    };
    assert_eq!(
        reason(CreateService::try_from(message)),
        Some(ErrorReason::InvalidReference)
    );
}

#[test]
fn a_page_has_at_most_the_limit_and_zero_means_the_limit() {
    let list = |page_size| {
        ListObjects::try_from(v1::ListSecretsRequest {
            page_size,
            ..Default::default()
        })
    };
    assert_eq!(list(0).unwrap().page.size, limits::PAGE);
    assert_eq!(list(1).unwrap().page.size, 1);
    assert_eq!(reason(list(1001)), Some(ErrorReason::InvalidRequest));
}

#[test]
fn an_endless_filter_is_refused() {
    let name_prefixes = vec![String::new(); limits::FILTER_TERMS + 1];
    let filter = Some(v1::Filter {
        name_prefixes,
        ..Default::default()
    });
    let message = v1::ListSecretsRequest {
        filter,
        ..Default::default()
    };
    assert_eq!(
        reason(ListObjects::try_from(message)),
        Some(ErrorReason::InvalidRequest)
    );
}

#[test]
fn version_zero_is_the_newest_where_bytes_are_read_and_nothing_where_they_are_destroyed() {
    let name = "app".to_owned();
    let read = v1::ReadConfigRequest {
        name: name.clone(),
        ..Default::default()
    };
    assert_eq!(
        ReadVersion::try_from(read).unwrap().version,
        VersionRequest::Latest
    );
    let destroy = v1::DestroyConfigVersionRequest {
        name,
        ..Default::default()
    };
    assert_eq!(
        reason(OnVersion::try_from(destroy)),
        Some(ErrorReason::InvalidRequest)
    );
}

#[test]
fn a_session_needs_a_whole_key_and_a_bounded_number_of_containers() {
    let session = |key: usize, containers: usize| {
        OpenSession::try_from(dispatch::SessionRequest {
            node: "n1".to_owned(),
            session_public_key: vec![1; key],
            containers: (0..containers).map(|number| number.to_string()).collect(),
        })
    };
    assert_eq!(reason(session(32, 2)), None);
    assert_eq!(reason(session(31, 0)), Some(ErrorReason::InvalidRequest));
    assert_eq!(
        reason(session(32, limits::NODE_CONTAINERS + 1)),
        Some(ErrorReason::InvalidRequest)
    );
}
