package io.lazaret.cli.release;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A person lets a release through. */
@Command(
    name = "approve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Let a held or waiting release through; another person than the one who asked for it.")
public final class ApproveCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(paramLabel = "SCREENING", description = "Id of the screening.")
  private String screening;

  @Mixin private PersonOptions person;

  public ApproveCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    return person.ask(
        "api/releases/approvals",
        person.body().put("screening", screening),
        terminal,
        installation);
  }
}
