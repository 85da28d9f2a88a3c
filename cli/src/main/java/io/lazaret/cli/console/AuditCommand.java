package io.lazaret.cli.console;

import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.console.Listing.Column;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who did what. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "List who asked for what, newest first; with --approvals, what was decided.")
public final class AuditCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Option(
      names = "--approvals",
      description = "Approvals, rejections and holds as they stand in the record.")
  private boolean approvals;

  @Mixin private LimitOption limit;
  @Mixin private ServerOptions server;

  public AuditCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    try (Platform platform = server.open(installation, terminal)) {
      var items =
          Listing.read(
              platform.client(),
              approvals ? "api/approvals" : "api/audit",
              Map.of(),
              limit.limit());
      if (approvals) {
        Listing.print(
            terminal,
            server.json(),
            items,
            Column.of("AT", "/givenAt"),
            Column.of("WHO", "/actor"),
            Column.of("DECISION", "/decision"),
            Column.of("SCREENING", "/screeningId"),
            Column.of("MODEL", "/model"),
            Column.of("REASON", "/reason"));
      } else {
        Listing.print(
            terminal,
            server.json(),
            items,
            Column.of("AT", "/at"),
            Column.of("WHO", "/actor"),
            Column.of("ACTION", "/action"),
            Column.of("SUBJECT", "/subject"),
            Column.of("STATUS", "/status"));
      }
      return ExitCode.OK;
    }
  }
}
