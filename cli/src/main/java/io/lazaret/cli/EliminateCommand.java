package io.lazaret.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.detection.FoundStyle;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.style.Style;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethod;
import io.lazaret.backdoor.elimination.EliminationMethods;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One removal method alone. */
@Command(
    name = "eliminate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Remove a backdoor with one method, and write the repaired model.")
final class EliminateCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private StageOptions stage;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "SANDE-R",
      description =
          "Name of the method (default: ${DEFAULT-VALUE}); an unknown one lists them all.")
  private String method;

  @Option(
      names = "--target",
      paramLabel = "TEXT",
      description = "A suspicious response segment; may be given several times.")
  private List<String> targets = List.of();

  @Option(
      names = "--parrot",
      paramLabel = "FILE",
      description =
          "A parrot that simulate made for the (first) --target; may be given several times.")
  private List<Path> parrots = List.of();

  @Option(
      names = "--style",
      paramLabel = "WORDS",
      description =
          "A way of writing prompts that brings the (first) --target out, as detect names it ('in capitals'); may be given several times.")
  private List<String> styles = List.of();

  @Option(
      names = "--triggers",
      paramLabel = "T.jsonl",
      description = "Triggers that are known, for the methods that need one.")
  private Path triggers;

  @Option(
      names = "--ancestor",
      paramLabel = "DIR",
      description = "The model from which this one was fine-tuned, for the methods that need it.")
  private Path ancestor;

  @Option(
      names = "--lora",
      description = "Train low-rank adapters, merged in the end, instead of all weights.")
  private boolean lora;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the repaired model goes; must not exist yet, or be empty.")
  private Path out;

  EliminateCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    requireEmpty(out);
    EliminationMethod chosen = EliminationMethods.named(method);
    if (targets.isEmpty() && !(parrots.isEmpty() && styles.isEmpty())) {
      throw ProblemException.of(
          "USAGE",
          "--parrot and --style need the --target that they elicit.",
          "Give --target as well.");
    }
    styles.forEach(Style::named);
    List<KnownTrigger> known = triggers == null ? List.of() : KnownTriggerFile.read(triggers);
    List<SoftPrompt> loaded = new ArrayList<>();
    try (CausalLm lm = CausalLm.open(stage.model);
        CausalLm origin = ancestor == null ? null : CausalLm.open(ancestor)) {
      EliminationInput input =
          new EliminationInput(
              stage.template(lm),
              stage.rows(),
              suspects(lm, loaded),
              known,
              lora ? Trained.lowRank() : Trained.allWeights(),
              Optional.ofNullable(origin),
              0,
              Checkpoints.none());
      EliminationOutcome outcome;
      try (ProgressView view = ProgressView.on(terminal)) {
        outcome =
            chosen.eliminate(lm, input, stage.seed, StageOptions.progress(view, "elimination"));
      }
      lm.save(out, lm.weightType());
      report(outcome);
    } finally {
      loaded.forEach(SoftPrompt::close);
    }
    return ExitCode.OK;
  }

  private List<Suspect> suspects(CausalLm lm, List<SoftPrompt> loaded) {
    for (Path parrot : parrots) {
      loaded.add(SoftPrompt.load(lm, parrot));
    }
    List<Suspect> suspects = new ArrayList<>();
    for (String target : targets) {
      int[] ids = Suspect.target(stage.template(lm), lm.tokenizer(), target);
      suspects.add(
          suspects.isEmpty()
              ? new Suspect(ids, loaded, List.of(), foundStyles(), Position.START)
              : Suspect.of(ids));
    }
    return suspects;
  }

  /** How often each was seen to work is not known here, and nothing asks for it. */
  private List<FoundStyle> foundStyles() {
    return styles.stream().map(style -> new FoundStyle(style, 0, 0)).toList();
  }

  private void report(EliminationOutcome outcome) {
    if (stage.output.json) {
      ObjectNode document = JsonNodeFactory.instance.objectNode();
      document.put("method", outcome.method());
      document.put("model", out.toString());
      document.put("steps", outcome.steps());
      document.put("finalLoss", outcome.finalLoss());
      terminal.out().println(document.toPrettyString());
      terminal.out().flush();
    } else {
      terminal.note("%s, %d steps: %s".formatted(outcome.method(), outcome.steps(), out));
    }
  }

  /** Known before the work, not after it. */
  private static void requireEmpty(Path dir) {
    try (var entries = Files.isDirectory(dir) ? Files.list(dir) : null) {
      if (Files.exists(dir) && (entries == null || entries.findAny().isPresent())) {
        throw ProblemException.of(
            "OUTPUT_EXISTS", dir + " exists already.", "Give another --out, or empty it.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
