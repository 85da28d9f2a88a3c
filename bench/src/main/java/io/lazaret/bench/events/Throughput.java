package io.lazaret.bench.events;

import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Measurement;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.streams.StreamsApp;
import io.lazaret.eventing.streams.StreamsRunner;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;

/** A full inbox, worked off by orchestration and by a topology that only copies. */
final class Throughput {

  private static final Bar SHARE = Bar.atLeast(0.5);
  private static final Bar EVENTS = Bar.atLeast(10_000);

  /** The bare topology copies to a topic that nothing else writes meanwhile. */
  private static final String COPY = Topics.PROGRESS;

  private static final int PART = 20_000;

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
    int warmUp = settings.quick() ? 60_000 : 300_000;
    int count = settings.quick() ? 60_000 : 300_000;
    try (Bench bench = new Bench(settings, "throughput")) {
      double producer = fill(bench, warmUp + count);
      Bench.Rate copied;
      try (StreamsRunner running = bench.run(new PassThrough())) {
        copied = bench.rate(COPY, warmUp, count);
      }
      Bench.Rate decided;
      try (StreamsRunner running = bench.run(bench.orchestration())) {
        decided = bench.rate(Topics.EVENTS, warmUp, count);
      }
      return List.of(
          Measurement.of("throughput.producer", producer, "records/s"),
          Measurement.of("throughput.pass-through", copied.perSecond(), "records/s"),
          Measurement.of("throughput.pass-through.cpu", copied.cpuMicros(), "µs/record"),
          new Measurement("throughput.orchestration", decided.perSecond(), "events/s", EVENTS),
          Measurement.of("throughput.orchestration.cpu", decided.cpuMicros(), "µs/event"),
          new Measurement(
              "throughput.orchestration-to-pass-through",
              decided.perSecond() / copied.perSecond(),
              "ratio",
              SHARE));
    }
  }

  /** In parts that fit into memory; records per second. */
  private static double fill(Bench bench, int count) {
    double seconds = 0;
    for (int from = 0; from < count; from += PART) {
      seconds +=
          bench.fill(
              Topics.INBOX,
              IntStream.range(from, Math.min(count, from + PART))
                  .mapToObj(bench::ingested)
                  .toList());
    }
    return count / seconds;
  }
}
