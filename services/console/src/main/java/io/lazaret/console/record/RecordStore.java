package io.lazaret.console.record;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The log on the local disk, by place, with indexes by history, by model and for lists. Written by
 * one thread, in batches that hold the offsets that they reach, so that what is on disk is always a
 * prefix of every partition; read by any thread. It is a cache: one of another version or another
 * cluster is emptied.
 */
public final class RecordStore implements AutoCloseable {

  /** Of what is written below; another one on disk is thrown away. */
  private static final String VERSION = "4";

  /** Memory outside the heap: blocks that were read, and writes not yet on disk; bytes. */
  private static final long BLOCK_CACHE_BYTES = 32L << 20;

  private static final long WRITE_BUFFER_BYTES = 8L << 20;
  private static final long ALL_WRITE_BUFFERS_BYTES = 32L << 20;
  private static final int BLOOM_BITS = 10;

  private static final byte[] VERSION_KEY = Keys.text("version");

  static {
    RocksDB.loadLibrary();
  }

  /** Parts of the store. */
  enum Part {
    META,
    LOG,
    HISTORY,
    TIMELINE,
    ROWS,
    LISTS
  }

  private final DBOptions options;
  private final ColumnFamilyOptions parts;
  private final LRUCache cache;
  private final WriteOptions writing = new WriteOptions().setDisableWAL(true);
  private final RocksDB db;
  private final List<ColumnFamilyHandle> handles = new ArrayList<>();

  private RecordStore(Path directory) throws RocksDBException {
    cache = new LRUCache(BLOCK_CACHE_BYTES);
    parts =
        new ColumnFamilyOptions()
            .setWriteBufferSize(WRITE_BUFFER_BYTES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(cache)
                    .setFilterPolicy(new BloomFilter(BLOOM_BITS)));
    // Without a log of its own, a crash loses the last writes of all parts together, and their
    // offsets with them: they are read from Kafka again.
    options =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setAtomicFlush(true)
            .setDbWriteBufferSize(ALL_WRITE_BUFFERS_BYTES)
            .setKeepLogFileNum(2)
            .setMaxOpenFiles(256);
    List<ColumnFamilyDescriptor> descriptors =
        Stream.of(Part.values())
            .map(
                part ->
                    new ColumnFamilyDescriptor(
                        part == Part.META ? RocksDB.DEFAULT_COLUMN_FAMILY : Keys.text(part.name()),
                        parts))
            .toList();
    db = RocksDB.open(options, directory.toString(), descriptors, handles);
  }

  /**
   * Opens the cache of a cluster's log; what is there of another one, or unreadable, is deleted.
   *
   * @param directory of its own
   * @param cluster id of the Kafka cluster
   * @throws ProblemException CONSOLE_CACHE_UNUSABLE
   */
  public static RecordStore open(Path directory, String cluster) {
    byte[] version = Keys.text(VERSION + " " + cluster);
    try {
      Files.createDirectories(directory);
      RecordStore found = openOrNull(directory);
      if (found != null && Arrays.equals(found.db.get(VERSION_KEY), version)) {
        return found;
      }
      if (found != null) {
        found.close();
      }
      empty(directory);
      RecordStore fresh = new RecordStore(directory);
      fresh.db.put(fresh.writing, VERSION_KEY, version);
      return fresh;
    } catch (IOException | RocksDBException e) {
      throw new ProblemException(
          Problem.of(
              "CONSOLE_CACHE_UNUSABLE",
              "The cache in " + directory + " cannot be used: " + e.getMessage() + ".",
              "Check the disk under lazaret.work.dir; the folder may be deleted."),
          e);
    }
  }

  private static RecordStore openOrNull(Path directory) {
    try {
      return new RecordStore(directory);
    } catch (RocksDBException damaged) {
      return null;
    }
  }

