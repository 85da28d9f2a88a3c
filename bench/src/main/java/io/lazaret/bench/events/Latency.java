package io.lazaret.bench.events;

import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Measurement;
import io.lazaret.console.ConsoleFeed;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.view.Projection;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.eventing.streams.StreamsRunner;
import io.lazaret.schemas.ModelIngested;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** From a command to the console, at a steady rate. */
final class Latency {

  private static final int PER_SECOND = 200;
  private static final int CLIENTS = 8;
  private static final Bar P50 = Bar.atMost(30);
  private static final Bar P99 = Bar.atMost(150);

  private Latency() {}

  static List<Measurement> measure(BenchSettings settings) throws Exception {
    int warmUp = (settings.quick() ? 5 : 15) * PER_SECOND;
    int count = (settings.quick() ? 15 : 60) * PER_SECOND;
    try (Bench bench = new Bench(settings, "latency");
        StreamsRunner orchestration = bench.run(bench.orchestration());
        InboxPublisher inbox = new InboxPublisher(bench.kafka(), bench.values());
        RecordStore store = RecordStore.open(bench.directory().resolve("console"), "latency")) {
      Projection projection = new Projection();
      projection.open(store, bench.values());
      Map<String, Long> sent = new ConcurrentHashMap<>();
      long[] nanos = new long[warmUp + count];
      CountDownLatch seen = new CountDownLatch(warmUp + count);
      projection.listen(
          change -> {
            if (change.record() instanceof ModelIngested ingested) {
              int number = (int) ingested.getInputs().getSeed();
              nanos[number] = System.nanoTime() - sent.get(change.history());
              seen.countDown();
            }
          });
      try (ConsoleFeed feed = new ConsoleFeed(bench.kafka(), bench.values(), projection)) {
        publish(bench, inbox, sent, nanos.length);
        if (!seen.await(Bench.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException(seen.getCount() + " events were never seen");
        }
      }
      long[] measured = Arrays.copyOfRange(nanos, warmUp, nanos.length);
      Arrays.sort(measured);
      return List.of(
          new Measurement("latency.visible.p50", at(measured, 0.5), "ms", P50),
          Measurement.of("latency.visible.p90", at(measured, 0.9), "ms"),
          new Measurement("latency.visible.p99", at(measured, 0.99), "ms", P99),
          Measurement.of("latency.visible.max", at(measured, 1), "ms"));
    }
  }

  private static double at(long[] sorted, double quantile) {
    return sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)] / 1e6;
  }

  private static void publish(Bench bench, InboxPublisher inbox, Map<String, Long> sent, int count)
      throws InterruptedException {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      ModelIngested record = bench.ingested(i);
      long due = start + i * Duration.ofSeconds(1).toNanos() / PER_SECOND;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      clients.execute(
          () -> {
            sent.put(record.getEnvelope().getScreeningId(), System.nanoTime());
            inbox.publish(record);
          });
    }
    clients.shutdown();
    clients.awaitTermination(1, TimeUnit.MINUTES);
  }
}
