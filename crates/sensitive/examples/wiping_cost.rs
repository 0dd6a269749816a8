//! What wiping costs on this machine: `cargo run --release -p strongroom-sensitive --example wiping_cost`.
//!
//! Blocks are allocated, written to the last byte and freed, as buffers are, with and without the wiping allocator. The
//! figures of `docs/KEYS.md` come from here.
#![expect(
    unsafe_code,
    clippy::print_stdout,
    reason = "a measurement calls two allocators side by side and prints"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::time::Instant;
use strongroom_sensitive::WipingAllocator;

/// Nanoseconds for a block's life: the median of 21 runs of many rounds.
fn life(allocator: &impl GlobalAlloc, size: usize) -> f64 {
    let layout = Layout::array::<u8>(size).expect("a small size");
    let rounds = u32::try_from(20_000_000 / (size + 200)).expect("few rounds");
    let mut runs: Vec<f64> = (0..21)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..rounds {
                // SAFETY: the size is not zero.
                let block = unsafe { allocator.alloc(layout) };
                assert!(!block.is_null());
                // SAFETY: the block has as many bytes.
                unsafe { block.write_bytes(7, size) };
                let block = black_box(block);
                // SAFETY: the block is this allocator's, of this layout, and used no more.
                unsafe { allocator.dealloc(block, layout) };
            }
            start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}

fn main() {
    strongroom_sensitive::process::harden().expect("the settings are allowed");
    for size in [64, 256, 1_024, 8_192, 65_536, 524_288, 1_048_576, 4_194_304] {
        let (plain, wiping) = (life(&System, size), life(&WipingAllocator, size));
        println!("{size:>9} bytes: {plain:>10.0} ns, wiping {wiping:>10.0} ns");
    }
}
