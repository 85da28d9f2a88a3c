package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Everything that happened to a model. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Print everything that happened to a model, in the order of the record.")
public final class HistoryCommand implements Callable<Integer> {

  private static final int WIDTH = 120;

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(paramLabel = "MODEL", description = "Name of the model.")
  private String model;

  @Mixin private ServerOptions server;

  public HistoryCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    try (Platform platform = server.open(installation, terminal)) {
      JsonNode events = platform.client().all("api/releases/history", Map.of("model", model));
      if (server.json) {
        terminal.out().println(events);
      } else {
        events.forEach(event -> terminal.out().println(line(event)));
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  private static String line(JsonNode event) {
    JsonNode record = event.path("record");
    JsonNode envelope = record.path("envelope");
    String id = envelope.path("screeningId").asText();
    return Printable.of(
            "%s  %s #%d  %s  "
                .formatted(
                    envelope.path("occurredAt").asText(),
                    id.substring(0, Math.min(8, id.length())),
                    envelope.path("sequence").asLong(),
                    event.path("event").asText()))
        + Printable.of(told(record), WIDTH);
  }

  /** What matters of an event, in a few words. */
  private static String told(JsonNode record) {
    if (record.has("restored")) {
      return "%s: %s -> %s  %s"
          .formatted(
              record.path("channel").asText(),
              digest(record.path("withdrawn")),
              record.path("restored").isNull() ? "(empty)" : digest(record.path("restored")),
              record.path("reason").asText());
    } else if (record.has("channel")) {
      return "%s: %s  %s"
          .formatted(
              record.path("channel").asText(),
              digest(record.path("released")),
              record.path("reason").asText());
    } else if (record.has("verdict")) {
      JsonNode reasons = record.path("verdict").path("reasons");
      return record.path("verdict").path("decision").asText()
          + "  "
          + reasons.path(Math.max(0, reasons.size() - 1)).asText();
    } else if (record.has("problem")) {
      return record.path("problem").path("code").asText()
          + "  "
          + record.path("problem").path("sentence").asText();
    } else if (record.path("report").has("verdict")) {
      return record.path("report").path("verdict").asText();
    } else if (record.has("approval")) {
      return record.path("approval").path("actor").asText()
          + ": "
          + record.path("approval").path("reason").asText();
    } else if (record.has("actor")) {
      return record.path("actor").asText() + ": " + record.path("reason").asText();
    }
    return record.path("reason").asText(digest(record.path("model")));
  }

  private static String digest(JsonNode model) {
    String digest = model.path("digest").asText();
    return digest.substring(0, Math.min(19, digest.length()));
  }
}
