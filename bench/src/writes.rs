//! Durable writes of 1 KiB at 1 and 64 clients, beside the disk's own speed and a single etcd, taken in turns.

use crate::etcd::Etcd;
use crate::figure::{Latencies, Report, median};
use crate::machine;
use std::time::{Duration, Instant};
use strongroom_client::{Client, Endpoint, Put};
use strongroom_model::{Kind, Name};
use strongroom_sensitive::SecretBytes;
use strongroom_tests::Vault;

const TURNS: usize = 5;
const TURN: Duration = Duration::from_secs(4);
const VALUE: usize = 1024;

/// Measures, and stops all that it started.
pub fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let disk = machine::fdatasync(TURN);
        report.alone(
            "1 KiB write + fdatasync, p50",
            disk.percentile_ms(50),
            "ms",
            "",
        );
        report.alone("1 KiB write + fdatasync", disk.rate(), "1/s", "");
        let vault = Vault::manager();
        let etcd = Etcd::start().await;
        for (clients, aim) in [(1, ">= 0.9"), (64, ">= 1.1")] {
            measure(&vault, &etcd, (clients, aim), report).await;
        }
    });
}

async fn measure(
    vault: &Vault,
    etcd: &Etcd,
    (clients, aim): (usize, &'static str),
    report: &mut Report,
) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let before = client(vault).status().await.expect("the manager answers");
    for turn in 0..TURNS {
        theirs.push(etcd.puts(clients, &random_bytes(), TURN).await);
        ours.push(puts(vault, &format!("w{clients}-{turn}"), clients).await);
    }
    let after = client(vault).status().await.expect("the manager answers");
    let middle = |turns: &[Latencies], read: &dyn Fn(&Latencies) -> f64| {
        median(turns.iter().map(read).collect())
    };
    let rate = |turns: &[Latencies]| middle(turns, &Latencies::rate);
    let name = format!("secret writes of 1 KiB, {clients} clients");
    report.beside(&name, (rate(&ours), "1/s"), ("etcd", rate(&theirs)), aim);
    for percent in [50, 99] {
        let at = |turns: &[Latencies]| middle(turns, &|turn| turn.percentile_ms(percent));
        let name = format!("{name}, p{percent}");
        report.beside(&name, (at(&ours), "ms"), ("etcd", at(&theirs)), "");
    }
    let entries = after.log_entries - before.log_entries;
    let syncs = (after.log_syncs - before.log_syncs).max(1);
    let per_sync = entries as f64 / syncs as f64;
    let aim = if clients == 64 { ">= 8" } else { "" };
    report.alone(
        &format!("acknowledged writes per fsync, {clients} clients"),
        per_sync,
        "",
        aim,
    );
}

/// Creates secrets under fresh names by `clients` at once, each with a connection of its own, as etcd's have.
async fn puts(vault: &Vault, prefix: &str, clients: usize) -> Latencies {
    let start = Instant::now();
    let mut writers = Vec::new();
    for writer in 0..clients {
        let client = client(vault);
        let prefix = format!("{prefix}-{writer}");
        writers.push(tokio::spawn(async move {
            let payload = SecretBytes::from_vec(random_bytes());
            let put = Put {
                payload: &payload,
                labels: None,
                if_version: None,
                force_new: false,
            };
            let mut durations = Vec::new();
            for number in 0.. {
                if start.elapsed() >= TURN {
                    break;
                }
                let name = Name::parse(&format!("{prefix}-{number}")).expect("a good name");
                let before = Instant::now();
                client
                    .create(Kind::Secret, &name, &put)
                    .await
                    .expect("the manager takes it");
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

fn client(vault: &Vault) -> Client {
    Client::new(&Endpoint::unix(&vault.folder().join("api.sock")).expect("a socket's path"))
}

/// Incompressible, so that no peer gains by compression.
fn random_bytes() -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = vec![0; VALUE];
    let mut random = std::fs::File::open("/dev/urandom").expect("/dev/urandom");
    random.read_exact(&mut bytes).expect("random bytes");
    bytes
}
