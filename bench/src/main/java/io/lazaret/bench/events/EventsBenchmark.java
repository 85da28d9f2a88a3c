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
        "Throughput: an inbox of whole screenings of clean models (ingested, detected, evaluated; five"
            + " events each), 10 000 open at once, until the events that orchestration makes of them"
            + " are committed; pass-through: the same inbox copied by a stateless EOS v2 topology on"
            + " the same broker; bare-writes: the same inbox by a topology that writes three records"
            + " for one (event, command, row of a store with a changelog) and decides nothing;"
            + " producer: the same bytes by one plain idempotent producer. The first half warms all"
            + " up and is not counted: a service that runs for months has been compiled.");
  }
}
