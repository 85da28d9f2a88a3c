package io.lazaret.cli.release;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is released is looked at again. */
@Command(
    name = "rescreen",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measure what a channel names again, against all trigger intelligence.")
public final class RescreenCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Name of the model.")
  private String model;

  @Option(names = "--detect", description = "Also run detection, not only the measurements.")
  private boolean detect;

  @Mixin private ChannelOption channel;

  @Mixin private PersonOptions person;

  public RescreenCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    return person.ask(
        "api/releases/rescreenings",
        person.body().put("model", model).put("channel", channel.name()).put("detect", detect),
        terminal,
        installation);
  }
}
