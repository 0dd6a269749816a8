//! strongroom-agent: holds a node's assignments, mounts them into containers, and is the OCI hook.
