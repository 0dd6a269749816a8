//! The process's settings, in a process of their own: they cannot be taken back.
#![expect(
    unsafe_code,
    reason = "prctl is the only way to ask whether the process is dumpable"
)]

use std::{fs, fs::File, os::unix::fs::FileExt as _};

#[test]
fn a_hardened_process_is_not_dumped_and_maps_its_large_blocks() {
    let memory = File::open("/proc/self/mem").unwrap();
    strongroom_sensitive::process::harden().unwrap();

    // SAFETY: PR_GET_DUMPABLE takes no argument.
    assert_eq!(unsafe { libc::prctl(libc::PR_GET_DUMPABLE) }, 0);
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let core: Vec<&str> = core.unwrap().split_whitespace().skip(4).collect();
    assert_eq!(core[..2], ["0", "0"]);

    // Left to itself, glibc raises its threshold past what is freed, and the next block comes from the heap.
    drop(vec![1u8; 8 * 1024 * 1024]);
    let block = vec![1u8; 1024 * 1024];
    let address = block.as_ptr() as u64;
    drop(block);
    let still_mapped = memory.read_exact_at(&mut [0; 64], address).is_ok();
    assert!(!still_mapped, "the freed block is still part of the heap");
}
