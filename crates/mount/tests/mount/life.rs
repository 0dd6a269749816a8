//! How it ends, and that nothing is left.

use crate::bundle::Bundle;
use crate::machine::{is_able, mounts_on_the_host, until};
use crate::service::{MOUNTER, Source, bytes, run, secret};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs;
use strongroom_mount::ContainerProcess;
use strongroom_tree::Tree;

#[test]
fn the_session_ends_with_the_container() {
    if !is_able() {
        return;
    }
    let creating = Bundle::new().create();
    let process = ContainerProcess::new(&MOUNTER, creating.pid(), &creating.root()).unwrap();
    let tree = Tree::new(vec![secret(1, "key")]).unwrap();
    let attached = MOUNTER.attach(process, tree, Source).unwrap();
    let container = creating.start();
    assert!(attached.is_serving());
    container.delete();
    let mut fds = [PollFd::from_borrowed_fd(attached.pidfd(), PollFlags::IN)];
    let patience = Timespec {
        tv_sec: 10,
        tv_nsec: 0,
    };
    assert_eq!(poll(&mut fds, Some(&patience)), Ok(1));
    // The last mount went with the container's namespace.
    until("the end of the session", || !attached.is_serving());
}

#[test]
fn what_is_detached_is_refused_and_nobody_hangs() {
    if !is_able() {
        return;
    }
    let (container, attached) = run(Bundle::new(), vec![secret(1, "key"), secret(2, "/etc/key")]);
    assert_eq!(container.print(&["cat", "/run/secrets/key"]), bytes(1, 1));
    drop(attached);
    for path in ["/run/secrets/key", "/etc/key"] {
        let output = container.exec(&["cat", path]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.stdout.is_empty(), "{path}");
        let gone = error.contains("not connected") || error.contains("Software caused");
        assert!(gone, "{path}: {error}");
    }
}

#[test]
fn a_hundred_containers_leave_nothing() {
    if !is_able() {
        return;
    }
    let cycle = || {
        let (container, attached) = run(Bundle::new(), vec![secret(1, "key"), secret(2, "/k")]);
        assert_eq!(container.print(&["cat", "/run/secrets/key"]), bytes(1, 1));
        container.delete();
        drop(attached);
    };
    // Other tests of this process come and go meanwhile: what 100 cycles leave would still show.
    cycle();
    let before = Resources::now();
    (0..100).for_each(|_| cycle());
    until("the descriptors and threads to go", || {
        let now = Resources::now();
        now.descriptors < before.descriptors + 50 && now.threads < before.threads + 50
    });
    assert_eq!(mounts_on_the_host(), [""; 0]);
}

#[derive(Debug)]
struct Resources {
    descriptors: usize,
    threads: usize,
}

impl Resources {
    fn now() -> Self {
        let count = |path| fs::read_dir(path).unwrap().count();
        Self {
            descriptors: count("/proc/self/fd"),
            threads: count("/proc/self/task"),
        }
    }
}
