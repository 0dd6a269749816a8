//! What becomes of a call when the server is slow, leaderless, restarted, or no server at all.
//!
//! The server here is tonic's with scripted answers: what the vault answers is shown by the tests of the workspace.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "calls/script.rs"]
mod script;

use core::time::Duration;
use script::{Answer, Script, object};
use std::collections::BTreeMap;
use std::os::unix::net::UnixListener;
use strongroom_api::v1::ErrorReason;
use strongroom_client::{Client, ClientError, Endpoint, ErrorKind, Filter, Put, PutOutcome};
use strongroom_model::{Kind, Name};
use strongroom_sensitive::SecretBytes;
use tokio::io::AsyncReadExt as _;

fn client(script: &Script) -> Client {
    Client::new(&Endpoint::unix(script.socket()).unwrap())
}

async fn put(client: &Client) -> Result<PutOutcome, ClientError> {
    let payload = SecretBytes::from_vec(b"s3cret".to_vec());
    let put = Put {
        payload: &payload,
        labels: None,
        if_version: None,
        force_new: false,
    };
    client
        .put(Kind::Secret, &Name::parse("db").unwrap(), &put)
        .await
}

fn assert_one_line(error: &ClientError) {
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_write_without_a_leader_is_sent_again_with_the_same_request_id() {
    let script = Script::serve([
        Answer::Refuse(ErrorReason::NoLeader),
        Answer::Refuse(ErrorReason::Busy),
        Answer::Object(object("db", 7)),
    ]);
    let outcome = put(&client(&script)).await.unwrap();
    assert_eq!(outcome.object.newest.get(), 7);
    let ids = script.request_ids();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[0].len(), 32);
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[tokio::test]
async fn two_writes_have_two_request_ids() {
    let script = Script::serve([
        Answer::Object(object("db", 1)),
        Answer::Object(object("db", 2)),
    ]);
    let client = client(&script);
    put(&client).await.unwrap();
    put(&client).await.unwrap();
    let ids = script.request_ids();
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_write_whose_connection_breaks_is_sent_again_with_the_same_request_id() {
    let mut script = Script::serve([Answer::Never, Answer::Object(object("db", 1))]);
    let client = client(&script);
    let writing = tokio::spawn(async move { put(&client).await });
    script.first_call_arrived().await;
    script.restart();
    assert_eq!(writing.await.unwrap().unwrap().object.newest.get(), 1);
    let ids = script.request_ids();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (reason, kind) in [
        (ErrorReason::InvalidName, ErrorKind::Invalid),
        (ErrorReason::NotFound, ErrorKind::NotFound),
        (ErrorReason::VersionConflict, ErrorKind::Conflict),
        (ErrorReason::Denied, ErrorKind::Denied),
        (ErrorReason::Sealed, ErrorKind::Sealed),
        (ErrorReason::StorageFull, ErrorKind::Failed),
    ] {
        let script = Script::serve([Answer::Refuse(reason), Answer::Object(object("db", 1))]);
        let error = put(&client(&script)).await.unwrap_err();
        assert_eq!((error.kind(), error.reason()), (kind, Some(reason)));
        assert_eq!(script.request_ids().len(), 1);
    }
}

#[tokio::test]
async fn a_write_that_is_not_answered_is_in_doubt_and_says_so() {
    let script = Script::serve([Answer::Never]);
    let client = client(&script).with_deadline(Duration::from_millis(200));
    let error = put(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("may have been made"));
    assert_one_line(&error);
}

#[tokio::test]
async fn a_list_is_all_pages() {
    let page = |name: &str, next: &str| Answer::Page(vec![object(name, 1)], next.to_owned());
    let script = Script::serve([page("a", "1"), page("b", "2"), page("c", "")]);
    let objects = client(&script)
        .objects(Kind::Secret, &Filter::default())
        .await
        .unwrap();
    let names: Vec<_> = objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(script.page_tokens(), ["", "1", "2"]);
}

#[tokio::test]
async fn an_answer_that_does_not_parse_is_a_failure_and_not_a_panic() {
    let good = object("db", 1);
    let mut bad = vec![object("../db", 1), object("db", 0)];
    bad.push(strongroom_api::v1::Secret {
        id: "x".to_owned(),
        ..good.clone()
    });
    bad.push(strongroom_api::v1::Secret {
        create_time: None,
        ..good.clone()
    });
    let labels = BTreeMap::from([("a=b".to_owned(), String::new())]);
    bad.push(strongroom_api::v1::Secret { labels, ..good });
    for object in bad {
        let script = Script::serve([Answer::Object(object)]);
        let error = put(&client(&script)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_one_line(&error);
    }
}

#[tokio::test]
async fn a_socket_that_is_not_there_or_is_stale_is_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("api.sock");
    let client = Client::new(&Endpoint::unix(&socket).unwrap());
    let missing = put(&client).await.unwrap_err();
    drop(UnixListener::bind(&socket).unwrap());
    let stale = put(&client).await.unwrap_err();
    for error in [missing, stale] {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(
            error.to_string().contains(&socket.display().to_string()),
            "{error}"
        );
        assert!(error.to_string().contains("strongroom dev"), "{error}");
        assert!(!error.to_string().contains("may have been made"), "{error}");
        assert_one_line(&error);
    }
}

#[tokio::test]
async fn garbage_on_the_socket_is_a_broken_connection() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("api.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    let garbage = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _read = stream.read_u8().await;
            let _written = stream.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let client = Client::new(&Endpoint::unix(&socket).unwrap());
    let client = client.with_deadline(Duration::from_millis(400));
    let error = client.status().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_one_line(&error);
    garbage.abort();
}

#[test]
fn calls_can_run_on_any_thread() {
    fn assert_send<T: Send>(_: &T) {}
    let script = Script::serve([]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let client = client(&script);
    assert_send(&put(&client));
    assert_send(&client.objects(Kind::Config, &Filter::default()));
    assert_send(&client.services());
}
