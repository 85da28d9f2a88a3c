package io.lazaret.bench.events;

import io.lazaret.eventing.Topics;
import io.lazaret.eventing.streams.StreamsApp;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Writes for each record what a decision writes at least, and decides nothing: the record as an
 * event, the record as a command, the record as a row of a store with a changelog.
 */
record BareWrites(String events, String commands) implements StreamsApp {

  private static final String ROWS = "rows";

  @Override
  public String name() {
    return "bare-writes";
  }

  @Override
  public Topology topology() {
    return new Topology()
        .addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.INBOX)
        .addProcessor("write", Writer::new, "in")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(ROWS), Serdes.String(), Serdes.ByteArray()),
            "write")
        .addSink("events", events, new ByteArraySerializer(), new ByteArraySerializer(), "write")
        .addSink(
            "commands", commands, new ByteArraySerializer(), new ByteArraySerializer(), "write");
  }

  private static final class Writer implements Processor<byte[], byte[], byte[], byte[]> {

    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<String, byte[]> rows;

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.rows = context.getStateStore(ROWS);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      // As many rows as screenings are open: the store does not grow.
      long row = context.recordMetadata().orElseThrow().offset() % Inbox.OPEN;
      rows.put(Long.toString(row), record.value());
      context.forward(record);
    }
  }
}
