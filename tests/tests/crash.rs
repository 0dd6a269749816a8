//! What was acknowledged survives: restarts, kill -9 under load, and a full disk.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use strongroom_tests::{Folder, Manager, ManagerOptions, Need, Vault, can};

#[test]
fn everything_is_there_after_a_restart() {
    let mut vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["config", "put", "app", "-"], b"one");
    cli.must_with(&["config", "put", "app", "-", "--label", "a=b"], b"two");
    cli.must_with(&["secret", "put", "gone", "-"], b"one");
    cli.must(&["secret", "rm", "gone"]);
    cli.must(&["service", "create", "web", "--config", "app@1"]);
    let before = (
        cli.json(&["config", "inspect", "app"]),
        cli.json(&["service", "inspect", "web"]),
    );
    vault.manager_mut().stop_and_restart();
    let after = (
        cli.json(&["config", "inspect", "app"]),
        cli.json(&["service", "inspect", "web"]),
    );
    assert_eq!(before, after);
    assert_eq!(cli.run(&["config", "get", "app@1"]).stdout, b"one");
    assert_eq!(
        cli.must_with(&["secret", "put", "gone", "-"], b"one"),
        "gone@2"
    );
    cli.refused(4, &["config", "rm", "app"], b"");
}

#[test]
fn every_acknowledged_write_survives_kill_9_under_load() {
    let mut vault = Vault::manager();
    let cli = vault.cli();
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (cli, stop) = (cli.clone(), &stop);
                    scope.spawn(move || {
                        let mut done = Vec::new();
                        for number in 0.. {
                            let name = format!("c-{round}-{writer}-{number}");
                            let outcome =
                                cli.with_input(&["config", "create", &name, "-"], name.as_bytes());
                            if outcome.code == 0 {
                                done.push(name);
                            }
                            if stop.load(Ordering::Relaxed) {
                                break;
                            }
                        }
                        done
                    })
                })
                .collect();
            strongroom_tests::until("20 objects of this round", || {
                let filter = format!("name=c-{round}-");
                let list = cli.json(&["config", "ls", "--filter", &filter]);
                (list.as_array()?.len() >= 20).then_some(())
            });
            vault.manager_mut().process().kill();
            stop.store(true, Ordering::Relaxed);
            for writer in writers {
                acknowledged.extend(writer.join().unwrap());
            }
        });
        vault.manager_mut().crash_and_restart();
    }
    assert!(acknowledged.len() >= 100);
    for name in &acknowledged {
        assert_eq!(
            cli.run(&["config", "get", name]).stdout,
            name.as_bytes(),
            "{name}"
        );
    }
}

#[test]
fn a_full_disk_is_a_clear_error_and_writes_go_on_when_there_is_room() {
    if !can(Need::Root) {
        return;
    }
    let folder = Folder::new();
    let disk = SmallDisk::new(&folder);
    let mut manager = Manager::start(&disk.path, ManagerOptions::default());
    let cli = manager.cli();
    cli.must_with(&["config", "create", "before", "-"], b"before");
    let filler = disk.path.join("filler");
    Command::new("dd")
        .args([
            "if=/dev/zero",
            "bs=64k",
            &format!("of={}", filler.display()),
        ])
        .output()
        .unwrap();
    let error = cli.refused(1, &["config", "create", "during", "-"], b"during");
    assert!(error.contains("full") || error.contains("space"), "{error}");
    assert_eq!(cli.run(&["config", "get", "before"]).stdout, b"before");
    std::fs::remove_file(filler).unwrap();
    cli.must_with(&["config", "create", "after", "-"], b"after");
    manager.crash_and_restart();
    assert_eq!(cli.run(&["config", "get", "before"]).stdout, b"before");
    assert_eq!(cli.run(&["config", "get", "after"]).stdout, b"after");
    cli.refused(3, &["config", "get", "during"], b"");
    manager.process().stop();
    drop(manager);
    drop(disk);
}

/// 256 MiB of ext4 in a file.
struct SmallDisk {
    path: std::path::PathBuf,
}

impl SmallDisk {
    fn new(folder: &Folder) -> Self {
        let (image, path) = (folder.join("image"), folder.join("disk"));
        std::fs::File::create(&image)
            .unwrap()
            .set_len(256 << 20)
            .unwrap();
        std::fs::create_dir(&path).unwrap();
        let run = |command: &mut Command| assert!(command.output().unwrap().status.success());
        run(Command::new("/sbin/mkfs.ext4").arg("-q").arg(&image));
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(&image)
            .arg(&path));
        Self { path }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount")
            .arg("--lazy")
            .arg(&self.path)
            .output()
            .ok();
    }
}
