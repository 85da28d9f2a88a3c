package io.lazaret.bench.events;

import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Benchmark;
import java.util.List;

/** Orchestration, console and platform on an embedded broker, beside Kafka alone. */
public final class EventsBenchmark implements Benchmark {

  @Override
  public String name() {
    return "events";
  }

  @Override
  public String description() {
    return "latency, throughput, restoring and replay of the record, beside Kafka alone";
  }

  @Override
  public List<BenchCase> cases(BenchSettings settings) {
    return List.of(
        new BenchCase("latency", () -> Latency.measure(settings)),
        new BenchCase("throughput", () -> Throughput.measure(settings)),
        new BenchCase("state", () -> Restoring.measure(settings)),
        new BenchCase("replay", () -> Replay.measure(settings)),
        new BenchCase("standalone", () -> AtRest.measure(settings)));
  }

  @Override
  public List<String> notes(BenchSettings settings) {
    return List.of(
        "One broker in the measuring process, replication 1, 4 partitions, EOS v2, commit interval"
            + " 20 ms, Avro with an embedded registry; broker, orchestration, console and client"
            + " share all cores.",
        "Latency: from just before a ModelIngested is published until the console's projection"
            + " holds the event that orchestration made of it.",
        "Throughput: ModelIngested records that wait in the inbox, until their events and commands"
            + " are committed; pass-through: the same records copied by a stateless EOS v2 topology"
            + " on the same broker; producer: the same bytes by one plain idempotent producer. The"
            + " first half warms both up and is not counted: a service that runs for months has"
            + " been compiled.");
  }
}
