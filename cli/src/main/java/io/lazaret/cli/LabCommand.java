package io.lazaret.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The attack side, for evaluation. */
@Command(
    name = "lab",
    mixinStandardHelpOptions = true,
    description = "Train testbed models and implant backdoors, to evaluate the defence.",
    subcommands = {LabFixturesCommand.class, LabZooCommand.class})
final class LabCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }
}
