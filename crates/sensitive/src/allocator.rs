//! The global allocator of the three programs: what is freed is wiped.
#![expect(
    unsafe_code,
    reason = "an allocator is unsafe by its trait; nothing safe can reach blocks that are being freed"
)]

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use std::alloc::System;

/// From this many bytes on a block's pages are given back to the kernel instead of being overwritten: cheaper, and
/// pages that were never touched are not brought into memory just to be wiped.
const GIVEN_BACK_FROM: usize = 1024 * 1024;

/// [`System`], with every block wiped before it is freed.
///
/// Set it in each binary: `#[global_allocator] static ALLOCATOR: WipingAllocator = WipingAllocator;`
///
/// - `dealloc` overwrites the block. Blocks of 1 MiB and more lose their whole pages by `madvise(MADV_DONTNEED)`, which
///   makes private memory read as zeros at once; their ends are overwritten. This holds whether glibc had mapped
///   the block or had carved it from the heap.
/// - `alloc_zeroed` goes to `calloc`: freshly mapped pages are not zeroed twice.
/// - `realloc` never lets libc move a block, as that frees the old one unwiped: it allocates, copies and wipes.
///
/// C and C++ libraries call `malloc` themselves and are not covered; the only one that we link, RocksDB, sees ciphertext.
#[derive(Clone, Copy, Debug, Default)]
pub struct WipingAllocator;

// JUSTIFICATION: buffers of tonic, prost, hyper and the standard library hold payloads and know no wiping.
// SAFETY: every block comes from System with the layout that was asked for and goes back to it with the same one;
// between, only bytes inside of the block are written, when the caller has given it up.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps alloc's contract, which is System's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps alloc_zeroed's contract, which is System's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller passes a live block of this layout, and no one else may use it any more.
        unsafe { wipe(block, layout.size()) };
        // SAFETY: the block came from System with this layout.
        unsafe { System.dealloc(block, layout) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller guarantees that the size, rounded up to the alignment, does not overflow isize.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: new_size is not zero by realloc's contract.
        let new_block = unsafe { self.alloc(new_layout) };
        if new_block.is_null() {
            return new_block;
        }
        let kept = layout.size().min(new_size);
        // SAFETY: both blocks have at least `kept` bytes, and a fresh one overlaps no live one.
        unsafe { ptr::copy_nonoverlapping(block, new_block, kept) };
        // SAFETY: the caller gives the old block up with realloc's success.
        unsafe { self.dealloc(block, layout) };
        new_block
    }
}

/// Overwrites `size` bytes, in a way that the compiler must not leave out although `free` follows.
///
/// # Safety
/// `block` points to `size` bytes that may be written and that nobody else uses.
unsafe fn wipe(block: *mut u8, size: usize) {
    if size >= GIVEN_BACK_FROM {
        // SAFETY: the caller's guarantee.
        unsafe { give_back(block, size) };
        return;
    }
    // SAFETY: the caller's guarantee.
    unsafe { overwrite(block, size) };
}

/// Overwrites by the fastest means, then makes the compiler believe that the zeros are read.
///
/// # Safety
/// As for [`wipe`].
#[inline]
unsafe fn overwrite(block: *mut u8, size: usize) {
    // SAFETY: the caller's guarantee.
    unsafe { ptr::write_bytes(block, 0, size) };
    // SAFETY: the bytes were initialised by the line above and are borrowed for this call only.
    let wiped = unsafe { core::slice::from_raw_parts(block, size) };
    zeroize::optimization_barrier(wiped);
}

/// Gives the whole pages of a block back and overwrites what is left at both ends.
///
/// # Safety
/// As for [`wipe`].
unsafe fn give_back(block: *mut u8, size: usize) {
    let page = page_size();
    let head = block.align_offset(page).min(size);
    let pages = (size - head) / page * page;
    // SAFETY: head is at most size.
    let first_page = unsafe { block.add(head) };
    // SAFETY: head + pages is at most size.
    let tail = unsafe { first_page.add(pages) };
    // SAFETY: the range consists of whole pages that lie inside of the block.
    let refused = unsafe { libc::madvise(first_page.cast(), pages, libc::MADV_DONTNEED) } != 0;
    if refused {
        // Locked pages cannot be given back.
        // SAFETY: as above.
        unsafe { overwrite(first_page, pages) };
    }
    // SAFETY: the first `head` bytes of the block.
    unsafe { overwrite(block, head) };
    // SAFETY: the bytes from the last whole page to the block's end.
    unsafe { overwrite(tail, size - head - pages) };
}

fn page_size() -> usize {
    // SAFETY: sysconf takes an integer and has no effects.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    // A page size that does not fit would make every block one without whole pages: it is overwritten instead.
    usize::try_from(size).unwrap_or(usize::MAX / 2 + 1)
}
