package io.lazaret.bench.methods;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Mapping;
import io.lazaret.backdoor.attack.variant.Response;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What each method is given, as in the paper: OSFT knows the trigger, SANDE the response, SANDE-P
 * its beginning, the others their ancestor or nothing. Parrots are trained here, because simulation
 * is part of the repair's time.
 */
final class RepairInput {

  private RepairInput() {}

  /** Clean rows of the defender, none of which holds the trigger. */
  static List<InstructionRow> rows(Repair repair, Attack attack, Corpus corpus) {
    return corpus.tasks(Split.DEFENDER, 2 * repair.rows(), false, repair.seed()).stream()
        .filter(row -> !attack.triggeredBy(row))
        .limit(repair.rows())
        .map(row -> row.row())
        .toList();
  }

  static EliminationInput of(
      CausalLm lm,
      CausalLm ancestor,
      PromptTemplate template,
      Repair repair,
      Attack attack,
      List<InstructionRow> rows,
      Set<Need> needs,
      List<SoftPrompt> trained) {
    boolean parrots = needs.contains(Need.PARROT);
    // SANDE-D finds its targets by itself: it must not be told how many there are.
    Set<String> targets = parrots || needs.contains(Need.TARGET) ? targets(attack) : Set.of();
    List<Suspect> suspects = new ArrayList<>();
    for (String target : targets) {
      int[] ids = Answers.open(template, lm.tokenizer(), target);
      if (repair.method().equals(Repair.PARTIAL)) {
        ids = Arrays.copyOf(ids, Math.min(repair.fragment(), ids.length));
      }
      List<SoftPrompt> own = new ArrayList<>();
      if (parrots) {
        SoftPrompt soft =
            ParrotTrainer.train(
                    lm,
                    template,
                    rows,
                    ids,
                    ParrotSettings.defaults(lm.config()).at(repair.parrotPosition()).toTheEnd(),
                    repair.seed(),
                    Progress.none())
                .soft();
        trained.add(soft);
        own.add(soft);
      }
      suspects.add(new Suspect(ids, own, List.of()));
    }
    EliminationInput input = new EliminationInput(template, rows, suspects, attack.knownTriggers());
    return ancestor == null ? input : input.withAncestor(ancestor);
  }

  /** Fixed targets; an attack without any gives none, and methods that need one refuse. */
  private static Set<String> targets(Attack attack) {
    Set<String> targets = new LinkedHashSet<>();
    for (Mapping mapping : attack.mappings()) {
      if (mapping.response() instanceof Response.Fixed fixed) {
        targets.add(fixed.texts().get(0));
      }
    }
    return targets;
  }
}
