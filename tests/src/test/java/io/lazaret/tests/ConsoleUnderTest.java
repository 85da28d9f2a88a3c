package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import io.lazaret.cli.platform.StandaloneProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Set;

/** One platform for all tests of the interface over real HTTP. */
final class ConsoleUnderTest {

  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final ObjectMapper JSON = new ObjectMapper();

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static ConsoleUnderTest shared;

  private final OutsideSystems outside;
  private final Path data;
  private final StandaloneProcess platform;
  private final Tokens tokens;

  private ConsoleUnderTest(Path directory) throws IOException {
    outside = new OutsideSystems(directory);
    data = directory.resolve("data");
    platform = ConfiguredPlatform.start(data, outside.settings());
    tokens = new Tokens(SigningKey.read(data.resolve("keys/access.key")));
  }

  /** The platform, started with its first use and stopped with this process. */
  static synchronized ConsoleUnderTest shared() {
    if (shared == null) {
      try {
        Path directory = Files.createTempDirectory("lazaret-console");
        shared = new ConsoleUnderTest(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> shared.stop(directory)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return shared;
  }

  private void stop(Path directory) {
    platform.close();
    try (var files = Files.walk(directory)) {
      outside.close();
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (Exception leftForTheSystem) {
      // a directory under /tmp
    }
  }

  OutsideSystems outside() {
    return outside;
  }

  URI address() {
    return platform.address();
  }

  Path data() {
    return data;
  }

  Tokens tokens() {
    return tokens;
  }

  String token(String actor, Role role) {
    return tokens.issue(actor, Set.of(role), Instant.now(), Duration.ofHours(1));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(platform.address().resolve(path)).timeout(PATIENCE);
  }

  HttpRequest.Builder as(String actor, Role role, String path) {
    return request(path).header("Authorization", "Bearer " + token(actor, role));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(as("vera", Role.VIEWER, path));
  }

  HttpResponse<String> post(String actor, Role role, String path, String body) throws Exception {
    return send(
        as(actor, role, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  /** The status, in a document that says what to do and nothing of the inside. */
  static void assertProblem(HttpResponse<String> answer, int status) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("type").asText()).startsWith("urn:lazaret:problem:");
    assertThat(problem.path("detail").asText()).isNotBlank();
    assertThat(answer.body()).doesNotContain("io.lazaret", "Exception", "\tat ");
  }

  /** What the platform answers to bytes that no client library would send. */
  String raw(String request) throws Exception {
    URI address = platform.address();
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
