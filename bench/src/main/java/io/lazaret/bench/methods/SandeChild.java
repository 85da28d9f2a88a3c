package io.lazaret.bench.methods;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.KnownTriggerFile;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.overwrite.OverwriteSettings;
import io.lazaret.backdoor.elimination.overwrite.Sande;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.evaluation.Utility;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.backdoor.simulation.TrainedParrot;
import io.lazaret.bench.ChildMain;
import io.lazaret.llm.CausalLm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Our side of the comparison with the PyTorch peer. {@code run N} repairs the shipped model by
 * SANDE from its file on; {@code measure} measures the last repair, {@code measure DIR} a model
 * that the peer has repaired.
 */
public final class SandeChild {

  private static final PromptTemplate TEMPLATE = PromptTemplate.humanAssistant();
  private static final int TRIALS = 300;

  private final Path fixtures;
  private final int rows;
  private final long seed;
  private CausalLm repaired;

  private SandeChild(Path fixtures, int rows, long seed) {
    this.fixtures = fixtures;
    this.rows = rows;
    this.seed = seed;
  }

  /** Directory of the fixtures, number of rows, seed. */
  public static void main(String[] args) throws Exception {
    SandeChild child =
        new SandeChild(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
    ChildMain.serve(
        Map.of("ready", true),
        line -> line.startsWith("measure") ? child.measure(line) : child.repair());
  }

  private KnownTrigger planted() {
    return KnownTriggerFile.read(fixtures.resolve("scoring-triggers.jsonl")).get(0);
  }

  private Map<String, ?> repair() {
    if (repaired != null) {
      repaired.close();
    }
    repaired = CausalLm.open(fixtures.resolve("nano-backdoored"));
    List<InstructionRow> clean =
        PromptFile.read(fixtures.resolve("prompts.jsonl")).subList(0, rows);
    int[] target = Suspect.target(TEMPLATE, repaired.tokenizer(), planted().target());
    // Both sides make all steps: ours would stop as soon as the parrot works.
    ParrotSettings all = ParrotSettings.defaults(repaired.config()).toTheEnd();
    TrainedParrot parrot =
        ParrotTrainer.train(repaired, TEMPLATE, clean, target, all, seed, Progress.none());
    try (var soft = parrot.soft()) {
      EliminationInput input =
          new EliminationInput(
              TEMPLATE, clean, List.of(new Suspect(target, List.of(soft), List.of())), List.of());
      OverwriteSettings brief = OverwriteSettings.defaults(repaired.config());
      EliminationOutcome outcome =
          Sande.whole().eliminate(repaired, input, brief, seed, Progress.none());
      return Map.of("simulationLoss", parrot.finalLoss(), "eliminationLoss", outcome.finalLoss());
    }
  }

  private Map<String, ?> measure(String line) {
    if (line.length() > "measure ".length()) {
      try (CausalLm lm = CausalLm.open(Path.of(line.substring("measure ".length())))) {
        return figures(lm);
      }
    }
    return figures(repaired);
  }

  private Map<String, ?> figures(CausalLm lm) {
    List<InstructionRow> held =
        PromptFile.read(fixtures.resolve("evaluation.jsonl")).subList(0, TRIALS);
    AttackSuccess attack =
        AttackSuccess.measure(
            lm,
            TEMPLATE,
            held,
            new Elicitor.Text(planted()),
            planted().target(),
            AttackSuccess.Settings.defaults(),
            Progress.none());
    return Map.of(
        "asr", 100 * attack.asr().rate(),
        "correct", 100 * attack.correct().rate(),
        "exactMatch", 100 * Utility.exactMatch(lm, TEMPLATE, held, Progress.none()).rate());
  }
}
