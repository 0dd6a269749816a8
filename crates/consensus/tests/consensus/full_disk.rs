//! A small file system that fills up. Mounting it needs root.

use crate::member::{Folder, assert_has, put_sized, stop};
use std::path::{Path, PathBuf};
use std::process::Command;
use strongroom_consensus::ProposeError;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_clearly_and_takes_them_again_when_there_is_room() {
    const SIZE: usize = 200_000;
    if !is_root() {
        return;
    }
    let disk = Disk::mount("128M");
    let folder = Folder::on(&disk.path());
    let member = folder.create().await;
    put_sized(&member, 0, SIZE).await.unwrap();

    // Somebody else fills the disk.
    let ballast = disk.path().join("ballast");
    fill(&ballast);
    let refused = put_sized(&member, 1, SIZE).await.unwrap_err();
    assert_eq!(refused, ProposeError::StorageFull);
    let before = written(&folder.data());
    for number in 1..20 {
        assert_eq!(
            put_sized(&member, number, SIZE).await,
            Err(ProposeError::StorageFull)
        );
    }
    assert_eq!(
        written(&folder.data()),
        before,
        "something was written while writes are refused"
    );
    member.barrier().await.unwrap();
    assert_has(&member, 0, SIZE);

    std::fs::remove_file(&ballast).unwrap();
    put_sized(&member, 1, SIZE).await.unwrap();

    // The store itself fills the disk, by many clients at once.
    let mut number = 2;
    let full = loop {
        let clients: Vec<_> = (number..number + 16)
            .map(|number| {
                let member = member.clone();
                tokio::spawn(async move { put_sized(&member, number, SIZE).await })
            })
            .collect();
        let mut full = None;
        for client in clients {
            match client.await.unwrap() {
                Ok(()) => number += 1,
                Err(error) => full = Some(error),
            }
        }
        if let Some(full) = full {
            break full;
        }
    };
    assert_eq!(full, ProposeError::StorageFull);
    assert!(member.status().running);
    stop(member).await;
    let member = folder.start().await;
    assert_has(&member, 0, SIZE);
    assert_has(&member, 1, SIZE);
    stop(member).await;
}

/// An ext4 file system in a file, unmounted in the end.
struct Disk {
    dir: TempDir,
}

impl Disk {
    fn mount(size: &str) -> Self {
        let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let disk = Self { dir };
        let image = disk.dir.path().join("image");
        run(Command::new("truncate").arg("-s").arg(size).arg(&image));
        run(Command::new("mkfs.ext4")
            .args(["-q", "-m", "0"])
            .arg(&image));
        std::fs::create_dir(disk.path()).unwrap();
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(&image)
            .arg(disk.path()));
        disk
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("mounted")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: where the test has failed, the store may be open still.
        run(Command::new("umount").arg("-l").arg(self.path()));
    }
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Leaves about 4 MiB, which is less than the reserve.
fn fill(ballast: &Path) {
    use std::io::Write as _;
    let parent = ballast.parent().unwrap().to_owned();
    let mut file = std::fs::File::create(ballast).unwrap();
    while free(&parent) > 4 << 20 {
        file.write_all(&vec![1; 1 << 20]).unwrap();
        file.sync_data().unwrap();
    }
}

fn free(dir: &Path) -> u64 {
    let fs = rustix::fs::statvfs(dir).unwrap();
    fs.f_bavail * fs.f_frsize
}

/// Sizes of RocksDB's logs: whatever is written goes there first.
fn written(dir: &Path) -> Vec<(PathBuf, u64)> {
    let mut sizes = Vec::new();
    for database in ["log", "state"] {
        for entry in std::fs::read_dir(dir.join(database)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "log") {
                sizes.push((path.clone(), path.metadata().unwrap().len()));
            }
        }
    }
    sizes.sort();
    sizes
}

fn is_root() -> bool {
    if rustix::process::geteuid().is_root() {
        return true;
    }
    let required = std::env::var("STRONGROOM_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required, "this test mounts a file system: run it as root");
    eprintln!("SKIPPED: this test mounts a file system; run it as root");
    false
}
