//! Compiles `proto/` into messages, clients and servers. protox parses the files, so that no `protoc` is needed.

use prost::Message as _;
use std::{env, error::Error, fs, path::PathBuf};

const PROTOS: [&str; 9] = [
    "strongroom/api/v1/config.proto",
    "strongroom/api/v1/configs_service.proto",
    "strongroom/api/v1/error_reason.proto",
    "strongroom/api/v1/secret.proto",
    "strongroom/api/v1/secrets_service.proto",
    "strongroom/api/v1/service.proto",
    "strongroom/api/v1/services_service.proto",
    "strongroom/api/v1/status_service.proto",
    "strongroom/dispatch/v1/dispatcher.proto",
];

/// Messages with bytes in clear; `src/redacted.rs` writes their `Debug`, and a test there finds one that is missing here.
const PAYLOAD_MESSAGES: [&str; 6] = [
    ".strongroom.api.v1.CreateSecretRequest",
    ".strongroom.api.v1.PutSecretRequest",
    ".strongroom.api.v1.CreateConfigRequest",
    ".strongroom.api.v1.PutConfigRequest",
    ".strongroom.api.v1.GetConfigResponse",
    ".strongroom.api.v1.ReadConfigResponse",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let files = protox::compile(PROTOS, [&root])?;
    let descriptors = PathBuf::from(env::var("OUT_DIR")?).join("descriptors.bin");
    fs::write(descriptors, files.encode_to_vec())?;
    tonic_prost_build::configure()
        .btree_map(".")
        .skip_debug(PAYLOAD_MESSAGES)
        .emit_rerun_if_changed(false)
        .compile_fds(files)?;
    Ok(())
}
