//! What the build script makes of `proto/`: one module per package, held to no lint of ours.

/// All files of `proto/` with what they import, for gRPC reflection: an encoded `FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Package `strongroom.api.v1`.
#[expect(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/strongroom.api.v1.rs"));
}

/// Package `strongroom.dispatch.v1`.
#[expect(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod dispatch {
    include!(concat!(env!("OUT_DIR"), "/strongroom.dispatch.v1.rs"));
}
