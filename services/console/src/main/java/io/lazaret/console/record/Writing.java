package io.lazaret.console.record;

import java.nio.ByteBuffer;
import org.rocksdb.WriteBatch;

/** Changes of the store that become visible together. */
public final class Writing implements AutoCloseable {

  private static final byte[] NOTHING = {};

  private final RecordStore store;
  private final WriteBatch batch = new WriteBatch();

  Writing(RecordStore store) {
    this.store = store;
  }

  /** A record of the log. */
  public void record(StoredRecord record) {
    put(RecordStore.Part.LOG, record.place().key(), record.bytes());
  }

  /**
   * The event of a history with this sequence.
   *
   * @param mark the kind of the event
   */
  public void history(String history, long sequence, Place place, String mark) {
    put(RecordStore.Part.HISTORY, Keys.history(history, sequence), place.marked(mark));
  }

  /**
   * A record on the timeline of a model.
   *
   * @param mark the kind of the record
   */
  public void timeline(String model, long time, Place place, String mark) {
    put(RecordStore.Part.TIMELINE, Keys.timeline(model, time, place), Keys.text(mark));
  }

  /** A row under a key. */
  public void row(String key, byte[] value) {
    put(RecordStore.Part.ROWS, Keys.text(key), value);
  }

  /** Puts an id on a list. */
  public void list(String list, long time, String id) {
    put(RecordStore.Part.LISTS, Keys.newest(list, time, id), NOTHING);
  }

  /** Takes an id off a list. */
  public void unlist(String list, long time, String id) {
    store.delete(batch, RecordStore.Part.LISTS, Keys.newest(list, time, id));
  }

  /** The next offset to read of a partition. */
  public void offset(String topic, int partition, long next) {
    put(
        RecordStore.Part.META,
        RecordStore.offsetKey(topic, partition),
        ByteBuffer.allocate(Long.BYTES).putLong(next).array());
  }

  private void put(RecordStore.Part part, byte[] key, byte[] value) {
    store.put(batch, part, key, value);
  }

  /** Makes all of it visible. */
  public void commit() {
    store.commit(batch);
  }

  @Override
  public void close() {
    batch.close();
  }
}
