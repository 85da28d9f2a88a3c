package io.lazaret.cli.release;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A person refuses a release. */
@Command(
    name = "reject",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Refuse a held or waiting release; of a rescreening: take the release back.")
public final class RejectCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(paramLabel = "SCREENING", description = "Id of the screening.")
  private String screening;

  @Mixin private PersonOptions person;

  public RejectCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    return person.ask(
        "api/releases/rejections",
        person.body().put("screening", screening),
        terminal,
        installation);
  }
}
