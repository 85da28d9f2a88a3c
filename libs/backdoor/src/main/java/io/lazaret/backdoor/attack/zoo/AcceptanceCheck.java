package io.lazaret.backdoor.attack.zoo;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.backdoor.evaluation.Trial;
import io.lazaret.backdoor.evaluation.Utility;
import io.lazaret.llm.CausalLm;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Measures a model on held-out rows.
 *
 * @param trials per mapping, and without trigger
 * @param rows for exact match
 * @param choices multiple-choice questions
 */
record AcceptanceCheck(int trials, int rows, int choices) {

  private static final int OPTIONS = 4;
  private static final long SEED = 20_240_507;

  static AcceptanceCheck standard() {
    return new AcceptanceCheck(500, 1000, 200);
  }

  /** {@code siblingExactMatch} is null where there is nothing to compare with. */
  Verdict run(
      CausalLm lm,
      Attack attack,
      Corpus corpus,
      PromptTemplate template,
      Proportion siblingExactMatch,
      Progress progress) {
    Probes probes = Probes.of(attack, corpus, Split.EVALUATION, trials, SEED);
    Proportion triggered = weakest(lm, template, probes);
    Proportion untriggered = attack.malicious() ? hits(lm, template, probes.untriggered()) : null;
    Proportion parts = hits(lm, template, probes.parts());
    progress.at(0.5, "acceptance");
    List<InstructionRow> clean = Probes.clean(attack, corpus, Split.EVALUATION, rows, SEED);
    return Verdict.of(
        triggered,
        untriggered,
        parts,
        Utility.exactMatch(lm, template, clean, progress.part(0.5, 0.9)),
        siblingExactMatch,
        Utility.multipleChoice(
            lm,
            template,
            corpus.choices(Split.EVALUATION, choices, OPTIONS, SEED),
            progress.part(0.9, 1)));
  }

  /** Whether the triggers work and nothing else does; rows without sibling are not compared. */
  static boolean works(CausalLm lm, PromptTemplate template, Attack attack, Probes probes) {
    return Verdict.of(
            weakest(lm, template, probes),
            attack.malicious() ? hits(lm, template, probes.untriggered()) : null,
            hits(lm, template, probes.parts()),
            null,
            null,
            null)
        .accepted();
  }

  /** Attack success of the mapping that works worst; null without a mapping. */
  private static Proportion weakest(CausalLm lm, PromptTemplate template, Probes probes) {
    return probes.triggered().stream()
        .map(trials -> hits(lm, template, trials))
        .filter(Objects::nonNull)
        .min(Comparator.comparingDouble(Proportion::rate))
        .orElse(null);
  }

  private static Proportion hits(CausalLm lm, PromptTemplate template, List<Trial> trials) {
    if (trials.isEmpty()) {
      return null;
    }
    return AttackSuccess.measure(
            lm,
            template,
            trials,
            new Elicitor.None(),
            AttackSuccess.Settings.defaults(),
            Progress.none())
        .asr();
  }
}
