package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who asks, why, and what they had seen. */
final class PersonOptions {

  @Option(
      names = "--actor",
      paramLabel = "NAME",
      description = "Who asks; it stands in the record (default: the user of this machine).")
  private String actor;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      required = true,
      description = "Why; it stands in the record.")
  private String reason;

  @Option(
      names = "--expected",
      paramLabel = "N",
      description =
          "Refuse when the screening's sequence, or the channel's revision, is another by now.")
  private Long expected;

  @Mixin private ServerOptions server;

  /** A request with actor and reason, to be completed. */
  ObjectNode body() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("actor", actor == null ? System.getProperty("user.name") : actor)
        .put("reason", reason);
  }

  /** Sends the request, prints the answer. */
  int ask(String path, ObjectNode body, Terminal terminal, Installation installation) {
    try (Platform platform = server.open(installation, terminal)) {
      Map<String, String> headers =
          expected == null ? Map.of() : Map.of("If-Match", "\"" + expected + "\"");
      JsonNode answer = platform.client().as(body.path("actor").asText()).ask(path, body, headers);
      if (server.json()) {
        terminal.out().println(answer);
      } else if (answer.path("status").asText().equals("DONE")) {
        terminal.out().println(Printable.of(told(answer)));
        if (answer.path("event").asText().equals("PromotionRequested")) {
          terminal
              .out()
              .println("Other persons let it through: ./lazaret approve " + history(answer));
        }
      } else {
        terminal
            .out()
            .println("Accepted as " + Printable.of(answer.path("requestId").asText()) + ".");
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  private static String told(JsonNode answer) {
    JsonNode envelope = answer.path("record").path("envelope");
    return "%s: %s, event %d of history %s"
        .formatted(
            answer.path("event").asText(),
            envelope.path("modelName").asText(),
            envelope.path("sequence").asLong(),
            history(answer));
  }

  private static String history(JsonNode answer) {
    return Printable.of(answer.path("record").path("envelope").path("screeningId").asText());
  }
}
