package io.lazaret.cli.release;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A person wants to decide on a release. */
@Command(
    name = "hold",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Have persons decide on a screening at work, whatever its verdict will be.")
public final class HoldCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(paramLabel = "SCREENING", description = "Id of the screening.")
  private String screening;

  @Mixin private PersonOptions person;

  public HoldCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    return person.ask(
        "api/releases/holds", person.body().put("screening", screening), terminal, installation);
  }
}
