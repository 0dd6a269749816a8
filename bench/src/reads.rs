//! Reads of metadata and of configs: among 10,000 objects they should cost what they cost among 100.

use crate::figure::{Latencies, Report, median};
use std::time::{Duration, Instant};
use strongroom_client::{Client, Endpoint, Put};
use strongroom_model::{Kind, Name};
use strongroom_sensitive::SecretBytes;
use strongroom_tests::Vault;

const FEW: usize = 100;
const MANY: usize = 10_000;
const TURNS: usize = 5;
const TURN: Duration = Duration::from_secs(2);

/// Measures, and stops all that it started.
pub fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let vaults = [Vault::manager(), Vault::manager()];
        let clients = vaults.each_ref().map(client);
        fill(&clients[0], FEW).await;
        fill(&clients[1], MANY).await;
        for kind in [Kind::Secret, Kind::Config] {
            let what = if kind == Kind::Secret {
                "metadata"
            } else {
                "config"
            };
            for parallel in [1, 64] {
                let mut rates = [Vec::new(), Vec::new()];
                for _ in 0..TURNS {
                    for (index, count) in [FEW, MANY].into_iter().enumerate() {
                        let reads = reads(&clients[index], (kind, count), parallel).await;
                        rates[index].push(reads.rate());
                    }
                }
                let [few, many] = rates.map(median);
                let name = format!("{what} reads among 10,000, {parallel} at once");
                report.beside(&name, (many, "1/s"), ("among 100", few), "1");
            }
        }
    });
}

async fn reads(client: &Client, (kind, count): (Kind, usize), parallel: usize) -> Latencies {
    let start = Instant::now();
    let mut readers = Vec::new();
    for reader in 0..parallel {
        let client = client.clone();
        readers.push(tokio::spawn(async move {
            let mut durations = Vec::new();
            for number in 0.. {
                if start.elapsed() >= TURN {
                    break;
                }
                let name = name((number * 7919 + reader * 104_729) % count);
                let before = Instant::now();
                if kind == Kind::Config {
                    client
                        .read_config(&name, None)
                        .await
                        .expect("the config is there");
                } else {
                    client
                        .object(kind, &name)
                        .await
                        .expect("the secret is there");
                }
                durations.push(before.elapsed());
            }
            durations
        }));
    }
    let mut all = Vec::new();
    for reader in readers {
        all.extend(reader.await.expect("a reader ends"));
    }
    Latencies::new(all, start.elapsed())
}

/// Makes `count` secrets and as many configs of 256 bytes.
pub async fn fill(client: &Client, count: usize) {
    const WRITERS: usize = 64;
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let client = client.clone();
        writers.push(tokio::spawn(async move {
            let payload = SecretBytes::from_vec(vec![b'x'; 256]);
            let put = Put {
                payload: &payload,
                labels: None,
                if_version: None,
                force_new: false,
            };
            for number in (writer..count).step_by(WRITERS) {
                for kind in Kind::ALL {
                    client
                        .create(kind, &name(number), &put)
                        .await
                        .expect("the manager takes it");
                }
            }
        }));
    }
    for writer in writers {
        writer.await.expect("a writer ends");
    }
}

/// A client of a vault's manager.
pub fn client(vault: &Vault) -> Client {
    Client::new(&Endpoint::unix(&vault.folder().join("api.sock")).expect("a socket's path"))
}

fn name(number: usize) -> Name {
    Name::parse(&format!("object-{number}")).expect("a good name")
}
