//! Entry point of `strongroomd`.
fn main() {}
