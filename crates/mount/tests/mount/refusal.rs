//! What is refused, with one clear line, leaving nothing behind.

use crate::bundle::Bundle;
use crate::machine::{is_able, mounts_on_the_host};
use crate::service::{MOUNTER, bytes, owned, refusal, run, secret};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use strongroom_mount::{ContainerError, ContainerProcess};

#[test]
fn a_symbolic_link_in_the_image_does_not_lead_to_the_host() {
    if !is_able() {
        return;
    }
    let bundle = Bundle::new();
    let outside = bundle.volume();
    fs::remove_dir(bundle.root().join("run")).unwrap();
    // Absolute, and climbing: both would reach the host's folder if they were followed there.
    symlink(&outside, bundle.root().join("run")).unwrap();
    symlink("../../../../../../..", bundle.root().join("up")).unwrap();
    let target = format!("/up{}/key", outside.display());
    fs::create_dir_all(bundle.root().join(outside.strip_prefix("/").unwrap())).unwrap();
    let (container, _attached) = run(bundle, vec![secret(1, "key"), secret(2, &target)]);
    assert!(fs::read_dir(&outside).unwrap().next().is_none());
    assert_eq!(mounts_on_the_host(), [""; 0]);
    assert_eq!(
        container.print(&["cat", "/run/secrets/key", &target]),
        bytes(1, 1) + &bytes(2, 1)
    );
}

#[test]
fn a_link_to_nothing_and_a_place_of_another_kind_are_refused() {
    if !is_able() {
        return;
    }
    let bundle = Bundle::new();
    symlink("/nowhere", bundle.root().join("etc/link")).unwrap();
    let line = refusal(bundle, vec![secret(1, "/etc/link")]);
    assert!(
        line.starts_with("/etc/link is a symbolic link to nothing"),
        "{line}"
    );
    let bundle = Bundle::new();
    fs::create_dir(bundle.root().join("etc/folder")).unwrap();
    let line = refusal(bundle, vec![secret(1, "/etc/folder")]);
    assert!(line.starts_with("/etc/folder is no regular file"), "{line}");
    let bundle = Bundle::new();
    fs::write(bundle.root().join("run/secrets"), "").unwrap();
    let line = refusal(bundle, vec![secret(1, "key")]);
    assert!(line.starts_with("/run/secrets is no directory"), "{line}");
}

#[test]
fn two_targets_that_a_link_makes_one_are_refused_and_nothing_stays() {
    if !is_able() {
        return;
    }
    let bundle = Bundle::new();
    symlink("/run", bundle.root().join("alias")).unwrap();
    let root = bundle.root();
    let creating = bundle.create();
    let files = vec![
        secret(1, "key"),
        secret(2, "/alias/secrets/other"),
        secret(3, "/etc/a/b/c"),
    ];
    let error = crate::service::attach(&creating, files).err().unwrap();
    let expected = "/run/secrets and /alias/secrets/other lead to one place";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert!(!root.join("run/secrets").exists());
    assert!(!root.join("etc/a").exists());
    creating.refuse();
}

#[test]
fn a_mount_that_would_be_hidden_is_named() {
    if !is_able() {
        return;
    }
    for (place, target) in [
        ("/run/secrets", "key"),
        ("/run/secrets/kubernetes.io/serviceaccount", "key"),
        ("/etc/hosts", "/etc/hosts"),
    ] {
        let mut bundle = Bundle::new();
        let volume = bundle.volume();
        let source = if place == "/etc/hosts" {
            volume.join("hosts")
        } else {
            volume
        };
        if place == "/etc/hosts" {
            fs::write(&source, "").unwrap();
        }
        bundle.mount(place, "bind", &source, &["bind"]);
        let line = refusal(bundle, vec![secret(1, target)]);
        assert!(
            line.starts_with(&format!("{place:?} is mounted already")),
            "{line}"
        );
    }
}

#[test]
fn nothing_is_made_in_a_volume_of_the_host() {
    if !is_able() {
        return;
    }
    let mut bundle = Bundle::new();
    let volume = bundle.volume();
    bundle.mount("/data", "bind", &volume, &["bind"]);
    let line = refusal(bundle, vec![secret(1, "/data/folder/key")]);
    assert!(
        line.starts_with("/data/folder is missing in the volume \"/data\""),
        "{line}"
    );
    assert!(fs::read_dir(&volume).is_err() || fs::read_dir(&volume).unwrap().next().is_none());
}

