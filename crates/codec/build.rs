//! Compiles `proto/strongroom/storage` into messages. protox parses the files, so that no `protoc` is needed.

use std::{env, error::Error, path::PathBuf};

const PROTOS: [&str; 3] = [
    "strongroom/storage/v1/command.proto",
    "strongroom/storage/v1/key_file.proto",
    "strongroom/storage/v1/record.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!(
        "cargo::rerun-if-changed={}",
        root.join("strongroom/storage").display()
    );
    let files = protox::compile(PROTOS, [&root])?;
    // Maps that have an order make encodings that can be compared.
    prost_build::Config::new()
        .btree_map(["."])
        .compile_fds(files)?;
    Ok(())
}
