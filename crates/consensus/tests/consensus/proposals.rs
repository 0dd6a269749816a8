//! Proposals, reads and watches, and what a restart keeps.

use crate::member::{DEADLINE, Folder, assert_has, command, id, put, stop};
use strongroom_consensus::{Consensus, ProposeError, StartError, SubscriptionError};
use strongroom_model::{MemberId, Version, limits};
use strongroom_state::{Event, Rejection, Response};
use strongroom_storage::Store;
use tokio::time::{Instant, timeout};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposal_is_applied_told_to_watchers_and_can_be_read() {
    let folder = Folder::new();
    let member = folder.create().await;
    let mut watch = member.subscribe();
    put(&member, 0).await;
    member.barrier().await.unwrap();
    assert_has(&member, 0, 1024);
    let change = timeout(DEADLINE, watch.next()).await.unwrap().unwrap();
    assert_eq!(*change.events, [Event::Object(id(0))]);
    let status = member.status();
    assert_eq!(status.leader, Some(MemberId(1)));
    assert_eq!(status.applied, change.index);
    assert!(status.running);
    stop(member).await;
    let ended = timeout(DEADLINE, watch.next()).await.unwrap();
    assert_eq!(ended, Err(SubscriptionError::Stopped));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_an_outcome_and_a_retry_gets_the_first_result() {
    let folder = Folder::new();
    let member = folder.create().await;
    let first = member.propose(&command(0, 1024)).await.unwrap();
    let retried = member.propose(&command(0, 1024)).await.unwrap();
    assert_eq!(first, retried);
    let mut other = command(0, 1024);
    other.request = None;
    let refused = member.propose(&other).await.unwrap();
    assert!(
        matches!(refused, Err(Rejection::AlreadyExists { .. })),
        "{refused:?}"
    );
    stop(member).await;

    let member = folder.start().await;
    let retried = member.propose(&command(0, 1024)).await.unwrap();
    assert_eq!(retried, first);
    assert!(matches!(first, Ok(Response::Version { added: true, .. })));
    stop(member).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_keeps_everything_and_is_quick() {
    let folder = Folder::new();
    let member = folder.create().await;
    for number in 0..50 {
        put(&member, number).await;
    }
    let applied = member.status().applied;
    stop(member).await;
    for _ in 0..3 {
        let begun = Instant::now();
        let member = folder.start().await;
        let took = begun.elapsed();
        assert!(took.as_millis() < 2000, "a start took {took:?}");
        assert!(member.status().applied >= applied);
        for number in 0..50 {
            assert_has(&member, number, 1024);
        }
        stop(member).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_is_not_there_has_no_payload() {
    let folder = Folder::new();
    let member = folder.create().await;
    assert_eq!(member.payload(id(0), Version::FIRST).unwrap(), None);
    stop(member).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_beyond_an_entry_is_refused_before_it_is_proposed() {
    let folder = Folder::new();
    let member = folder.create().await;
    let applied = member.status().applied;
    let refused = member.propose(&command(0, limits::RAFT_ENTRY)).await;
    assert!(
        matches!(refused, Err(ProposeError::TooLarge { .. })),
        "{refused:?}"
    );
    assert_eq!(member.status().applied, applied);
    stop(member).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_member_says_so() {
    let folder = Folder::new();
    let member = folder.create().await;
    let other = member.clone();
    let stopped = tokio::spawn(async move { other.stopped().await });
    member.shutdown().await;
    timeout(DEADLINE, stopped).await.unwrap().unwrap();
    assert!(!member.status().running);
    assert_eq!(
        member.propose(&command(0, 10)).await,
        Err(ProposeError::Stopped)
    );
    assert!(member.barrier().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_begins_once() {
    let folder = Folder::new();
    let (store, state) = Store::create(&folder.data(), folder.keys()).unwrap();
    let refused = Consensus::start(store, state).await.unwrap_err();
    assert!(matches!(refused, StartError::Empty), "{refused}");
    let (store, state) = folder.open().unwrap();
    stop(Consensus::create(store, state).await.unwrap()).await;
    let (store, state) = folder.open().unwrap();
    let refused = Consensus::create(store, state).await.unwrap_err();
    assert!(matches!(refused, StartError::NotEmpty), "{refused}");
}
