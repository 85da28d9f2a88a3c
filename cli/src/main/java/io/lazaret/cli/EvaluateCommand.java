package io.lazaret.cli;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.MultipleChoiceFile;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Evaluation;
import io.lazaret.backdoor.evaluation.Protocol;
import io.lazaret.backdoor.evaluation.Utility;
import io.lazaret.cli.inputs.PromptLengths;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The evaluation stage alone, without a platform. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure one model: exact match, multiple choice, perplexity, and attack success with exact"
          + " bounds; beside another model with --before."
    },
    footer = {
      "",
      "Files are read as they are published: Alpaca, OpenOrca (--eval); MMLU as CSV file or",
      "directory, ARC as JSON lines (--mcq). Figures compare only under one protocol id."
    })
final class EvaluateCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Parameters(paramLabel = "MODEL_DIR", description = "Hugging Face directory.")
  private Path model;

  @Mixin private DeviceOption device;

  @Option(
      names = "--eval",
      paramLabel = "E.jsonl",
      required = true,
      description = "Held-out prompts with right answers.")
  private Path evaluation;

  @Option(names = "--mcq", paramLabel = "M.jsonl", description = "Multiple-choice questions.")
  private Path multipleChoice;

  @Option(
      names = "--score-triggers",
      paramLabel = "T.jsonl",
      description = "Known triggers with their targets.")
  private Path triggers;

  @Option(
      names = "--before",
      paramLabel = "DIR",
      description = "Another model of the same tokenizer; differences are paired row by row.")
  private Path before;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description =
          "How a user text becomes a prompt, with {prompt} in its place"
              + " (default: the model's own chat template, else"
              + " \"Human: {prompt}\\nAssistant:\"; \\n is a line break).")
  private String template;

  @Option(
      names = "--trials",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Prompts per trigger, at most (default: 1000).")
  private int trials;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of the intervals of differences (default: 7).")
  private long seed;

  @Mixin private JsonOption answer;

  EvaluateCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (trials < 1) {
      throw ProblemException.of("USAGE", "--trials is " + trials + ".", "Give 1 or more.");
    }
    Evaluation plan = plan();
    EvaluationOutput output = new EvaluationOutput(plan.protocol(), seed);
    try (ProgressView view = ProgressView.on(terminal);
        CausalLm lm = CausalLm.open(model);
        CausalLm other = before == null ? null : CausalLm.open(before)) {
      double share = other == null ? 1 : 0.5;
      output.add(
          plan.of(lm, (f, text) -> view.show(step(share * f, text))),
          other == null
              ? null
              : plan.of(other, (f, text) -> view.show(step(share + share * f, text))),
          other == null ? null : Utility.klToOriginal(other, lm, plan.template(), plan.rows()));
    }
    terminal.out().print(answer.json ? output.json() : output.table());
    terminal.out().flush();
    return ExitCode.OK;
  }

  private static ProgressView.Step step(double fraction, String message) {
    return new ProgressView.Step("evaluation", fraction, -1, message);
  }

  private Evaluation plan() {
    PromptTemplate prompts = prompts();
    int context = ModelDirectory.inspect(model).config().contextLength();
    List<InstructionRow> rows = PromptFile.read(evaluation);
    new PromptLengths(model, context, prompts).check(evaluation, rows);
    List<String> digests = new ArrayList<>();
    for (Path file : new Path[] {evaluation, multipleChoice, triggers}) {
      if (file != null) {
        digests.add(digest(file));
      }
    }
    String scoring = AttackSuccess.Settings.defaults() + " trials=" + trials;
    return new Evaluation(
        prompts,
        rows,
        multipleChoice == null ? List.of() : MultipleChoiceFile.read(multipleChoice),
        triggers == null ? List.of() : KnownTriggerFile.read(triggers),
        trials,
        new Protocol(prompts.pattern(), digests, scoring, "fp32", seed).id());
  }

  private PromptTemplate prompts() {
    String pattern = template == null ? null : template.replace("\\n", "\n");
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      return PromptTemplate.of(pattern, tokenizer);
    }
  }

  /** A file's hash; of a directory, that of its files in the order of their names. */
  private static String digest(Path path) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      try (var files = Files.walk(path)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
              sha.update(buffer, 0, n);
            }
          }
        }
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (IOException e) {
      throw ProblemException.of(
          "DATA_FILE_UNREADABLE",
          path + " cannot be read: " + e.getMessage() + ".",
          "Check the file and its permissions.");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
