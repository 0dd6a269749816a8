//! Settings of the whole process that keep its memory from others. Called first thing in `main`.
#![expect(
    unsafe_code,
    reason = "prctl, setrlimit and mallopt have no safe binding in the crates that this leaf may use"
)]

use std::io;

/// Blocks of at least this many bytes are mapped one by one and unmapped when freed.
const MMAP_THRESHOLD: libc::c_int = 128 * 1024;

/// Makes the process undumpable, so that neither a core dump nor another process of the same user can read its
/// memory, and pins the allocator's threshold for mapping large blocks.
///
/// The threshold is glibc's default, but glibc raises it up to 32 MiB as large blocks are freed: from then on
/// megabyte payloads and FUSE buffers come from the heap, which is not given back (measured: an agent that serves 1 MiB
/// reads from 2,000 mounts holds 2 GB instead of 29 MB). Setting it switches that off.
///
/// # Errors
/// The system call's error. A refused `mallopt` is [`io::ErrorKind::Unsupported`].
pub fn harden() -> io::Result<()> {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // JUSTIFICATION: no core dump may hold keys; safe bindings live in crates that would pull rustix into this leaf.
    // SAFETY: the pointer is to a whole rlimit that outlives the call, which only reads it.
    check(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) })?;
    // JUSTIFICATION: as above; the flag also refuses ptrace and /proc/PID/mem to processes without CAP_SYS_PTRACE.
    // SAFETY: PR_SET_DUMPABLE takes one integer and no pointer.
    check(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0 as libc::c_ulong, 0, 0, 0) })?;
    #[cfg(target_env = "gnu")]
    {
        // JUSTIFICATION: the setting exists in this function and in the environment only, which `main` does not own.
        // SAFETY: mallopt takes two integers; glibc serialises it with allocations by its own lock.
        if unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MMAP_THRESHOLD) } != 1 {
            return Err(io::ErrorKind::Unsupported.into());
        }
    }
    Ok(())
}

fn check(returned: libc::c_int) -> io::Result<()> {
    if returned == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
