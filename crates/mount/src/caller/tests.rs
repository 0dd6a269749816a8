//! The way of kernels that do not tell the cgroup of a pidfd, over a folder that plays `/proc`; the other way has
//! real containers in `tests/mount/confinement.rs`.

use super::*;
use crate::cgroup::Memberships;
use rustix::fs::CWD;
use std::fs;
use std::path::Path;

const LISTING_OF_OURS: &str = "2:memory:/web\n1:cpu:/web\n0::/\n";

fn callers(proc: &Path) -> Callers {
    let container = Memberships::parse(LISTING_OF_OURS);
    let host = Memberships::parse("2:memory:/\n1:cpu:/\n0::/\n");
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Callers {
        proc: Arc::new(openat(CWD, proc, flags, Mode::empty()).unwrap()),
        cgroups: OwnCgroups::new(&container, &host).unwrap(),
        known: None,
        recent: Mutex::new(Ring::new()),
    }
}

fn is_in(proc: &Path, task: u32, listing: &str) {
    let folder = proc.join(task.to_string());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("cgroup"), listing).unwrap();
}

#[test]
fn only_the_containers_own_are_admitted() {
    let proc = tempfile::tempdir().unwrap();
    let callers = callers(proc.path());
    for (task, listing, admitted) in [
        (10, LISTING_OF_OURS, true),
        (11, "2:memory:/web/below\n1:cpu:/web\n0::/x\n", true),
        (12, "2:memory:/web\n1:cpu:/\n0::/\n", false),
        (13, "2:memory:/webs\n1:cpu:/webs\n", false),
        (14, "2:memory:/web\n", false),
        (15, "", false),
    ] {
        is_in(proc.path(), task, listing);
        // The second time from the descriptor that is kept.
        assert_eq!(
            [callers.admit(task), callers.admit(task)],
            [admitted; 2],
            "{listing}"
        );
    }
}

#[test]
fn a_caller_without_a_number_or_a_listing_is_nobody() {
    let proc = tempfile::tempdir().unwrap();
    let callers = callers(proc.path());
    is_in(proc.path(), 0, LISTING_OF_OURS);
    for task in [0, 7, u32::MAX] {
        assert!(!callers.admit(task), "{task}");
    }
}

#[test]
fn a_caller_that_left_the_container_is_asked_anew() {
    let proc = tempfile::tempdir().unwrap();
    let callers = callers(proc.path());
    is_in(proc.path(), 10, LISTING_OF_OURS);
    assert!(callers.admit(10));
    is_in(proc.path(), 10, "2:memory:/\n1:cpu:/\n");
    assert!(!callers.admit(10));
    is_in(proc.path(), 10, LISTING_OF_OURS);
    assert!(callers.admit(10));
}

#[test]
fn a_listing_that_is_cut_off_admits_nobody() {
    let proc = tempfile::tempdir().unwrap();
    let callers = callers(proc.path());
    let long = format!("{LISTING_OF_OURS}9:x:/{}\n", "y".repeat(LISTING));
    is_in(proc.path(), 10, &long);
    assert!(!callers.admit(10));
}

#[test]
fn more_callers_than_are_remembered_are_all_admitted() {
    let proc = tempfile::tempdir().unwrap();
    let callers = callers(proc.path());
    for round in 0..3 {
        for task in 10..30 {
            is_in(proc.path(), task, LISTING_OF_OURS);
            assert!(callers.admit(task), "{round} {task}");
        }
    }
    let recent = callers.recent.lock().unwrap();
    assert_eq!(recent.items.len(), RECENT);
}

/// A descriptor of `/proc/TID/cgroup` is of the task: it must fail once the task is gone, whoever has its number.
#[test]
fn what_is_kept_of_a_task_that_has_ended_admits_nobody() {
    let callers = callers(Path::new("/proc"));
    let (tell, told) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        tell.send(rustix::thread::gettid()).unwrap();
        ended.recv().unwrap();
    });
    let task = u32::try_from(told.recv().unwrap().as_raw_nonzero().get()).unwrap();
    let kept = callers.open_cgroup(task).unwrap();
    let mut listing = [0; LISTING];
    assert!(io::pread(&kept, &mut listing, 0).unwrap() > 0);
    end.send(()).unwrap();
    thread.join().unwrap();
    let gone = || io::pread(&kept, &mut listing, 0) == Err(io::Errno::SRCH);
    // The thread has been joined a little before the kernel lets go of the task.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let mut gone = gone;
    while !gone() {
        assert!(
            std::time::Instant::now() < deadline,
            "an ended task still has cgroups"
        );
        std::thread::yield_now();
    }
}
