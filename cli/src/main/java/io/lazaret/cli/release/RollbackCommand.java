package io.lazaret.cli.release;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A channel goes back. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Take a channel back to its last good checkpoint, or to a named one.")
public final class RollbackCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Name of the model.")
  private String model;

  @Option(
      names = "--to",
      paramLabel = "DIGEST",
      description = "Go back to this checkpoint (default: the last good one).")
  private String digest;

  @Mixin private ChannelOption channel;

  @Mixin private PersonOptions person;

  public RollbackCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    return person.ask(
        "api/releases/rollbacks",
        person.body().put("model", model).put("channel", channel.name()).put("digest", digest),
        terminal,
        installation);
  }
}
