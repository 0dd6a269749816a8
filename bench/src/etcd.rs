//! The peer for writes and reads: a single etcd of the distribution, on the same disk, started for the run.

use crate::figure::Latencies;
use etcd_client::Client;
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};
use strongroom_tests::{Folder, Process};

/// A running etcd with its data in a folder of its own.
pub struct Etcd {
    endpoint: String,
    // Dropped in this order: the process goes before its folder.
    _process: Process,
    _folder: Folder,
}

impl Etcd {
    /// Starts one on free ports of the loopback.
    pub async fn start() -> Self {
        let folder = Folder::new();
        let endpoint = format!("http://127.0.0.1:{}", free_port());
        let peers = format!("http://127.0.0.1:{}", free_port());
        let mut command = Command::new("etcd");
        command.arg("--data-dir").arg(folder.join("data"));
        command.args([
            "--listen-client-urls",
            &endpoint,
            "--advertise-client-urls",
            &endpoint,
        ]);
        command.args([
            "--listen-peer-urls",
            &peers,
            "--initial-advertise-peer-urls",
            &peers,
        ]);
        command.args(["--initial-cluster", &format!("default={peers}")]);
        let process = Process::start(command, folder.join("etcd.log"));
        let etcd = Self {
            endpoint,
            _process: process,
            _folder: folder,
        };
        let start = Instant::now();
        while etcd.client().await.is_none() {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "etcd does not answer"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        etcd
    }

    /// Puts of `value` under fresh keys by `clients` at once.
    pub async fn puts(&self, clients: usize, value: &[u8], time: Duration) -> Latencies {
        let start = Instant::now();
        let mut writers = Vec::new();
        for writer in 0..clients {
            let mut client = self.client().await.expect("etcd answers");
            let value = value.to_vec();
            writers.push(tokio::spawn(async move {
                let mut durations = Vec::new();
                for number in 0.. {
                    if start.elapsed() >= time {
                        break;
                    }
                    let before = Instant::now();
                    let key = format!("{writer}-{number}");
                    client
                        .put(key, value.clone(), None)
                        .await
                        .expect("etcd takes a put");
                    durations.push(before.elapsed());
                }
                durations
            }));
        }
        let mut all = Vec::new();
        for writer in writers {
            all.extend(writer.await.expect("a writer ends"));
        }
        Latencies::new(all, start.elapsed())
    }

    async fn client(&self) -> Option<Client> {
        let mut client = Client::connect([&self.endpoint], None).await.ok()?;
        client.status().await.ok()?;
        Some(client)
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
