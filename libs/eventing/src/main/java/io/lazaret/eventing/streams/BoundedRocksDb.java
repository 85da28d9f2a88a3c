package io.lazaret.eventing.streams;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * One memory budget for all state stores of the process. Stores here are small; RocksDB's defaults
 * would take about 100 MiB for each store and partition.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {

  /** Blocks read and memtables of all stores together, bytes. */
  private static final long TOTAL_BYTES = 32L << 20;

  private static final long MEMTABLES_BYTES = 16L << 20;
  private static final long MEMTABLE_BYTES = 2L << 20;

  private static final class Shared {
    static final Cache CACHE = new LRUCache(TOTAL_BYTES);
    static final WriteBufferManager MEMTABLES = new WriteBufferManager(MEMTABLES_BYTES, CACHE);
  }

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(Shared.CACHE);
    table.setCacheIndexAndFilterBlocks(true);
    options.setTableFormatConfig(table);
    options.setWriteBufferManager(Shared.MEMTABLES);
    options.setWriteBufferSize(MEMTABLE_BYTES);
    options.setMaxWriteBufferNumber(2);
  }

  @Override
  public void close(String storeName, Options options) {
    // Cache and budget belong to the process, not to the store.
  }
}
