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
import picocli.CommandLine.Option;

/** What channels name, and what waits for persons. */
@Command(
    name = "releases",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "List what release channels name, or what waits for approval.")
public final class ReleasesCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Option(names = "--model", paramLabel = "NAME", description = "Only those of this model.")
  private String model;

  @Option(names = "--waiting", description = "Screenings that wait for approval.")
  private boolean waiting;

  @Mixin private ServerOptions server;

  public ReleasesCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    try (Platform platform = server.open(installation, terminal)) {
      JsonNode answer =
          waiting
              ? platform.client().all("api/releases/waiting", Map.of())
              : platform
                  .client()
                  .all("api/releases", model == null ? Map.of() : Map.of("model", model));
      if (server.json()) {
        terminal.out().println(answer);
      } else {
        answer.forEach(each -> print(waiting ? waiting(each) : channel(each)));
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  private void print(String line) {
    terminal.out().println(Printable.of(line));
  }

  private static String channel(JsonNode channel) {
    return "%s/%s  revision %d  %s  since %s  %s"
        .formatted(
            channel.path("model").asText(),
            channel.path("channel").asText(),
            channel.path("revision").asLong(),
            channel.path("released").path("digest").asText("(empty)"),
            channel.path("since").asText(),
            channel.path("reason").asText());
  }

  private static String waiting(JsonNode screening) {
    JsonNode awaiting = screening.path("awaiting");
    return "%s  %s  %s  %d of %d approvals, until %s"
        .formatted(
            screening.path("screeningId").asText(),
            screening.path("model").path("name").asText(),
            screening.path("state").asText(),
            awaiting.path("approvals").size(),
            awaiting.path("needed").asInt(),
            awaiting.path("until").asText());
  }
}
