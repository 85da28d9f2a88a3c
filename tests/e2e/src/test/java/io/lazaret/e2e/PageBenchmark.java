package io.lazaret.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import io.lazaret.access.Role;
import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchDocument;
import io.lazaret.bench.BenchRun;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.BenchTable;
import io.lazaret.bench.Benchmark;
import io.lazaret.bench.Measurement;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.RequestRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * How fast the console's page is, in a real browser on loopback: {@code ./lazaret bench page}. No
 * test: it runs only when it is named, and asserts nothing.
 */
class PageBenchmark implements Benchmark {

  private static final String OUT = "bench.out";
  private static final double SECOND_MILLIS = 1_000;
  private static final double EVENT_MILLIS = 300;
  private static final int CROWD = 200;

  /** How much longer a request may take beside the crowd; the crowd itself runs here too. */
  private static final double SLOWER = 1.25;

  private static final int REPEATS = 9;
  private static final int EVENTS = 100;
  private static final int REQUESTS = 60;
  private static final int WARM_UP = 20;

  /** Between two events, as from a platform that is busy and not flooded. */
  private static final long PACE_MILLIS = 50;

  private final PlatformUnderTest platform = PlatformUnderTest.shared();

  @Test
  void measure() throws Exception {
    Path root = Path.of(System.getProperty("lazaret.root"));
    BenchSettings settings =
        new BenchSettings(false, 1, root, Files.createTempDirectory("bench"), "", line -> {});
    Fleet.write(platform);
    BenchDocument document = new BenchRun(this, settings, Clock.systemUTC()).run("", false);
    System.out.print(BenchTable.of(document));
    if (System.getProperty(OUT) != null) {
      Files.writeString(root.resolve(System.getProperty(OUT)), document.json() + "\n");
    }
  }

  @Override
  public String name() {
    return "page";
  }

  @Override
  public String description() {
    return "how soon the console's page shows what it shows, and beside many readers";
  }

  @Override
  public List<BenchCase> cases(BenchSettings settings) {
    return List.of(
        new BenchCase("first-view", this::firstView),
        new BenchCase("screening", this::longScreening),
        new BenchCase("event", this::events),
        new BenchCase("crowd", this::crowd));
  }

  @Override
  public List<String> notes(BenchSettings settings) {
    return List.of(
        Fleet.MODELS
            + " models, a screening with "
            + Fleet.EVENTS
            + " events; platform (broker, registry, store and all services in one process),"
            + " Chromium and this program share all cores.",
        "first-view: a browser that never was here opens the printed link, until lanes and verdicts"
            + " are there. screening: a click, until 200 entries are there; cold: by its link in a"
            + " new browser.",
        "event: from the broker's acknowledgement to the element on the page, one every "
            + PACE_MILLIS
            + " ms.",
        "crowd: POST /api/triggers until its event is recorded and answered, alone and beside "
            + CROWD
            + " readers of the stream, all of whom hear every event.");
  }

