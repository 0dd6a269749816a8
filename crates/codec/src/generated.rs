//! What the build script makes of `proto/strongroom/storage`, held to no lint of ours.

/// Package `strongroom.storage.v1`.
#[expect(
    unreachable_pub,
    reason = "generated; the crate's public functions name none of it"
)]
pub(crate) mod v1 {
    include!(concat!(env!("OUT_DIR"), "/strongroom.storage.v1.rs"));
}
