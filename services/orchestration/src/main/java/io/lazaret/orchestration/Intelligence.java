package io.lazaret.orchestration;

import io.lazaret.schemas.TriggerIntelligence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** All trigger intelligence, as every partition sees it. */
final class Intelligence {

  static final String STORE = "trigger-intelligence";

  private final ReadOnlyKeyValueStore<String, SpecificRecord> rows;
  private final AtomicLong arrivals;
  private List<TriggerIntelligence> known = List.of();
  private long seen = -1;

  /**
   * @param arrivals how many records the global store has taken since the start
   */
  Intelligence(ReadOnlyKeyValueStore<String, SpecificRecord> rows, AtomicLong arrivals) {
    this.rows = rows;
    this.arrivals = arrivals;
  }

  /** Whether something arrived since the last call; true for the first one. */
  boolean refresh() {
    long now = arrivals.get();
    if (now == seen) {
      return false;
    }
    seen = now;
    List<TriggerIntelligence> all = new ArrayList<>();
    try (KeyValueIterator<String, SpecificRecord> each = rows.all()) {
      each.forEachRemaining(row -> all.add((TriggerIntelligence) row.value));
    }
    known = List.copyOf(all);
    return true;
  }

  List<TriggerIntelligence> known() {
    return known;
  }

  /** Takes the topic into the global store and counts. */
  static final class Intake implements Processor<String, SpecificRecord, Void, Void> {

    private final AtomicLong arrivals;
    private org.apache.kafka.streams.state.KeyValueStore<String, SpecificRecord> rows;

    Intake(AtomicLong arrivals) {
      this.arrivals = arrivals;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      rows = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, SpecificRecord> record) {
      if (record.value() == null) {
        rows.delete(record.key());
      } else {
        rows.put(record.key(), record.value());
      }
      arrivals.incrementAndGet();
    }
  }
}
