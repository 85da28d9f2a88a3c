package io.lazaret.tests.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole platform in one process, as Prometheus, Kubernetes and a trace collector see it. */
class ObservabilityTest {

  private static final Path DEPLOY = Repository.file("deploy");
  private static final Path JAR =
      Repository.file("services/standalone/target/quarkus-app/quarkus-run.jar");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:lazaret|jvm|process|http_server|up)(?:_[a-z0-9_]+)?\\b(?=[{\\[ )]|$)");

  private static final double MOST_RESIDENT_BYTES = 700e6;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final List<byte[]> EXPORTS = new CopyOnWriteArrayList<>();

  @TempDir static Path data;

  private static HttpServer collector;
  private static Process platform;
  private static String address;
  private static KafkaSettings kafka;
  private static Serde<SpecificRecord> values;

  private final Envelopes envelopes = new Envelopes(new Producer("test", "1"), Clock.systemUTC());
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          EXPORTS.add(exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    int kafkaPort = freePort();
    int registryPort = freePort();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    List.of(
            "lazaret.data.dir=" + data,
            "lazaret.http.port=0",
            "lazaret.embedded.kafka.port=" + kafkaPort,
            "lazaret.embedded.registry.port=" + registryPort,
            "lazaret.metrics.look-seconds=1",
            "lazaret.access.mode=open",
            "lazaret.notify.receivers=ops",
            "lazaret.notify.ops.url=https://hooks.example.org/lazaret",
            "lazaret.log.json=true",
            "quarkus.otel.sdk.disabled=false",
            "quarkus.otel.bsp.schedule.delay=200ms",
            "quarkus.otel.exporter.otlp.protocol=http/protobuf",
            "quarkus.otel.exporter.otlp.compression=none",
            "quarkus.otel.exporter.otlp.endpoint=http://127.0.0.1:"
                + collector.getAddress().getPort())
        .forEach(setting -> command.add("-D" + setting));
    command.addAll(
        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "-jar", JAR.toString()));
    platform =
        new ProcessBuilder(command)
            .redirectError(data.resolve("stderr.txt").toFile())
            .redirectOutput(data.resolve("stdout.txt").toFile())
            .start();
    await().atMost(Duration.ofMinutes(3)).until(() -> !ready().isEmpty());
    address = ready();
    kafka = KafkaSettings.of("127.0.0.1:" + kafkaPort);
    values =
        AvroSerde.configured(Map.of("schema.registry.url", "http://127.0.0.1:" + registryPort));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (platform != null) {
      platform.destroy();
      platform.waitFor();
    }
    collector.stop(0);
  }

  private static String ready() throws IOException {
    assertThat(platform.isAlive()).as("the platform runs; see %s", data).isTrue();
    return Files.readAllLines(data.resolve("stdout.txt")).stream()
        .filter(line -> line.startsWith("LAZARET_READY "))
        .map(line -> line.split(" ")[1])
        .findFirst()
        .orElse("");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void everyMetricOfDashboardsAndAlertsIsExported() throws Exception {
    send(Topics.EVENTS, "m", promoted());
    send(Topics.EVENTS, "m", advanced());
    get("/api/releases");
    Set<String> named = named();
    assertThat(named).hasSizeGreaterThan(20);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(exported()).containsAll(named));
    assertThat(get("/q/metrics").body())
        .contains("lazaret_release_asr_upper95{channel=\"production\",model=\"m\"} 0.009");
  }

  @Test
  void oneScreeningIsOneTrace() throws Exception {
    String screening = Ids.derive("screening", "traced");
    send(Topics.INBOX, "traced", ingested(screening, "traced"));
    byte[] trace = java.util.HexFormat.of().parseHex(screening);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                spans(trace, "decide ModelIngested")
                    && spans(trace, "detection")
                    && spans(trace, "decide StageFailed"));
  }

  @Test
  void logLinesAreDocumentsThatNameTheScreening() throws Exception {
    String screening = Ids.derive("screening", "logged");
    send(Topics.INBOX, "logged", ingested(screening, "logged"));
    Path log = data.resolve("logs/platform.log");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Files.readAllLines(log).stream()
                    .anyMatch(line -> line.contains("\"screeningId\":\"" + screening)));
    for (String line : Files.readAllLines(log)) {
      assertThat(new ObjectMapper().readTree(line).path("message").isTextual()).as(line).isTrue();
    }
  }

  @Test
  void anIdlePlatformStaysSmall() throws Exception {
    String resident =
        get("/q/metrics")
            .body()
            .lines()
            .filter(line -> line.startsWith("lazaret_process_resident_bytes "))
            .findFirst()
            .orElseThrow();
    assertThat(Double.parseDouble(resident.split(" ")[1])).isLessThan(MOST_RESIDENT_BYTES);
  }

  @Test
  void readinessAndLivenessTellWhatTheyRestOn() throws Exception {
    JsonNode ready = new ObjectMapper().readTree(get("/q/health/ready").body());
    assertThat(ready.path("status").asText()).isEqualTo("UP");
    assertThat(ready.toString())
        .contains("\"kafka\":\"reachable\"", "\"store\":\"reachable\"", "RUNNING");
    HttpResponse<String> live = get("/q/health/live");
    assertThat(live.statusCode()).isEqualTo(200);
    assertThat(live.body()).doesNotContain("reachable");
  }

  private static boolean spans(byte[] trace, String name) {
    byte[] words = name.getBytes(StandardCharsets.UTF_8);
    return EXPORTS.stream().anyMatch(body -> contains(body, trace) && contains(body, words));
  }

  private static boolean contains(byte[] body, byte[] part) {
    return new String(body, StandardCharsets.ISO_8859_1)
        .contains(new String(part, StandardCharsets.ISO_8859_1));
  }

  /** Metrics in expressions of the dashboard and the alert rules. */
  private static Set<String> named() throws IOException {
    Set<String> names = new TreeSet<>();
    List<String> expressions = new ArrayList<>();
    new ObjectMapper()
        .readTree(DEPLOY.resolve("grafana/lazaret.json").toFile())
        .findValues("expr")
        .forEach(expression -> expressions.add(expression.asText()));
    Files.readAllLines(DEPLOY.resolve("prometheus/alerts.yaml")).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("expr: "))
        .forEach(line -> expressions.add(line.substring("expr: ".length())));
    for (String expression : expressions) {
      Matcher metrics = METRIC.matcher(expression.replaceAll("\"[^\"]*\"", "\"\""));
      while (metrics.find()) {
        names.add(metrics.group());
      }
    }
    // Prometheus itself says whether a target answers.
    names.remove("up");
    return names;
  }

  private Set<String> exported() throws Exception {
    Set<String> names = new TreeSet<>();
    for (String line : get("/q/metrics").body().split("\n")) {
      if (!line.startsWith("#")) {
        names.add(line.split("[{ ]")[0]);
      }
    }
    return names;
  }

  private HttpResponse<String> get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address + path)).GET().build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static void send(String topic, String key, SpecificRecord event) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.client(Map.of(), Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      byte[] value = values.serializer().serialize(topic, event);
      producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value)).get();
    }
  }

  private ModelIngested ingested(String screening, String model) {
    return ModelIngested.newBuilder()
        .setEnvelope(envelopes.first(Ids.derive("e", screening), "ModelIngested", screening, model))
        .setModel(new ModelRef(model, "sha256:00", "LlamaForCausalLM", 1L))
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("lazaret", "inputs/none", "00", 1L))
                .setPolicy("")
                .setSeed(1)
                .build())
        .build();
  }

  private ModelPromoted promoted() {
    Proportion none = new Proportion(0, 300, 0.0, 0.009);
    AsrMeasurement asr =
        AsrMeasurement.newBuilder()
            .setElicitor(ElicitorKind.NONE)
            .setText("")
            .setTarget("")
            .setBefore(none)
            .setAfter(none)
            .setCorrectBefore(none)
            .setCorrectAfter(none)
            .build();
    Verdict verdict =
        Verdict.newBuilder()
            .setScreeningId("s")
            .setModel(model())
            .setDetection(DetectionVerdict.CLEAN)
            .setRounds(List.of())
            .setEvaluation(new EvaluationReport("p", List.of(asr), List.of(), 1.0))
            .setDecision(Decision.PROMOTED)
            .setReleased(model())
            .setRules(List.of())
            .setReasons(List.of())
            .setDurationSeconds(1)
            .build();
    return new ModelPromoted(envelopes.first("p-1", "ModelPromoted", "s", "m"), verdict);
  }

  private ReleaseAdvanced advanced() {
    var envelope = envelopes.first("p-2", "ReleaseAdvanced", "s", "m");
    return ReleaseAdvanced.newBuilder()
        .setEnvelope(envelope)
        .setChannel("production")
        .setReleased(model())
        .setReason("r")
        .build();
  }

  private static ModelRef model() {
    return new ModelRef("m", "sha256:a", "LlamaForCausalLM", 1L);
  }
}
