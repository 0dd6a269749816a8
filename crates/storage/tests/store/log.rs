//! The log by itself: order, truncation, purge, and the sharing of syncs.

use crate::member::{Folder, wait};
use std::sync::mpsc::channel;
use strongroom_model::MemberId;
use strongroom_storage::{LogBounds, LogEntry, LogPayload, LogPosition, Store, Vote, WriteError};

fn entry(term: u64, index: u64) -> LogEntry {
    LogEntry {
        position: LogPosition { term, index },
        payload: LogPayload::Command(format!("{term}-{index}").into_bytes().into()),
    }
}

fn append(store: &Store, term: u64, indexes: std::ops::Range<u64>) {
    let entries = indexes.map(|index| entry(term, index)).collect();
    wait(|done| store.log.append(entries, done));
}

fn read(store: &Store) -> Vec<LogEntry> {
    let entries = store.log.entries(0, u64::MAX).unwrap();
    entries.iter().map(|entry| (**entry).clone()).collect()
}

#[test]
fn entries_can_be_read_before_they_are_durable_and_after_a_restart() {
    let folder = Folder::new();
    let store = folder.create().store;
    let (tell, told) = channel();
    store.log.append(
        vec![entry(1, 0), entry(1, 1)],
        Box::new(move |result| tell.send(result).unwrap()),
    );
    assert_eq!(read(&store), [entry(1, 0), entry(1, 1)]);
    told.recv().unwrap().unwrap();
    drop(store);
    assert_eq!(read(&opened(&folder)), [entry(1, 0), entry(1, 1)]);
}

#[test]
fn requests_that_arrive_together_share_a_sync() {
    let folder = Folder::new();
    let store = folder.create().store;
    let before = store.log.metrics();
    let (tell, told) = channel();
    for index in 0..1000 {
        let tell = tell.clone();
        store.log.append(
            vec![entry(1, index)],
            Box::new(move |result| tell.send(result).unwrap()),
        );
    }
    drop(tell);
    assert_eq!(told.iter().filter(Result::is_ok).count(), 1000);
    let now = store.log.metrics();
    assert_eq!(now.entries - before.entries, 1000);
    let fsyncs = now.fsyncs - before.fsyncs;
    assert!(
        (1..=250).contains(&fsyncs),
        "{fsyncs} syncs for 1000 entries"
    );
}

#[test]
fn truncated_entries_are_gone_and_others_take_their_place() {
    let folder = Folder::new();
    let store = folder.create().store;
    append(&store, 1, 0..6);
    let vote = Vote {
        term: 2,
        member: MemberId(1),
        committed: true,
    };
    wait(|done| store.log.save_vote(vote, done));
    wait(|done| store.log.truncate_after(Some(entry(1, 2).position), done));
    append(&store, 2, 3..5);
    let expected = [
        entry(1, 0),
        entry(1, 1),
        entry(1, 2),
        entry(2, 3),
        entry(2, 4),
    ];
    assert_eq!(read(&store), expected);
    drop(store);
    let store = opened(&folder);
    assert_eq!(read(&store), expected);
    wait(|done| store.log.truncate_after(None, done));
    append(&store, 2, 0..1);
    drop(store);
    assert_eq!(read(&opened(&folder)), [entry(2, 0)]);
}

#[test]
fn a_purged_log_begins_behind_the_purge_and_cannot_be_put_back() {
    let folder = Folder::new();
    let mut member = folder.create();
    for number in 0..6 {
        member.put(number);
    }
    let snapshot = member.store.state.snapshot().unwrap();
    let upto = snapshot.applied().position.unwrap();
    assert_eq!(upto.index, 5);
    let behind = LogPosition { index: 3, ..upto };
    wait(|done| member.store.log.purge(behind, done));
    let bounds = LogBounds {
        purged: Some(behind),
        last: Some(upto),
    };
    assert_eq!(member.store.log.bounds(), bounds);
    assert_eq!(member.store.log.entries(0, u64::MAX).unwrap().len(), 2);
    drop((snapshot, member));
    let mut member = folder.open().unwrap();
    assert_eq!(member.store.log.bounds(), bounds);
    wait(|done| member.store.log.purge(upto, done));
    member.put(6);
    drop(member);
    let member = folder.open().unwrap();
    member.assert_has(7);
    assert_eq!(member.store.log.entries(0, u64::MAX).unwrap().len(), 1);
}

#[test]
fn the_vote_and_the_commit_are_kept() {
    let folder = Folder::new();
    let store = folder.create().store;
    let vote = Vote {
        term: 9,
        member: MemberId(3),
        committed: false,
    };
    wait(|done| store.log.save_vote(vote, done));
    append(&store, 1, 0..3);
    store.log.save_committed(Some(entry(1, 1).position));
    store.close();
    drop(store);
    let store = opened(&folder);
    assert_eq!(store.log.vote(), Some(vote));
    assert_eq!(store.log.committed(), Some(entry(1, 1).position));
}

#[test]
fn a_closed_log_acknowledges_nothing() {
    let folder = Folder::new();
    let store = folder.create().store;
    store.close();
    let (tell, told) = channel();
    store.log.append(
        vec![entry(1, 0)],
        Box::new(move |result| tell.send(result).unwrap()),
    );
    assert_eq!(told.recv().unwrap(), Err(WriteError::Closed));
}

/// Opened without applying: these entries are no commands.
fn opened(folder: &Folder) -> Store {
    Store::open(&folder.path(), folder.keys()).unwrap().0
}
