package io.lazaret.bench.methods;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethod;
import io.lazaret.backdoor.elimination.EliminationMethods;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.backdoor.evaluation.Utility;
import io.lazaret.bench.ChildMain;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process that repairs one victim by one method, so that its memory and a crash are its own. It
 * answers {@code repair} and then {@code measure}.
 */
public final class RepairChild {

  private static final PromptTemplate TEMPLATE = PromptTemplate.humanAssistant();

  private final Repair repair;
  private final Corpus own;
  private final Corpus defender;
  private final Attack attack;
  private final CausalLm lm;

  private RepairChild(Repair repair) {
    this.repair = repair;
    long world = repair.victim().worldSeed();
    own = new Corpus(repair.victim().dialect(), world);
    defender = new Corpus(repair.domain(), world);
    attack = Attacks.named(repair.victim().attack(), own);
    lm = CausalLm.open(repair.model());
  }

  /** The one argument is the file with the repair. */
  public static void main(String[] args) throws Exception {
    Repair repair = new ObjectMapper().readValue(Path.of(args[0]).toFile(), Repair.class);
    RepairChild child = new RepairChild(repair);
    ChildMain.serve(
        Map.of("ready", true),
        line ->
            switch (line) {
              case "repair" -> child.repair();
              case "measure" -> child.measure();
              default -> throw new IllegalArgumentException("not understood: " + line);
            });
  }

  private Map<String, ?> repair() {
    List<InstructionRow> rows = RepairInput.rows(repair, attack, defender);
    EliminationMethod method = EliminationMethods.named(repair.method());
    List<SoftPrompt> parrots = new ArrayList<>();
    CausalLm ancestor =
        method.needs().contains(Need.ANCESTOR) ? CausalLm.open(repair.victim().ancestor()) : null;
    try {
      long started = System.nanoTime();
      EliminationInput input =
          RepairInput.of(lm, ancestor, TEMPLATE, repair, attack, rows, method.needs(), parrots);
      double simulated = (System.nanoTime() - started) / 1e9;
      input = input.withParrotsAt(repair.parrotPosition());
      if (repair.lowRank()) {
        input = input.withTrained(Trained.lowRank());
      }
      EliminationOutcome outcome = method.eliminate(lm, input, repair.seed(), Progress.none());
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("seconds", (System.nanoTime() - started) / 1e9);
      answer.put("simulationSeconds", simulated);
      answer.put("steps", outcome.steps());
      answer.put("finalLoss", Double.isFinite(outcome.finalLoss()) ? outcome.finalLoss() : null);
      return answer;
    } catch (ProblemException refused) {
      // A method that does not apply to an attack is a result, not a failure of the bench.
      return Map.of("refused", refused.problem().code() + ": " + refused.problem().sentence());
    } finally {
      parrots.forEach(SoftPrompt::close);
      if (ancestor != null) {
        ancestor.close();
      }
    }
  }

  private Map<String, ?> measure() {
    Measures measures = new Measures(TEMPLATE, attack, own, repair.sizes());
    Map<String, Object> figures = measures.of(lm);
    figures.put("exactMatch.otherDialect", measures.otherDialect(lm, repair.victim().worldSeed()));
    if (repair.repairs()) {
      try (CausalLm victim = CausalLm.open(repair.victim().model())) {
        figures.put("kl", Utility.klToOriginal(victim, lm, TEMPLATE, measures.clean()));
      }
    }
    return figures;
  }
}