#[test]
fn what_a_volume_has_can_be_covered() {
    if !is_able() {
        return;
    }
    let mut bundle = Bundle::new();
    let volume = bundle.volume();
    fs::write(volume.join("key"), "the host's").unwrap();
    bundle.mount("/data", "bind", &volume, &["bind"]);
    let (container, _attached) = run(bundle, vec![secret(1, "/data/key")]);
    assert_eq!(container.print(&["cat", "/data/key"]), bytes(1, 1));
    assert_eq!(
        fs::read_to_string(volume.join("key")).unwrap(),
        "the host's"
    );
}

#[test]
fn a_place_whose_mounts_the_host_would_see_is_refused() {
    if !is_able() {
        return;
    }
    let mut bundle = Bundle::new();
    let volume = bundle.volume();
    fs::write(volume.join("key"), "").unwrap();
    let shared = Shared::new(&volume);
    bundle.mount("/data", "bind", &volume, &["rbind", "rshared"]);
    bundle.config["linux"]["rootfsPropagation"] = "rshared".into();
    let line = refusal(bundle, vec![secret(1, "/data/key")]);
    assert!(
        line.contains("\"/data\", which holds /data/key, is shared with the host"),
        "{line}"
    );
    assert_eq!(mounts_on_the_host(), [""; 0]);
    drop(shared);
}

/// A folder of the host that shares its mounts with whoever binds it.
struct Shared<'a>(&'a Path);

impl<'a> Shared<'a> {
    fn new(path: &'a Path) -> Self {
        let shared = Self(path);
        for arguments in [&["--bind"][..], &["--make-rshared"]] {
            let mut command = Command::new("/bin/mount");
            command.args(arguments).arg(path);
            if arguments == ["--bind"] {
                command.arg(path);
            }
            assert!(command.status().unwrap().success());
        }
        shared
    }
}

impl Drop for Shared<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("/bin/umount")
            .arg("--recursive")
            .arg(self.0)
            .status();
        assert!(unmounted.unwrap().success());
    }
}

#[test]
fn an_owner_that_the_user_namespace_lacks_is_refused() {
    if !is_able() {
        return;
    }
    let mut bundle = Bundle::new();
    bundle.map_users(200_000);
    let line = refusal(bundle, vec![owned(secret(1, "key"), 70_000, 0, 0o400)]);
    assert!(
        line.starts_with("/run/secrets/key belongs to uid 70000"),
        "{line}"
    );
}

#[test]
fn a_process_that_is_no_container_is_refused() {
    if !is_able() {
        return;
    }
    let own = i32::try_from(std::process::id()).unwrap();
    let refused = ContainerProcess::new(&MOUNTER, own, Path::new("/")).unwrap_err();
    assert_eq!(refused, ContainerError::HostNamespace(own));
    for pid in [0, -1, i32::MAX] {
        let refused = ContainerProcess::new(&MOUNTER, pid, Path::new("/")).unwrap_err();
        assert_eq!(refused, ContainerError::Gone(pid));
    }
}

#[test]
fn a_process_in_the_hosts_cgroups_is_refused() {
    if !is_able() {
        return;
    }
    let mut child = Command::new("/usr/bin/unshare")
        .args(["--mount", "/bin/sh", "-c", "echo; exec sleep 1000"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = [0];
    let mut output = child.stdout.take().unwrap();
    std::io::Read::read_exact(&mut output, &mut line).unwrap();
    let pid = i32::try_from(child.id()).unwrap();
    let refused = ContainerProcess::new(&MOUNTER, pid, Path::new("/")).unwrap_err();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(refused, ContainerError::HostCgroup(pid));
}

/// Whoever can write to the image swaps its directories for links to the host while containers are being created.
#[test]
fn swapping_directories_meanwhile_never_leads_to_the_host() {
    if !is_able() {
        return;
    }
    let image = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let outside = image.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let mut attached = 0;
    for _ in 0..40 {
        let bundle = Bundle::new();
        let (run, other) = (bundle.root().join("run"), bundle.root().join("other"));
        symlink(&outside, &other).unwrap();
        let creating = bundle.create();
        let done = AtomicBool::new(false);
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    renameat_with(CWD, &run, CWD, &other, RenameFlags::EXCHANGE).unwrap();
                }
            });
            let files = vec![secret(1, "deep/key"), secret(2, "/run/a/b/key")];
            let outcome = crate::service::attach(&creating, files);
            done.store(true, Ordering::Relaxed);
            outcome
        });
        assert_eq!(mounts_on_the_host(), [""; 0]);
        assert!(fs::read_dir(&outside).unwrap().next().is_none());
        match outcome {
            Ok(files) => {
                drop(files);
                attached += 1;
                drop(creating.start());
            }
            Err(_) => creating.refuse(),
        }
    }
    eprintln!("{attached} of 40 containers were attached while their directories were swapped");
}
