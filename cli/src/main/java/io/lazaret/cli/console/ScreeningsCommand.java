package io.lazaret.cli.console;

import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.console.Listing.Column;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What was and is screened. */
@Command(
    name = "screenings",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "List screenings, newest first.")
public final class ScreeningsCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Option(names = "--model", paramLabel = "NAME", description = "Only those of this model.")
  private String model;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description =
          "Only those in this state: OPEN, WAITING (for a person), QUEUED, a stage, PROMOTED, HELD,"
              + " REJECTED or UNASSESSED.")
  private String state;

  @Mixin private LimitOption limit;
  @Mixin private ServerOptions server;

  public ScreeningsCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    try (Platform platform = server.open(installation, terminal)) {
      Listing.print(
          terminal,
          server.json(),
          Listing.read(
              platform.client(),
              "api/screenings",
              Listing.query("model", model, "state", state),
              limit.limit()),
          Column.of("SCREENING", "/screeningId"),
          Column.of("STATE", "/state"),
          Column.of("BEGUN", "/startedAt"),
          Column.of("MODEL", "/model/name"),
          Column.of("WHY", "/why"));
      return ExitCode.OK;
    }
  }
}