  private List<Measurement> firstView() {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < REPEATS; i++) {
      try (Visitor visitor = platform.visitor("olivia", Role.VIEWER, Chromium.Look.LIGHT)) {
        millis.add(
            timed(
                () -> {
                  visitor.open("/");
                  visitor.see(".lane");
                  visitor.see("tr[data-screening]");
                }));
      }
    }
    return figures("first-view", millis, SECOND_MILLIS);
  }

  private List<Measurement> longScreening() {
    String route = "/screenings/" + Fleet.LONG;
    List<Double> click = new ArrayList<>();
    List<Double> cold = new ArrayList<>();
    for (int i = 0; i < REPEATS; i++) {
      try (Visitor visitor = platform.visitor("olivia", Role.VIEWER, Chromium.Look.LIGHT)) {
        cold.add(
            timed(
                () -> {
                  visitor.open(route);
                  visitor.see(".entry >> nth=199");
                }));
        visitor.go("/");
        visitor.see(".lane");
        click.add(
            timed(
                () -> {
                  visitor.page().evaluate("route => { location.hash = '#' + route; }", route);
                  visitor.see(".entry >> nth=199");
                }));
      }
    }
    List<Measurement> all = new ArrayList<>(figures("screening.click", click, SECOND_MILLIS));
    all.addAll(figures("screening.cold", cold, SECOND_MILLIS));
    return all;
  }

  /** Both clocks are this machine's, so that no message between test and browser is counted. */
  private List<Measurement> events() throws InterruptedException {
    List<Double> millis = new ArrayList<>();
    try (Visitor visitor = platform.visitor("olivia", Role.VIEWER, Chromium.Look.LIGHT);
        RecordWriter writer = platform.writer()) {
      FilledRecords filled = new FilledRecords("text", Instant.now());
      writer.write(filled.of(ModelIngested.class, "latency", "latency", 0));
      writer.flush();
      Page page = visitor.open("/").page();
      page.waitForFunction("async () => (await fetch('/api/screenings/latency')).ok");
      visitor.go("/screenings/latency");
      visitor.see(".entry");
      visitor.see(".connection[data-state=live]");
      page.evaluate(
          """
          () => {
            window.seen = {};
            new MutationObserver((changes) => {
              for (const change of changes) {
                for (const node of change.addedNodes) {
                  const mark = node.classList?.contains("entry")
                    && /#(\\d+)$/.exec(node.querySelector(".type").textContent);
                  if (mark) {
                    window.seen[mark[1]] = Date.now();
                  }
                }
              }
            }).observe(document.querySelector(".timeline"), { childList: true });
          }
          """);
      long[] committed = new long[EVENTS + 1];
      for (int i = 1; i <= EVENTS; i++) {
        writer.write(filled.of(RequestRefused.class, "latency", "latency", i));
        writer.flush();
        committed[i] = System.currentTimeMillis();
        TimeUnit.MILLISECONDS.sleep(PACE_MILLIS);
      }
      page.waitForFunction("n => Object.keys(window.seen).length >= n", EVENTS);
      Map<?, ?> seen = (Map<?, ?>) page.evaluate("() => window.seen");
      for (int i = 1; i <= EVENTS; i++) {
        double at = ((Number) seen.get(Integer.toString(i))).doubleValue();
        millis.add(Math.max(0, at - committed[i]));
      }
    }
    return List.of(
        Measurement.of("event.p50", quantile(millis, 50), "ms"),
        new Measurement("event.p95", quantile(millis, 95), "ms", Bar.atMost(EVENT_MILLIS)));
  }

  private List<Measurement> crowd() throws IOException {
    requests("warm-up", WARM_UP);
    List<Double> alone = requests("alone", REQUESTS);
    List<Double> beside;
    double heard;
    try (StreamCrowd crowd = new StreamCrowd(platform.address(), platform.token(), CROWD)) {
      requests("arrived", WARM_UP);
      long before = crowd.events();
      beside = requests("beside", REQUESTS);
      heard = (crowd.events() - before) / (double) CROWD;
    }
    double ratio = quantile(beside, 50) / quantile(alone, 50);
    return List.of(
        Measurement.of("crowd.alone.p50", quantile(alone, 50), "ms"),
        Measurement.of("crowd.beside.p50", quantile(beside, 50), "ms"),
        Measurement.of("crowd.beside.p95", quantile(beside, 95), "ms"),
        Measurement.of("crowd.events-heard-by-each", heard, "of " + REQUESTS),
        new Measurement("crowd.beside-to-alone", ratio, "ratio", Bar.atMost(SLOWER)));
  }

  private List<Double> requests(String mark, int count) {
    PlatformClient client = platform.client();
    ObjectMapper json = new ObjectMapper();
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ObjectNode body =
          json.createObjectNode()
              .put("trigger", mark + " " + i)
              .put("target", "t")
              .put("reason", "measured");
      millis.add(timed(() -> client.ask("api/triggers", body, Map.of())));
    }
    return millis;
  }

  private static double timed(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static List<Measurement> figures(String name, List<Double> millis, double bar) {
    return List.of(
        new Measurement(name + ".p50", quantile(millis, 50), "ms", Bar.atMost(bar)),
        Measurement.of(name + ".worst", quantile(millis, 100), "ms"));
  }

  private static double quantile(List<Double> millis, int percent) {
    List<Double> sorted = millis.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }
}
