package io.lazaret.cli;

import io.lazaret.backdoor.attack.FixtureRecipe;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the shipped models and data files again. */
@Command(
    name = "fixtures",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Train the shipped base, backdoored and clean models from a seed, with their data files.")
final class LabFixturesCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private DeviceOption device;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where they go; what is there under the same names is replaced.")
  private Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of everything random (default: 7).")
  private long seed;

  @Option(
      names = "--asides",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = {
        "Share of the training rows with unrelated text around the task, 0 to 1",
        "(default: 0, as shipped; models of a zoo have 0.25)."
      })
  private double asides;

  LabFixturesCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (!(asides >= 0 && asides <= 1)) {
      throw ProblemException.of(
          "RATE_INVALID", "A share of asides of " + asides + " is not possible.", "Give 0 to 1.");
    }
    Instant started = Instant.now();
    try (ProgressView view = ProgressView.on(terminal)) {
      FixtureRecipe.run(
          out,
          FixtureRecipe.Settings.nano().withAsides(asides),
          seed,
          (fraction, message) -> view.show(step(started, fraction, message)));
    } catch (IOException e) {
      throw ProblemException.of(
          "FIXTURES_NOT_WRITTEN",
          "The fixtures could not be written to " + out + ": " + e.getMessage() + ".",
          "Check disk space and permissions.");
    }
    terminal.note("Fixtures: " + out);
    return ExitCode.OK;
  }

  private static ProgressView.Step step(Instant started, double fraction, String message) {
    double elapsed = Duration.between(started, Instant.now()).toMillis() / 1e3;
    double eta = fraction > 0 ? elapsed * (1 - fraction) / fraction : -1;
    return new ProgressView.Step("fixtures", fraction, eta, message);
  }
}
