package io.lazaret.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A verdict in plain words. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Tell a verdict in plain words: what was found, what it rests on, which rule decided, and"
            + " what to do next.")
public final class ExplainCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(paramLabel = "SCREENING", description = "Id of the screening.")
  private String screening;

  @Mixin private ServerOptions server;

  public ExplainCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    try (Platform platform = server.open(installation, terminal)) {
      JsonNode found =
          platform.client().read("api/screenings/" + Segments.one(screening), Map.of());
      if (server.json()) {
        terminal.out().println(found);
      } else {
        Explanation.of(found)
            .forEach(
                paragraph -> {
                  terminal.out().println(terminal.bold(paragraph.title()));
                  paragraph
                      .lines()
                      .forEach(
                          line ->
                              Wrapping.lines(line, terminal.columns() - 2)
                                  .forEach(part -> terminal.out().println("  " + part)));
                });
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }
}
