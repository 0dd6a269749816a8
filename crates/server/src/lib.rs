//! strongroomd: unseals, replicates, serves the gRPC API and tells agents what to mount.
