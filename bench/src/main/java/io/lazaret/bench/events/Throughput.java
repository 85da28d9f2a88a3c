package io.lazaret.bench.events;

import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Measurement;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.streams.StreamsApp;
import io.lazaret.eventing.streams.StreamsRunner;
import io.lazaret.schemas.Stage;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;

/** A full inbox, worked off by orchestration and by a topology that only copies. */
final class Throughput {

  private static final Bar SHARE = Bar.atLeast(0.5);
  private static final Bar EVENTS = Bar.atLeast(10_000);

  /** The bare topology copies to a topic that nothing else writes meanwhile. */
  private static final String COPY = Topics.PROGRESS;

  /** The same for the bare topology that writes three records for one. */
  private static final String WRITTEN = Topics.commands(Stage.SIMULATION);

  private static final String WRITTEN_TOO = Topics.commands(Stage.ELIMINATION);

  private Throughput() {}

  private record PassThrough() implements StreamsApp {

    @Override
    public String name() {
      return "pass-through";
    }

    @Override
    public Topology topology() {
      return new Topology()
          .addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.INBOX)
          .addSink("out", COPY, new ByteArraySerializer(), new ByteArraySerializer(), "in");
    }
  }

  static List<Measurement> measure(BenchSettings settings) throws Exception {
    int half = settings.quick() ? 60_000 : 300_000;
    try (Bench bench = new Bench(settings, "throughput")) {
      Inbox.Filled inbox = Inbox.fill(bench, half, half);
      Bench.Rate copied = rate(bench, new PassThrough(), COPY, half, half);
      Bench.Rate written =
          rate(bench, new BareWrites(WRITTEN, WRITTEN_TOO), WRITTEN_TOO, half, half);
      Bench.Rate decided =
          rate(bench, bench.orchestration(), Topics.EVENTS, inbox.warmUp(), inbox.counted());
      double inputs = decided.perSecond() * half / inbox.counted();
      return List.of(
          Measurement.of("throughput.producer", inbox.perSecond(), "records/s"),
          Measurement.of("throughput.pass-through", copied.perSecond(), "records/s"),
          Measurement.of("throughput.pass-through.cpu", copied.cpuMicros(), "µs/record"),
          Measurement.of("throughput.bare-writes", written.perSecond(), "records/s"),
          Measurement.of("throughput.bare-writes.cpu", written.cpuMicros(), "µs/record"),
          new Measurement("throughput.orchestration", decided.perSecond(), "events/s", EVENTS),
          Measurement.of("throughput.orchestration.cpu", decided.cpuMicros(), "µs/event"),
          Measurement.of("throughput.orchestration.inputs", inputs, "records/s"),
          new Measurement(
              "throughput.orchestration-to-pass-through",
              decided.perSecond() / copied.perSecond(),
              "ratio",
              SHARE),
          Measurement.of(
              "throughput.orchestration-to-bare-writes",
              decided.perSecond() / written.perSecond(),
              "ratio"));
    }
  }

  private static Bench.Rate rate(
      Bench bench, StreamsApp app, String topic, int warmUp, int counted) {
    try (StreamsRunner running = bench.run(app)) {
      return bench.rate(topic, warmUp, counted);
    }
  }
}
