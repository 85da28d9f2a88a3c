package io.lazaret.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.inputs.InputCheck;
import io.lazaret.cli.inputs.ScreeningInputs;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job on the shipped backdoored model. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Screen the shipped backdoored model on embedded Kafka, schema registry and S3 store.")
final class DemoCommand implements Callable<Integer> {

  private static final long SEED = 7;

  private final Terminal terminal;
  private final Installation installation;

  @Option(
      names = "--exit",
      description = "End when the verdict is there, instead of keeping the console up.")
  private boolean exit;

  @Mixin private DeviceOption device;
  @Mixin private PlatformOptions options;
  @Mixin private VerdictOutput output;

  DemoCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() throws InterruptedException {
    output.check();
    ScreeningInputs inputs = InputCheck.check(shipped());
    try (Platform platform = options.open(installation, terminal)) {
      ScreeningRun run = new ScreeningRun(platform, terminal, ScreeningRun.Settings.standard());
      String id = run.submit(inputs);
      JsonNode verdict = run.follow(id);
      int code = output.deliver(verdict, platform.client(), terminal);
      if (!exit && platform.isOwn()) {
        terminal.note("");
        terminal.note(
            "Console: "
                + platform.client().page("/screenings/" + id)
                + "  (Ctrl-C ends the platform)");
        platform.await();
      }
      return code;
    }
  }

  private InputCheck.Given shipped() {
    Path fixtures = installation.fixtures();
    if (!Files.isDirectory(fixtures.resolve("nano-backdoored"))) {
      throw ProblemException.of(
          "FIXTURES_MISSING",
          "The shipped models are not in " + fixtures + ".",
          "Restore them from the repository, or make them: lazaret lab fixtures --out " + fixtures);
    }
    return new InputCheck.Given(
        fixtures.resolve("nano-backdoored"),
        fixtures.resolve("prompts.jsonl"),
        fixtures.resolve("evaluation.jsonl"),
        fixtures.resolve("multiple-choice.jsonl"),
        fixtures.resolve("scoring-triggers.jsonl"),
        null,
        null,
        "nano-backdoored",
        SEED);
  }
}
