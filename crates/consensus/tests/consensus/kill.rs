//! A process that is killed while it writes, and one whose disk refuses: nothing acknowledged is lost.

use crate::member::{DEADLINE, Folder, assert_has, put_sized};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tokio::time::timeout;

const ROUNDS: u32 = 10;
/// Acknowledgements before the process is killed, in the first round.
const WRITES: u32 = 60;
/// Where the writer's folder is; without it the writer has nothing to do.
const FOLDER: &str = "STRONGROOM_TEST_WRITER";
/// The first number that it writes.
const FROM: &str = "STRONGROOM_TEST_FROM";
const SIZE: usize = 3000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_nothing_that_was_acknowledged() {
    let folder = Folder::new();
    drop_after_shutdown(&folder).await;
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let mut writer = writer(&folder.path, round * 100_000, &[]);
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        while let Some(Ok(line)) = lines.next() {
            acknowledged.extend(acknowledgement(&line));
            if acknowledged.len() >= (WRITES * (round + 1) + 7 * round) as usize {
                break;
            }
        }
        writer.kill().unwrap();
        // What it has said before it died counts too.
        for line in lines.map_while(Result::ok) {
            acknowledged.extend(acknowledgement(&line));
        }
        writer.wait().unwrap();
        let member = folder.start().await;
        for number in &acknowledged {
            assert_has(&member, *number, SIZE);
        }
        crate::member::stop(member).await;
    }
    assert!(acknowledged.len() >= (ROUNDS * WRITES) as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_refuses_a_write_stops_the_member_and_nothing_more_is_acknowledged() {
    let folder = Folder::new();
    drop_after_shutdown(&folder).await;
    // The kernel refuses to let any file grow beyond this, with an error instead of a signal.
    let limited = ["env", "--ignore-signal=XFSZ", "prlimit", "--fsize=400000"];
    let mut writer = writer(&folder.path, 0, &limited);
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let acknowledged: Vec<u32> = lines
        .map_while(Result::ok)
        .filter_map(|line| acknowledgement(&line))
        .collect();
    let mut said = String::new();
    writer
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    writer.wait().unwrap();
    assert!(said.contains("stopped within a second"), "{said}");
    assert!(!acknowledged.is_empty(), "{said}");
    let member = folder.start().await;
    for number in &acknowledged {
        assert_has(&member, *number, SIZE);
    }
    crate::member::stop(member).await;
}

/// The other process: writes and says what was acknowledged, until it is killed or the member stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writer_process() {
    let Some(path) = std::env::var_os(FOLDER) else {
        return;
    };
    let from: u32 = std::env::var(FROM).unwrap().parse().unwrap();
    let member = Folder::existing(Path::new(&path)).start().await;
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let member = member.clone();
            tokio::spawn(async move {
                for number in (from + client..).step_by(8) {
                    if put_sized(&member, number, SIZE).await.is_err() {
                        return;
                    }
                    let mut out = std::io::stdout().lock();
                    out.write_all(format!("\nacknowledged {number}\n").as_bytes())
                        .unwrap();
                    out.flush().unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    timeout(std::time::Duration::from_secs(1), member.stopped())
        .await
        .unwrap();
    assert!(!member.status().running);
    eprintln!("stopped within a second");
}

async fn drop_after_shutdown(folder: &Folder) {
    timeout(DEADLINE, crate::member::stop(folder.create().await))
        .await
        .unwrap();
}

/// This test program again, running only [`writer_process`].
fn writer(folder: &Path, from: u32, under: &[&str]) -> Child {
    let program = std::env::current_exe().unwrap().into_os_string();
    let mut words = under.iter().map(std::ffi::OsString::from).chain([program]);
    Command::new(words.next().unwrap())
        .args(words)
        .args(["--exact", "kill::writer_process", "--nocapture"])
        .env(FOLDER, folder)
        .env(FROM, from.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn acknowledgement(line: &str) -> Option<u32> {
    line.strip_prefix("acknowledged ")?.parse().ok()
}
