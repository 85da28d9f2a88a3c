package io.lazaret.cli.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.platform.PlatformFailure;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The live stream. A platform that goes away is waited for, and the stream goes on after the last
 * event that was seen: nothing is missed, nothing is told twice.
 */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Print what happens, as it happens. When the platform is restarted the stream goes on where"
            + " it stopped. With --json: one document a line.")
public final class WatchCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Terminal terminal;
  private final Installation installation;

  @Option(names = "--model", paramLabel = "NAME", description = "Only this model.")
  private String model;

  @Option(names = "--screening", paramLabel = "ID", description = "Only this screening.")
  private String screening;

  @Option(
      names = "--type",
      paramLabel = "A,B",
      description = "Only events of these types, e.g. ModelHeld,ReleaseRolledBack.")
  private String types;

  @Option(
      names = "--stage",
      paramLabel = "A,B",
      description = "Only what concerns these stages, e.g. detection,evaluation.")
  private String stages;

  @Option(
      names = "--after",
      paramLabel = "ID",
      description = "Everything since this event's id, then live; 0: everything (default: live).")
  private String after;

  @Option(names = "--progress", description = "Heartbeats of stages too.")
  private boolean progress;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "0",
      description = "End after so many; 0: never (default: 0).")
  private long count;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "How long a platform that went away is waited for (default: 600).")
  private long patience;

  @Mixin private ServerOptions server;

  private long seen;
  private Instant lastSign = Instant.now();

  public WatchCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (Platform platform = server.open(installation, terminal)) {
      Platform current = platform;
      while (true) {
        try {
          if (follow(current)) {
            return ExitCode.OK;
          }
        } catch (PlatformFailure gone) {
          if (Duration.between(lastSign, Instant.now()).toSeconds() >= patience) {
            throw gone;
          }
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        current = again(platform);
      }
    }
  }

  /** One on this machine may have come back at another address. */
  private Platform again(Platform before) {
    return server.address().running(installation).orElse(before);
  }

  /** Whether all that was wanted has been seen; false when the stream ended before. */
  private boolean follow(Platform platform) {
    Map<String, String> query =
        new TreeMap<>(
            Listing.query(
                "model", model, "screening", screening, "type", types, "stage", upper(stages)));
    if (after != null) {
      query.put("after", after);
    }
    try (Stream<String> lines = platform.client().lines("api/stream", query)) {
      EventStream.read(lines.iterator(), this::told);
      ended();
    } catch (UncheckedIOException cut) {
      ended();
    }
    return count > 0 && seen >= count;
  }

  /** A stream that was open is a sign of life up to its end. */
  private void ended() {
    lastSign = Instant.now();
    if (count == 0 || seen < count) {
      terminal.note("The stream ended; it goes on once the platform answers.");
    }
  }

  private static String upper(String names) {
    return names == null ? null : names.toUpperCase(java.util.Locale.ROOT);
  }

  private boolean told(EventStream.Event event) {
    if (!event.id().isEmpty()) {
      after = event.id();
    }
    if (event.name().equals("progress") && !progress) {
      return true;
    }
    JsonNode data = parsed(event.data());
    terminal.out().println(server.json() ? data : line(event.name(), data));
    terminal.out().flush();
    seen++;
    return count == 0 || seen < count;
  }

  private static JsonNode parsed(String data) {
    try {
      return JSON.readTree(data);
    } catch (JsonProcessingException notJson) {
      return JSON.createObjectNode().put("undecodable", data);
    }
  }

  private static String line(String name, JsonNode data) {
    String text =
        switch (name) {
          case "progress" ->
              "%s  %s  %s %3.0f %%  %s"
                  .formatted(
                      data.path("occurredAt").asText(),
                      data.path("modelName").asText(data.path("model").asText()),
                      data.path("stage").asText(),
                      data.path("fraction").asDouble() * 100,
                      data.path("message").asText());
          case "channel" ->
              "%s  %s/%s  revision %s  %s  %s"
                  .formatted(
                      data.path("since").asText(),
                      data.path("model").asText(),
                      data.path("channel").asText(),
                      data.path("revision").asText(),
                      data.path("released").path("digest").asText("(empty)"),
                      data.path("reason").asText());
          default ->
              "%s  %s  %s #%s  %s%s"
                  .formatted(
                      data.path("at").asText(),
                      data.path("model").asText(),
                      shortened(data.path("screeningId").asText()),
                      data.path("sequence").asText(),
                      data.path("type").asText(),
                      data.hasNonNull("undecodable") ? " " + data.path("undecodable") : "");
        };
    return Printable.of(text);
  }

  private static String shortened(String id) {
    return id.substring(0, Math.min(8, id.length()));
  }
}
