package io.lazaret.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.console.Listing.Column;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What is going on. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Show what each stage is doing, what waits, and the latest verdicts.")
public final class StatusCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Mixin private ServerOptions server;

  public StatusCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    try (Platform platform = server.open(installation, terminal)) {
      JsonNode overview = platform.client().read("api/overview", java.util.Map.of());
      if (server.json()) {
        terminal.out().println(overview);
        terminal.out().flush();
        return ExitCode.OK;
      }
      Listing.print(
          terminal,
          false,
          items(overview.path("lanes")),
          Column.of("STAGE", "/stage"),
          Column.of("AT WORK", "/inFlight"),
          Column.of("WAITING", "/waiting"),
          Column.of("LAG", "/lag"),
          Column.seconds("OLDEST (s)", "/oldestSeconds"),
          Column.seconds("ETA (s)", "/etaSeconds"),
          Column.of("FAILED", "/failed"));
      terminal.out().println();
      Listing.print(
          terminal,
          false,
          items(overview.path("verdicts")),
          Column.of("VERDICT", "/decision"),
          Column.of("AT", "/at"),
          Column.of("SCREENING", "/screeningId"),
          Column.of("MODEL", "/model"),
          Column.of("WHY", "/reason"));
      return ExitCode.OK;
    }
  }

  private static List<JsonNode> items(JsonNode array) {
    List<JsonNode> items = new ArrayList<>();
    array.forEach(items::add);
    return items;
  }
}
