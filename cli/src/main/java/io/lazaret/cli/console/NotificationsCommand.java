package io.lazaret.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.console.Listing.Column;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who is told of verdicts, and what never arrived. */
@Command(
    name = "notifications",
    mixinStandardHelpOptions = true,
    description = "Show who is told of verdicts and rollbacks, and try again what never arrived.")
public final class NotificationsCommand implements Runnable {

  private final Terminal terminal;
  private final Installation installation;

  @Spec private CommandSpec spec;

  public NotificationsCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "List receivers: what arrived, since when they fail, what was given up.")
  int list(@Mixin ServerOptions server) {
    try (Platform platform = server.open(installation, terminal)) {
      Listing.print(
          terminal,
          server.json(),
          Listing.read(platform.client(), "api/notifications", Map.of(), Integer.MAX_VALUE),
          Column.of("RECEIVER", "/name"),
          Column.of("FORMAT", "/format"),
          Column.of("HOST", "/host"),
          Column.of("ARRIVED", "/delivered"),
          Column.of("FAILING SINCE", "/failingSince"),
          new Column("DEAD", node -> String.valueOf(node.path("dead").size())),
          Column.of("LAST ERROR", "/lastError"));
      return ExitCode.OK;
    }
  }

  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Try everything again that a receiver never got.")
  int retry(
      @Parameters(paramLabel = "RECEIVER", description = "Its name.") String receiver,
      @Mixin ServerOptions server) {
    try (Platform platform = server.open(installation, terminal)) {
      JsonNode answer =
          platform
              .client()
              .ask(
                  "api/notifications/" + Segments.one(receiver) + "/retries",
                  JsonNodeFactory.instance.objectNode(),
                  Map.of());
      terminal.out().println(server.json() ? answer : answer.path("retried").asText());
      terminal.out().flush();
      return ExitCode.OK;
    }
  }
}
