//! Large blocks that the C library carves from its heap instead of mapping them: their pages are given back too.
#![expect(unsafe_code, reason = "mallopt makes the C library carve large blocks")]

use std::{fs::File, os::unix::fs::FileExt as _};
use strongroom_sensitive::WipingAllocator;

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

const NEEDLE: u8 = 0xA7;

#[test]
fn a_large_block_of_the_heap_holds_nothing_after_it_was_freed() {
    // SAFETY: mallopt takes two integers.
    let set = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, 32 * 1024 * 1024) };
    assert_eq!(set, 1);
    let memory = File::open("/proc/self/mem").unwrap();
    for size in [1_048_576, 1_048_577, 3_000_001, 5 * 1024 * 1024] {
        let mut found = vec![0; size];
        let block = vec![NEEDLE; size];
        // What lies behind the block keeps the heap from shrinking when it is freed.
        let behind = vec![1u8; 200_000];
        let address = block.as_ptr() as usize;
        drop(block);
        memory.read_exact_at(&mut found, address as u64).unwrap();
        let left = found.iter().filter(|byte| **byte == NEEDLE).count();
        assert!(left <= 4, "{left} needles of {size} left");
        drop(behind);
    }
}
