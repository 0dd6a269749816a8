//! Entry point of `strongroom-agent`.
fn main() {}
