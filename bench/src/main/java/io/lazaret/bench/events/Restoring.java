package io.lazaret.bench.events;

import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Measurement;
import io.lazaret.console.ConsoleFeed;
import io.lazaret.console.record.Portion;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.view.Lists;
import io.lazaret.console.view.Projection;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.streams.StreamsRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Many open screenings and a long log: starting with nothing but the log. */
final class Restoring {

  private static final Bar RESTORED = Bar.atMost(60);
  private static final Bar PAGE = Bar.atMost(100);
  private static final Bar HEAP = Bar.atMost(512);
  private static final int OPEN = 10_000;
  private static final int PAGE_SIZE = 100;

  private Restoring() {}

  static List<Measurement> measure(BenchSettings settings) throws Exception {
    int events = settings.quick() ? 100_000 : 1_000_000;
    List<Measurement> figures = new ArrayList<>();
    try (Bench bench = new Bench(settings, "state")) {
      bench.fill(Topics.INBOX, IntStream.range(0, OPEN).mapToObj(bench::ingested).toList());
      try (StreamsRunner running = bench.run(bench.orchestration())) {
        bench.await(Topics.EVENTS, OPEN);
      }
      Bench.delete(bench.directory().resolve("streams"));
      long start = System.nanoTime();
      try (StreamsRunner running = bench.run(bench.orchestration())) {
        await(running::ready);
        figures.add(
            new Measurement(
                "state.orchestration.restored-with-10000-open", since(start), "s", RESTORED));
      }
      Histories.write(bench, events - OPEN);
      figures.addAll(console(bench, events));
    }
    return figures;
  }

  private static List<Measurement> console(Bench bench, int events) throws Exception {
    String log = "-" + events + "-events";
    List<Measurement> figures = new ArrayList<>();
    Path directory = bench.directory().resolve("console");
    long before = heapMiB();
    long start = System.nanoTime();
    try (RecordStore store = RecordStore.open(directory, "state")) {
      Projection projection = new Projection();
      projection.open(store, bench.values());
      try (ConsoleFeed feed = new ConsoleFeed(bench.kafka(), bench.values(), projection)) {
        await(feed::caughtUp);
        figures.add(new Measurement("state.console.restored" + log, since(start), "s", RESTORED));
        page(projection);
        long listed = System.nanoTime();
        int shown = page(projection);
        figures.add(new Measurement("state.console.page" + log, since(listed) * 1e3, "ms", PAGE));
        if (shown != PAGE_SIZE) {
          throw new IllegalStateException("the page has " + shown + " screenings");
        }
        figures.add(new Measurement("state.console.heap" + log, heapMiB() - before, "MiB", HEAP));
      }
    }
    start = System.nanoTime();
    try (RecordStore store = RecordStore.open(directory, "state")) {
      Projection projection = new Projection();
      projection.open(store, bench.values());
      try (ConsoleFeed feed = new ConsoleFeed(bench.kafka(), bench.values(), projection)) {
        await(feed::caughtUp);
        figures.add(new Measurement("state.console.restarted" + log, since(start), "s", RESTORED));
      }
    }
    return figures;
  }

  /** A page of screenings with their events. */
  private static int page(Projection projection) {
    Portion<String> ids = projection.store().list(Lists.SCREENINGS, null, PAGE_SIZE);
    return (int)
        ids.items().stream()
            .filter(id -> projection.row(id).isPresent() && !projection.events(id).isEmpty())
            .count();
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + Bench.PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not ready after " + Bench.PATIENCE);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  /** What is still reachable. */
  private static long heapMiB() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
  }
}
