//! The secret types by themselves, on the system's allocator: what they held is looked for where it lay.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{fs::File, os::unix::fs::FileExt as _};
use strongroom_sensitive::{SecretArray, SecretBytes};

const NEEDLE: u8 = 0xA7;
const SIZE: usize = 4_000;

/// Looks at memory that has been freed. Its buffer is made before, or it would take the freed block's place.
struct Search {
    memory: File,
    found: Vec<u8>,
}

impl Search {
    fn new() -> Self {
        Self {
            memory: File::open("/proc/self/mem").expect("a process may read its own memory"),
            found: vec![0; SIZE],
        }
    }

    /// How many needles lie in the [`SIZE`] bytes from this address.
    fn needles_at(&mut self, address: usize) -> usize {
        self.memory
            .read_exact_at(&mut self.found, address as u64)
            .expect("small blocks stay mapped");
        self.found.iter().filter(|byte| **byte == NEEDLE).count()
    }
}

#[test]
fn the_search_finds_what_a_plain_vector_leaves() {
    let mut search = Search::new();
    let plain = vec![NEEDLE; SIZE];
    // An optimiser leaves out writes that only a free follows.
    black_box(&plain);
    let address = plain.as_ptr() as usize;
    drop(plain);
    assert!(search.needles_at(address) > SIZE / 2);
}

#[test]
fn dropped_bytes_are_gone_also_those_in_spare_capacity() {
    let mut search = Search::new();
    let mut vector = vec![NEEDLE; SIZE];
    vector.truncate(10);
    let secret = SecretBytes::from_vec(vector);
    let address = secret.expose().as_ptr() as usize;
    assert_eq!(search.needles_at(address), SIZE);
    drop(secret);
    assert!(search.needles_at(address) <= 4);
}

#[test]
fn truncated_bytes_are_gone_at_once() {
    let mut search = Search::new();
    let mut secret = SecretBytes::init_with(SIZE, |bytes| bytes.fill(NEEDLE));
    secret.truncate(100);
    assert_eq!(search.needles_at(secret.expose().as_ptr() as usize), 100);
}

#[test]
fn a_dropped_array_is_gone() {
    let mut search = Search::new();
    let secret = SecretArray::<SIZE>::init_with(|bytes| bytes.fill(NEEDLE));
    let address = secret.expose().as_ptr() as usize;
    assert_eq!(search.needles_at(address), SIZE);
    drop(secret);
    assert!(search.needles_at(address) <= 4);
}

#[test]
fn what_was_written_before_a_panic_is_gone() {
    let mut search = Search::new();
    let mut address = 0;
    let writing = AssertUnwindSafe(|| {
        SecretBytes::init_with(SIZE, |bytes| {
            bytes.fill(NEEDLE);
            address = bytes.as_ptr() as usize;
            panic!("on purpose");
        })
    });
    assert!(catch_unwind(writing).is_err());
    assert!(search.needles_at(address) <= 4);
}
