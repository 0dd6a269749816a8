//! `strongroom-agent`: hardens the process, then leaves everything to the library.

use std::process::ExitCode;
use strongroom_sensitive::WipingAllocator;

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

fn main() -> ExitCode {
    strongroom_agent::run()
}
