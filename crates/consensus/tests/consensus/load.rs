//! Many clients at once.

use crate::member::{Folder, assert_has, put, stop};

const CLIENTS: u32 = 64;
const EACH: u32 = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_write_at_once_share_syncs() {
    let folder = Folder::new();
    let member = folder.create().await;
    let before = member.metrics();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let member = member.clone();
            tokio::spawn(async move {
                for number in client * EACH..(client + 1) * EACH {
                    put(&member, number).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let now = member.metrics();
    let (entries, fsyncs) = (now.entries - before.entries, now.fsyncs - before.fsyncs);
    println!("{entries} entries, {fsyncs} syncs");
    assert!(entries >= u64::from(CLIENTS * EACH));
    assert!(
        entries >= 4 * fsyncs,
        "{entries} entries took {fsyncs} syncs"
    );
    for number in 0..CLIENTS * EACH {
        assert_has(&member, number, 1024);
    }
    stop(member).await;
}
