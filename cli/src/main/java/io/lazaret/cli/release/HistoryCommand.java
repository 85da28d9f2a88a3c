package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
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
      if (server.json()) {
        terminal.out().println(events);
      } else {
        events.forEach(event -> terminal.out().println(line(event)));
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  private static String line(JsonNode event) {
    JsonNode envelope = event.path("record").path("envelope");
    String id = envelope.path("screeningId").asText();
    return Printable.of(
            "%s  %s #%d  %s  "
                .formatted(
                    envelope.path("occurredAt").asText(),
                    id.substring(0, Math.min(8, id.length())),
                    envelope.path("sequence").asLong(),
                    event.path("event").asText()))
        + Printable.of(event.path("summary").asText(), WIDTH);
  }
}
