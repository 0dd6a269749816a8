//! The gRPC messages of api.v1 and dispatch.v1, and their conversion into the model.
