//! The wiping allocator as a program has it: what was freed is looked for in the process's own memory.
#![expect(
    unsafe_code,
    reason = "one test frees a block behind the wiping allocator's back, to see that the search finds what is there"
)]

use std::alloc::{GlobalAlloc as _, Layout, System};
use std::{fs, fs::File, os::unix::fs::FileExt as _};
use strongroom_sensitive::WipingAllocator;

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

/// Fills a block; nothing else in the process looks like it.
const NEEDLE: u8 = 0xA7;

/// Sizes around the allocator's own limits: small bins, large bins, mapped blocks, blocks whose pages are given back.
const SIZES: [usize; 9] = [
    40, 100, 1_000, 5_000, 100_000, 131_072, 600_000, 1_048_576, 3_000_001,
];

/// How many needles lie at an address that was freed; `None` where no memory is there any more.
fn needles_at(memory: &File, address: usize, found: &mut [u8]) -> Option<usize> {
    memory.read_exact_at(found, address as u64).ok()?;
    Some(found.iter().filter(|byte| **byte == NEEDLE).count())
}

/// Needles left in a freed block by chance: its first words hold the heap's own lists.
const BY_CHANCE: usize = 4;

#[test]
fn a_freed_block_holds_nothing_of_what_was_in_it() {
    let memory = File::open("/proc/self/mem").unwrap();
    for size in SIZES {
        let mut found = vec![0; size];
        let block = vec![NEEDLE; size];
        let address = block.as_ptr() as usize;
        assert_eq!(needles_at(&memory, address, &mut found), Some(size));
        drop(block);
        let left = needles_at(&memory, address, &mut found).unwrap_or(0);
        assert!(left <= BY_CHANCE, "{left} needles of {size} left");
    }
}

#[test]
fn a_vector_that_grows_leaves_no_copy_behind() {
    let memory = File::open("/proc/self/mem").unwrap();
    for size in SIZES {
        let mut found = vec![0; size];
        let mut vector = vec![NEEDLE; size];
        let address = vector.as_ptr() as usize;
        vector.reserve_exact(size * 4);
        assert_ne!(vector.as_ptr() as usize, address);
        assert_eq!(vector.iter().filter(|byte| **byte == NEEDLE).count(), size);
        let left = needles_at(&memory, address, &mut found).unwrap_or(0);
        assert!(left <= BY_CHANCE, "{left} needles of {size} left");
    }
}

#[test]
fn without_the_allocator_the_search_finds_a_freed_block() {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut found = vec![0; 5_000];
    let layout = Layout::array::<u8>(found.len()).unwrap();
    // SAFETY: the layout's size is not zero.
    let block = unsafe { System.alloc(layout) };
    assert!(!block.is_null());
    // SAFETY: the block has as many bytes.
    unsafe { block.write_bytes(NEEDLE, found.len()) };
    // An optimiser leaves out writes that only a free follows: what the allocator must not let happen to its zeros.
    let block = std::hint::black_box(block);
    // SAFETY: the block came from System with this layout.
    unsafe { System.dealloc(block, layout) };
    let left = needles_at(&memory, block as usize, &mut found).unwrap();
    assert!(left > 4_000, "only {left} needles left");
}

#[test]
fn zeroed_blocks_that_nobody_touches_cost_no_memory() {
    const SIZE: usize = 256 * 1024 * 1024;
    let peak_kib = || -> usize {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        line.unwrap()
            .split_whitespace()
            .nth(1)
            .unwrap()
            .parse()
            .unwrap()
    };
    let before = peak_kib();
    let zeroed = vec![0u8; SIZE];
    assert_eq!(zeroed[SIZE / 2], 0);
    drop(zeroed);
    let grown = peak_kib() - before;
    assert!(grown < SIZE / 1024 / 4, "{grown} KiB were touched");
}
