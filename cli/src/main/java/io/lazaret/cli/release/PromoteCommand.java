package io.lazaret.cli.release;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A channel takes over what was released before. */
@Command(
    name = "promote",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Let a channel name a digest that a screening released before, e.g. from staging.")
public final class PromoteCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Name of the model.")
  private String model;

  @Parameters(index = "1", paramLabel = "DIGEST", description = "Digest of the checkpoint.")
  private String digest;

  @Mixin private ChannelOption channel;

  @Mixin private PersonOptions person;

  public PromoteCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    return person.ask(
        "api/releases/promotions",
        person.body().put("model", model).put("channel", channel.name()).put("digest", digest),
        terminal,
        installation);
  }
}
