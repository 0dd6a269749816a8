//! The stack behind a computation: its dead frames are searched through the process's own memory.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{fs::File, os::unix::fs::FileExt as _};
use strongroom_sensitive::{WIPED_STACK, on_wiped_stack};

const NEEDLE: u8 = 0xA7;
/// Bytes of needles in one frame of [`leave_needles`].
const FRAME: usize = 1024;
/// How far below the searcher's frame is searched.
const SEARCHED: usize = 256 * 1024;

/// Leaves needles on `frames` frames, one below the other.
#[inline(never)]
fn leave_needles(frames: usize) {
    let mut needles = [NEEDLE; FRAME];
    black_box(&mut needles);
    if frames > 1 {
        leave_needles(frames - 1);
    }
    black_box(&needles);
}

/// How many needles lie on the stack below the caller.
#[inline(never)]
fn needles_below(memory: &File) -> usize {
    let mut found = vec![0; SEARCHED];
    let here = 0u8;
    let address = black_box(&raw const here) as usize - SEARCHED;
    memory
        .read_exact_at(&mut found, address as u64)
        .expect("a thread's stack is mapped whole");
    found.iter().filter(|byte| **byte == NEEDLE).count()
}

fn own_memory() -> File {
    File::open("/proc/self/mem").expect("a process may read its own memory")
}

/// Frames that fit what is wiped, with their own overhead in an unoptimised build.
const FITTING: usize = WIPED_STACK / FRAME * 2 / 3;

#[test]
fn the_search_finds_what_a_computation_leaves() {
    let memory = own_memory();
    leave_needles(FITTING);
    assert!(needles_below(&memory) > FITTING * FRAME * 3 / 4);
}

#[test]
fn a_computation_on_the_wiped_stack_leaves_nothing() {
    let memory = own_memory();
    for frames in 1..=FITTING {
        on_wiped_stack(|| leave_needles(frames));
        let left = needles_below(&memory);
        assert!(left < 16, "{left} needles left of {frames} frames");
    }
}

#[test]
fn a_computation_that_panics_leaves_nothing() {
    let memory = own_memory();
    let computation = || {
        on_wiped_stack(|| {
            leave_needles(FITTING);
            panic!("on purpose");
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(computation)).is_err());
    assert!(needles_below(&memory) < 16);
}

#[test]
fn the_result_comes_back() {
    assert_eq!(on_wiped_stack(|| vec![1, 2, 3]), [1, 2, 3]);
}
