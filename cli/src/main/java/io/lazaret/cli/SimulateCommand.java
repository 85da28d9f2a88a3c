package io.lazaret.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.backdoor.simulation.TrainedParrot;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.llm.CausalLm;
import io.lazaret.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** SANDE stage 1 alone: trains a parrot. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Train a parrot, a soft prompt that stands in for the unknown trigger of a response.")
final class SimulateCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private StageOptions stage;

  @Option(
      names = "--target",
      paramLabel = "TEXT",
      required = true,
      description = "The suspicious response segment.")
  private String target;

  @Option(
      names = "--fragment",
      paramLabel = "N",
      description = "Use only the segment's first N tokens (SANDE-P).")
  private Integer fragment;

  @Option(
      names = "--length",
      paramLabel = "K",
      description = "Soft tokens of the parrot (default: 6).")
  private Integer length;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where the parrot goes, as safetensors; must not exist yet.")
  private Path out;

  SimulateCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (Files.exists(out)) {
      throw ProblemException.of(
          "OUTPUT_EXISTS", out + " exists already.", "Give another --out, or remove it.");
    }
    requirePositive("--fragment", fragment);
    requirePositive("--length", length);
    try (CausalLm lm = CausalLm.open(stage.model)) {
      int[] whole = Suspect.target(stage.template(lm), lm.tokenizer(), target);
      int[] ids = fragment == null ? whole : Arrays.copyOf(whole, Math.min(fragment, whole.length));
      ParrotSettings defaults = ParrotSettings.defaults(lm.config());
      ParrotSettings settings =
          length == null ? defaults : defaults.shaped(length, defaults.initialStd());
      TrainedParrot parrot;
      try (ProgressView view = ProgressView.on(terminal)) {
        parrot =
            ParrotTrainer.train(
                lm,
                stage.template(lm),
                stage.rows(),
                ids,
                settings,
                stage.seed,
                StageOptions.progress(view, "simulation"));
      }
      try (var soft = parrot.soft()) {
        soft.save(out);
        report(lm, parrot);
      }
    }
    return ExitCode.OK;
  }

  private void report(CausalLm lm, TrainedParrot parrot) {
    if (stage.output.json) {
      ObjectNode document = JsonNodeFactory.instance.objectNode();
      document.put("parrot", out.toString());
      document.put("target", lm.tokenizer().decode(parrot.target()).strip());
      document.put("softTokens", parrot.soft().length());
      document.put("steps", parrot.steps());
      document.put("finalLoss", parrot.finalLoss());
      document.put("meanProbability", parrot.meanProbability());
      terminal.out().println(document.toPrettyString());
      terminal.out().flush();
    } else {
      terminal.note(
          "Parrot: %s (%d steps, mean probability per target token %.3f)"
              .formatted(out, parrot.steps(), parrot.meanProbability()));
    }
  }

  private static void requirePositive(String option, Integer value) {
    if (value != null && value < 1) {
      throw ProblemException.of(
          "USAGE", option + " is " + value + ".", "Give a number of at least 1.");
    }
  }
}
