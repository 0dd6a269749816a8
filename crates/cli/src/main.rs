//! Entry point of `strongroom`.
fn main() {}