  private static void empty(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(directory)) {
          Files.delete(path);
        }
      }
    }
  }

  private ColumnFamilyHandle handle(Part part) {
    return handles.get(part.ordinal());
  }

  /** Begins to write; nothing is visible before {@link Writing#commit()}. */
  public Writing write() {
    return new Writing(this);
  }

  void commit(WriteBatch batch) {
    try {
      db.write(writing, batch);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  void put(WriteBatch batch, Part part, byte[] key, byte[] value) {
    try {
      batch.put(handle(part), key, value);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  void delete(WriteBatch batch, Part part, byte[] key) {
    try {
      batch.delete(handle(part), key);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  private byte[] get(Part part, byte[] key) {
    try {
      return db.get(handle(part), key);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  private static IllegalStateException failed(RocksDBException e) {
    return new IllegalStateException("the console's cache failed: " + e.getMessage(), e);
  }

  /** The next offset to read of a partition; 0 at the beginning. */
  public long offset(String topic, int partition) {
    byte[] offset = get(Part.META, offsetKey(topic, partition));
    return offset == null ? 0 : ByteBuffer.wrap(offset).getLong();
  }

  static byte[] offsetKey(String topic, int partition) {
    return Keys.text("offset " + topic + " " + partition);
  }

  /** The record at a place. */
  public Optional<StoredRecord> record(Place place) {
    return Optional.ofNullable(get(Part.LOG, place.key()))
        .map(bytes -> StoredRecord.of(place, bytes));
  }

  /** A row that was put under a key. */
  public Optional<byte[]> row(String key) {
    return Optional.ofNullable(get(Part.ROWS, Keys.text(key)));
  }

  /** Rows whose keys begin with a text, in the order of their keys. */
  public Portion<byte[]> rows(String prefix, byte[] from, int limit) {
    byte[] start = Keys.text(prefix);
    return slice(Part.ROWS, start, from, limit, false, (key, value) -> value);
  }

  /** Events of a history, in sequence or backwards. */
  public Portion<Marked> history(String history, byte[] from, int limit, boolean backwards) {
    return slice(
        Part.HISTORY,
        Keys.hash(history),
        from,
        limit,
        backwards,
        (key, value) -> {
          ByteBuffer buffer = ByteBuffer.wrap(value);
          Place place = Place.readFrom(buffer);
          return new Marked(place, StandardCharsets.UTF_8.decode(buffer).toString());
        });
  }

  /** Records of a model in time, or backwards; each with what was put beside it. */
  public Portion<Marked> timeline(String model, byte[] from, int limit, boolean backwards) {
    return slice(
        Part.TIMELINE,
        Keys.hash(model),
        from,
        limit,
        backwards,
        (key, value) -> {
          ByteBuffer buffer = ByteBuffer.wrap(key).position(Keys.HASH_BYTES + Long.BYTES);
          return new Marked(Place.readFrom(buffer), new String(value, StandardCharsets.UTF_8));
        });
  }

  /**
   * A record's place on a timeline or in a history.
   *
   * @param mark the kind of the record
   */
  public record Marked(Place place, String mark) {}

  /** Ids of a list, the newest first. */
  public Portion<String> list(String list, byte[] from, int limit) {
    return slice(Part.LISTS, Keys.hash(list), from, limit, false, (key, value) -> Keys.id(key));
  }

  /** Records of one partition from an offset on, in order. */
  public List<StoredRecord> log(String topic, int partition, long from, int limit) {
    ByteBuffer prefix = ByteBuffer.allocate(1 + Short.BYTES);
    prefix.put((byte) Place.TOPICS.indexOf(topic)).putShort((short) partition);
    byte[] first = new Place(topic, partition, from).key();
    return slice(
            Part.LOG,
            prefix.array(),
            first,
            limit,
            false,
            (key, value) -> StoredRecord.of(Place.readFrom(ByteBuffer.wrap(key)), value))
        .items();
  }

  /** Walks over the keys with a prefix; {@code from} is the first key of the slice, or null. */
  private <T> Portion<T> slice(
      Part part,
      byte[] prefix,
      byte[] from,
      int limit,
      boolean backwards,
      BiFunction<byte[], byte[], T> read) {
    if (from != null && !Arrays.equals(Arrays.copyOf(from, prefix.length), prefix)) {
      throw ProblemException.of(
          "CURSOR_INVALID",
          "This cursor belongs to another list.",
          "Begin again without a cursor.");
    }
    byte[] end = Keys.after(prefix);
    List<T> items = new ArrayList<>();
    try (Slice upper = new Slice(end);
        Slice lower = new Slice(prefix);
        ReadOptions bounds =
            new ReadOptions().setIterateUpperBound(upper).setIterateLowerBound(lower);
        RocksIterator each = db.newIterator(handle(part), bounds)) {
      if (backwards) {
        each.seekForPrev(from == null ? end : from);
      } else {
        each.seek(from == null ? prefix : from);
      }
      while (each.isValid() && items.size() < limit) {
        items.add(read.apply(each.key(), each.value()));
        if (backwards) {
          each.prev();
        } else {
          each.next();
        }
      }
      each.status();
      return new Portion<>(items, each.isValid() ? each.key() : null);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    try {
      handles.forEach(ColumnFamilyHandle::close);
      db.closeE();
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      options.close();
      parts.close();
      cache.close();
      writing.close();
    }
  }
}
