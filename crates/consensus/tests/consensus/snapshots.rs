//! The log does not grow for ever.

use crate::member::{DEADLINE, Folder, assert_has, put, put_sized, stop};
use std::path::Path;
use strongroom_consensus::Consensus;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_purged_behind_a_snapshot_and_a_restart_has_everything() {
    let folder = Folder::new();
    let member = folder.create().await;
    for number in 0..100 {
        put(&member, number).await;
    }
    let applied = member.status().applied;
    member.snapshot().await.unwrap();
    purged(&member, applied).await;
    for number in 100..110 {
        put(&member, number).await;
    }
    stop(member).await;

    let (store, state) = folder.open().unwrap();
    let bounds = store.log.bounds();
    assert!(bounds.purged.unwrap().index >= applied, "{bounds:?}");
    let member = Consensus::start(store, state).await.unwrap();
    for number in 0..110 {
        assert_has(&member, number, 1024);
    }
    put(&member, 110).await;
    stop(member).await;
    assert_has(&folder.start().await, 110, 1024);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_values_do_not_fill_the_log() {
    const SIZE: usize = 1 << 20;
    let folder = Folder::new();
    let member = folder.create().await;
    for number in 0..72 {
        put_sized(&member, number, SIZE).await.unwrap();
    }
    purged(&member, 60).await;
    stop(member).await;
    let log = size(&folder.data().join("log"));
    println!("72 MiB of values: the log takes {} MiB", log >> 20);
    assert!(log < 60 << 20, "the log takes {} MiB", log >> 20);
    let member = folder.start().await;
    for number in [0, 40, 71] {
        assert_has(&member, number, SIZE);
    }
    stop(member).await;
}

/// Waits until the log begins behind `index`.
async fn purged(member: &Consensus, index: u64) {
    timeout(DEADLINE, member.purged(index))
        .await
        .expect("the log is purged in time");
}

fn size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap();
    entries
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}
