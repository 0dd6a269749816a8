//! What everybody else sees: nothing.

use crate::bundle::{Bundle, Container};
use crate::machine::{is_able, mounts_on_the_host};
use crate::service::{bytes, run, secret};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Output};

fn enter(container: &Container, namespaces: &[&str], command: &[&str]) -> Output {
    let target = container.pid.to_string();
    Command::new("/usr/bin/nsenter")
        .args(["--target", &target])
        .args(namespaces)
        .args(command)
        .output()
        .unwrap()
}

#[test]
fn the_host_has_no_mount_and_no_bytes() {
    if !is_able() {
        return;
    }
    let files = vec![secret(1, "key"), secret(2, "/etc/key")];
    let (container, _attached) = run(Bundle::new(), files);
    assert_eq!(mounts_on_the_host(), [""; 0]);
    for (path, inside) in [("run/secrets", false), ("etc/key", true)] {
        let on_host = container.root().join(path);
        let empty = if inside {
            fs::read(&on_host).unwrap().is_empty()
        } else {
            fs::read_dir(&on_host).unwrap().next().is_none()
        };
        assert!(empty, "{path}");
    }
}

#[test]
fn the_hosts_root_is_refused_on_every_way_in_but_the_containers_own() {
    if !is_able() {
        return;
    }
    let files = vec![secret(1, "key"), secret(2, "/etc/key")];
    let (container, _attached) = run(Bundle::new(), files);
    // Even with the bytes in the page cache.
    assert_eq!(container.print(&["cat", "/run/secrets/key"]), bytes(1, 1));
    for path in ["/run/secrets/key", "/etc/key"] {
        let refused = fs::read(container.through_proc(path)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{path}");
    }
    let refused = fs::read_dir(container.through_proc("/run/secrets")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    for namespaces in [
        &["--mount"][..],
        &["--mount", "--pid"],
        &["--mount", "--pid", "--ipc", "--uts", "--net"],
        &["--all"],
    ] {
        let output = enter(&container, namespaces, &["/bin/cat", "/run/secrets/key"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            error.contains("Permission denied"),
            "{namespaces:?}: {error}"
        );
        assert!(output.stdout.is_empty(), "{namespaces:?}");
    }
    // Refusals spoil nothing.
    assert_eq!(container.print(&["cat", "/etc/key"]), bytes(2, 1));
}

#[test]
fn another_container_is_refused_even_with_the_hosts_processes_in_sight() {
    if !is_able() {
        return;
    }
    let (container, _attached) = run(Bundle::new(), vec![secret(1, "key")]);
    let mut bundle = Bundle::new();
    let namespaces = bundle.config["linux"]["namespaces"].as_array_mut().unwrap();
    namespaces.retain(|namespace| namespace["type"] != "pid");
    let capabilities = [
        "CAP_SYS_PTRACE",
        "CAP_SYS_ADMIN",
        "CAP_DAC_OVERRIDE",
        "CAP_DAC_READ_SEARCH",
    ];
    for set in ["bounding", "effective", "permitted"] {
        bundle.config["process"]["capabilities"][set] = capabilities.into();
    }
    let (other, _others) = run(bundle, vec![secret(2, "key")]);
    let path = container.through_proc("/run/secrets/key");
    let output = other.exec(&["cat", path.to_str().unwrap()]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("Permission denied"), "{error}");
    assert!(output.stdout.is_empty());
    assert_eq!(other.print(&["cat", "/run/secrets/key"]), bytes(2, 1));
}

#[test]
fn a_process_in_a_cgroup_below_the_containers_is_the_containers() {
    if !is_able() {
        return;
    }
    let (container, _attached) = run(Bundle::new(), vec![secret(1, "key")]);
    let below = Below::new(&container);
    let path = container.through_proc("/run/secrets/key");
    // The host's root in a cgroup of the container is what cannot be told apart; docs/SEMANTICS.md says so.
    let enter = |directory: &PathBuf| format!("echo $$ > {}/cgroup.procs && ", directory.display());
    let script: String = below.0.iter().map(enter).collect();
    let script = format!("{script} cat {0} && exec cat {0}", path.display());
    let output = Command::new("/bin/sh")
        .args(["-c", &script])
        .output()
        .unwrap();
    assert_eq!(
        output.stdout,
        bytes(1, 1).repeat(2).as_bytes(),
        "{output:?}"
    );
}

/// A cgroup below the container's in every hierarchy.
struct Below(Vec<PathBuf>);

impl Below {
    fn new(container: &Container) -> Self {
        let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let listing = fs::read_to_string(format!("/proc/{}/cgroup", container.pid)).unwrap();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap();
        let mut directories = Vec::new();
        for line in listing.lines().filter(|line| !own.contains(line)) {
            let mut fields = line.splitn(3, ':').skip(1);
            let (hierarchy, path) = (fields.next().unwrap(), fields.next().unwrap());
            let mounted = table.lines().find_map(|mount| {
                let (place, system) = mount.split_once(" - ")?;
                let matches = if hierarchy.is_empty() {
                    system.starts_with("cgroup2 ")
                } else {
                    system.starts_with("cgroup ")
                        && system.split([' ', ',']).any(|word| word == hierarchy)
                };
                matches.then(|| place.split(' ').nth(4)).flatten()
            });
            let directory = format!("{}{path}/below", mounted.unwrap());
            // Processes of a cpuset need processors, which a new one lacks; the container's own will do.
            let directory = if hierarchy == "cpuset" {
                directory.replace("/below", "")
            } else {
                directory
            };
            fs::create_dir_all(&directory).unwrap();
            directories.push(directory.into());
        }
        Self(directories)
    }
}

impl Drop for Below {
    fn drop(&mut self) {
        for directory in self
            .0
            .iter()
            .filter(|directory| directory.ends_with("below"))
        {
            crate::machine::until("an empty cgroup", || fs::remove_dir(directory).is_ok());
        }
    }
}

#[test]
fn a_privileged_container_that_aborts_its_files_aborts_nobody_elses() {
    if !is_able() {
        return;
    }
    let (quiet, _quiet) = run(Bundle::new(), vec![secret(1, "key")]);
    let mut bundle = Bundle::new();
    for set in ["bounding", "effective", "permitted"] {
        bundle.config["process"]["capabilities"][set] = ["CAP_SYS_ADMIN"].into();
    }
    let (privileged, _privileged) = run(bundle, vec![secret(2, "key"), secret(3, "/etc/key")]);
    privileged.exec(&["umount", "-f", "/run/secrets"]);
    assert!(!privileged.exec(&["cat", "/etc/key"]).status.success());
    assert_eq!(quiet.print(&["cat", "/run/secrets/key"]), bytes(1, 1));
}
