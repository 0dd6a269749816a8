//! RocksDB's settings: small tables in memory, nothing compressed, nothing skipped on recovery.

use rocksdb::{
    BlockBasedOptions, Cache, DBCompressionType, DBRecoveryMode, LogLevel, Options, WriteOptions,
};

const MIB: usize = 1024 * 1024;

/// Blocks of both databases; the state lives in memory and payloads are read once per use, so more buys little.
const BLOCK_CACHE: usize = 4 * MIB;

/// Settings that both databases share, and the cache that they share.
pub(crate) fn shared_cache() -> Cache {
    Cache::new_lru_cache(BLOCK_CACHE)
}

/// Of the log: entries come in order and leave in order.
pub(crate) fn log(cache: &Cache) -> Options {
    let mut options = common(cache);
    options.set_write_buffer_size(4 * MIB);
    options.set_max_write_buffer_number(3);
    // An incomplete record at the end was never acknowledged and may go; anything else that is wrong is an error.
    // The default would silently drop everything from the first bad record on.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options
}

/// Of the state and its column families.
pub(crate) fn state(cache: &Cache) -> Options {
    let mut options = common(cache);
    options.set_write_buffer_size(4 * MIB);
    options.set_max_write_buffer_number(3);
    options.set_db_write_buffer_size(16 * MIB);
    options.set_max_total_wal_size(32 * MIB as u64);
    // Nobody syncs this database's log between flushes: after a power failure the families must agree, and what is
    // left of the log ends somewhere. The Raft log has what is missing, and a start that would lack it is refused.
    options.set_atomic_flush(true);
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    options
}

fn common(cache: &Cache) -> Options {
    let mut options = Options::default();
    options.set_paranoid_checks(true);
    options.set_compression_type(DBCompressionType::None);
    options.set_max_background_jobs(2);
    options.set_target_file_size_base(16 * MIB as u64);
    options.set_max_bytes_for_level_base(64 * MIB as u64);
    options.set_level_compaction_dynamic_level_bytes(true);

    options.set_track_and_verify_wals_in_manifest(true);

    // RocksDB's own log names files and keys only, but it need not grow.
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(2);
    options.set_max_log_file_size(MIB);
    options.set_stats_dump_period_sec(0);
    options.set_stats_persist_period_sec(0);

    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    blocks.set_bloom_filter(10.0, false);
    blocks.set_format_version(6);
    options.set_block_based_table_factory(&blocks);
    options
}

/// `fdatasync` of RocksDB's log before the write returns.
pub(crate) fn synced() -> WriteOptions {
    let mut options = WriteOptions::default();
    options.set_sync(true);
    options
}
