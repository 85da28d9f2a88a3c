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
import picocli.CommandLine.Option;

/** All models that were ever taken in. */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "List models with their newest screening and the channels that serve them.")
public final class ModelsCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Option(names = "--find", paramLabel = "TEXT", description = "Only names with this in them.")
  private String find;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only those whose newest screening is in this state.")
  private String state;

  @Mixin private LimitOption limit;
  @Mixin private ServerOptions server;

  public ModelsCommand(Terminal terminal, Installation installation) {
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
              "api/models",
              Listing.query("q", find, "state", state),
              limit.limit()),
          Column.of("MODEL", "/name"),
          Column.of("STATE", "/state"),
          Column.of("SINCE", "/since"),
          Column.of("SCREENING", "/screeningId"),
          new Column("CHANNELS", ModelsCommand::channels));
      return ExitCode.OK;
    }
  }

  private static String channels(JsonNode model) {
    List<String> names = new ArrayList<>();
    model.path("channels").forEach(channel -> names.add(channel.path("channel").asText()));
    return names.isEmpty() ? "-" : String.join(", ", names);
  }
}
