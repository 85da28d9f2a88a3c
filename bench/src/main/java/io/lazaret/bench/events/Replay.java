package io.lazaret.bench.events;

import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Measurement;
import io.lazaret.eventing.Topics;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.screening.Screening;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/**
 * From the bytes of the record to the state of every screening, on one thread. A second of one core
 * is a second of CPU time of the whole process, collector included.
 */
final class Replay {

  private static final Bar EVENTS = Bar.atLeast(100_000);
  private static final int ROUNDS = 5;

  private Replay() {}

  static List<Measurement> measure(BenchSettings settings) throws Exception {
    int screenings = settings.quick() ? 10_000 : 50_000;
    try (Bench bench = new Bench(settings, "replay")) {
      Serde<SpecificRecord> values = bench.values();
      List<List<byte[]>> log = new ArrayList<>();
      for (int number = 0; number < screenings; number++) {
        List<byte[]> bytes = new ArrayList<>();
        for (SpecificRecord event : Histories.of(bench, number)) {
          bytes.add(values.serializer().serialize(Topics.EVENTS, event));
        }
        log.add(bytes);
      }
      double folded = 0;
      double verified = 0;
      for (int round = 0; round < ROUNDS; round++) {
        folded = Math.max(folded, replayed(log, values, false));
        verified = Math.max(verified, replayed(log, values, true));
      }
      return List.of(
          new Measurement("replay.fold", folded, "events/s", EVENTS),
          new Measurement("replay.fold-and-verify-chain", verified, "events/s", EVENTS));
    }
  }

  private static double replayed(
      List<List<byte[]>> log, Serde<SpecificRecord> values, boolean chain) {
    long start = Bench.CPU.getProcessCpuTime();
    int count = 0;
    for (List<byte[]> history : log) {
      List<SpecificRecord> events = new ArrayList<>(history.size());
      for (byte[] bytes : history) {
        events.add(values.deserializer().deserialize(Topics.EVENTS, bytes));
      }
      if (!(Screening.fold(events) instanceof Screening.Closed)) {
        throw new IllegalStateException("a history does not fold to its end");
      }
      if (chain) {
        String id = io.lazaret.eventing.Envelopes.of(events.get(0)).getScreeningId();
        if (Chain.verify(id, events).status() != Chain.Status.CHAINED) {
          throw new IllegalStateException("a history is not chained");
        }
      }
      count += events.size();
    }
    return count / ((Bench.CPU.getProcessCpuTime() - start) / 1e9);
  }
}
