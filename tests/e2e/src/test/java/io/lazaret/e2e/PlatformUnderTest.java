package io.lazaret.e2e;

import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import io.lazaret.cli.inputs.InputCheck;
import io.lazaret.cli.inputs.ScreeningInputs;
import io.lazaret.cli.platform.Credentials;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.cli.platform.StandaloneProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * The real platform in a process of its own, on ports that stay the same when it is started again;
 * one for all tests of this module, because its start takes longer than most of them.
 */
final class PlatformUnderTest {

  private static final Path ROOT = Path.of(System.getProperty("lazaret.root"));
  private static final Path FIXTURES = ROOT.resolve("fixtures");
  private static final long SEED = 7;
  private static final Duration INVITATION = Duration.ofMinutes(10);

  private static PlatformUnderTest shared;

  private final Path data;
  private final int httpPort = freePort();
  private final int kafkaPort = freePort();
  private final int registryPort = freePort();
  private StandaloneProcess process;

  private PlatformUnderTest(Path data) {
    this.data = data;
  }

  /** The platform of this module, started. */
  static synchronized PlatformUnderTest shared() {
    if (shared == null) {
      try {
        shared = new PlatformUnderTest(Files.createTempDirectory("lazaret-e2e"));
        shared.configure();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      shared.start();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::forget, "forget-platform"));
    }
    return shared;
  }

  private void configure() throws IOException {
    Path config = Files.createDirectories(data.resolve("config"));
    Files.writeString(
        config.resolve("application.properties"),
        """
        lazaret.embedded.kafka.port=%d
        lazaret.embedded.registry.port=%d
        """
            .formatted(kafkaPort, registryPort));
  }

  void start() {
    Installation installation =
        new Installation(ROOT, Path.of(System.getProperty("java.home"), "bin", "java"));
    process =
        StandaloneProcess.start(
            installation, data, httpPort, StandaloneProcess.Settings.standard(), elapsed -> {});
  }

  void stop() {
    process.close();
  }

  private void forget() {
    process.close();
    try (var files = Files.walk(data)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException leftForTheSystem) {
      // a directory under /tmp
    }
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + httpPort);
  }

  RecordWriter writer() {
    return new RecordWriter("127.0.0.1:" + kafkaPort, "http://127.0.0.1:" + registryPort);
  }

  PlatformClient client() {
    return new PlatformClient(address(), Credentials.of(data));
  }

  /** Submits the shipped backdoored model, as the demo does; returns the screening's id. */
  String screenShippedModel() {
    PlatformClient client = client();
    ScreeningInputs inputs =
        InputCheck.check(
            new InputCheck.Given(
                FIXTURES.resolve("nano-backdoored"),
                FIXTURES.resolve("prompts.jsonl"),
                FIXTURES.resolve("evaluation.jsonl"),
                FIXTURES.resolve("multiple-choice.jsonl"),
                FIXTURES.resolve("scoring-triggers.jsonl"),
                null,
                null,
                "nano-backdoored",
                SEED));
    String upload = client.openUpload(inputs.name());
    for (String file : inputs.uploadedFiles()) {
      client.putModelFile(upload, file, inputs.directory().resolve(file));
    }
    inputs.dataFiles().forEach((kind, file) -> client.putDataFile(upload, kind, file));
    return client.submit(upload, inputs.policy(), inputs.template(), inputs.seed());
  }

  /** A token of somebody who reads. */
  String token() {
    return tokens().issue("reader", Set.of(Role.VIEWER), Instant.now(), INVITATION);
  }

  private Tokens tokens() {
    return new Tokens(SigningKey.read(data.resolve("keys").resolve("access.key")));
  }

  /** A browser of a person with the console of this platform, and the link that signs them in. */
  Visitor visitor(String name, Role role, Chromium.Look look) {
    String token = tokens().issueOnce(name, Set.of(role), Instant.now(), INVITATION);
    return new Visitor(address(), look, token);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
