//! The typed gRPC client: connect, deadlines, retries, errors with a reason.
