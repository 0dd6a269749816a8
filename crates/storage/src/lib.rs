//! RocksDB under the Raft log and the state, every record encrypted before RocksDB sees it.
