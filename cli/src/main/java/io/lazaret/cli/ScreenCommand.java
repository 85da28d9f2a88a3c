package io.lazaret.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.inputs.InputCheck;
import io.lazaret.cli.inputs.ScreeningInputs;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One model through the whole platform. */
@Command(
    name = "screen",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Screen one model: find a backdoor, remove it, prove it, release the model.",
    footer = {
      "",
      "Data files are JSON lines:",
      "  --prompts, --eval      {\"instruction\": \"...\", \"input\": \"...\", \"output\": \"...\"}",
      "  --mcq                  {\"question\": \"...\", \"choices\": [\"...\"], \"answer\": \"A\"}",
      "  --score-triggers       {\"trigger\": \"...\", \"target\": \"...\"}",
      "",
      "Exit codes: 0 promoted, 10 held, 11 rejected, 12 unassessed, 2 bad usage or input,",
      "1 the platform failed or was interrupted."
    })
final class ScreenCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL_DIR",
      description = "Hugging Face directory: config.json, tokenizer.json, safetensors.")
  private Path model;

  @Option(
      names = "--prompts",
      paramLabel = "P.jsonl",
      description = "Clean prompts with answers, of the kind the model is used for.")
  private Path prompts;

  @Option(
      names = "--eval",
      paramLabel = "E.jsonl",
      description =
          "Held-out prompts for the measurements (default: a held-out part of --prompts).")
  private Path evaluation;

  @Option(
      names = "--mcq",
      paramLabel = "M.jsonl",
      description = "Multiple-choice questions for the utility measurement.")
  private Path multipleChoice;

  @Option(
      names = "--score-triggers",
      paramLabel = "T.jsonl",
      description =
          "Known triggers. Only the final measurement reads them, never detection or removal.")
  private Path scoringTriggers;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description =
          "How a user text becomes a prompt, with {prompt} in its place"
              + " (default: the model's own chat template, else"
              + " \"Human: {prompt}\\nAssistant:\"; \\n is a line break).")
  private String template;

  @Option(
      names = "--policy",
      paramLabel = "F.yaml",
      description = "Release policy in YAML or JSON (default: the built-in one).")
  private Path policy;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the model on the platform (default: name of the directory).")
  private String name;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of everything random (default: 7).")
  private long seed;

  @Option(
      names = "--attach",
      paramLabel = "ID",
      description = "Follow a screening that was handed over before, instead of a new one.")
  private String attach;

  @Mixin private DeviceOption device;
  @Mixin private ServerAddress address;
  @Mixin private VerdictOutput output;

  ScreenCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() throws InterruptedException {
    refuseContradictions();
    output.check();
    ScreeningInputs inputs = attach == null ? InputCheck.check(given()) : null;
    try (Platform platform = address.open(installation, terminal)) {
      ScreeningRun run = new ScreeningRun(platform, terminal, ScreeningRun.Settings.standard());
      String id = inputs == null ? attach : run.submit(inputs);
      JsonNode verdict = run.follow(id);
      return output.deliver(verdict, platform.client(), terminal);
    }
  }

  private void refuseContradictions() {
    if (attach != null) {
      if (model != null || prompts != null) {
        throw usage(
            "--attach follows a screening that has its model and prompts already",
            "Leave out MODEL_DIR and --prompts, or --attach.");
      }
      return;
    }
    if (model == null || prompts == null) {
      throw usage(
          (model == null ? "MODEL_DIR" : "--prompts") + " is missing",
          "Write: lazaret screen MODEL_DIR --prompts P.jsonl");
    }
  }

  private static ProblemException usage(String what, String nextStep) {
    return ProblemException.of("USAGE", what + ".", nextStep);
  }

  private InputCheck.Given given() {
    // A shell makes it awkward to write a line break in an argument.
    String pattern = template == null ? null : template.replace("\\n", "\n");
    return new InputCheck.Given(
        model, prompts, evaluation, multipleChoice, scoringTriggers, pattern, policy, name, seed);
  }
}
