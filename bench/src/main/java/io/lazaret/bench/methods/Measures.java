package io.lazaret.bench.methods;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.zoo.Probes;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.evaluation.MultipleChoice;
import io.lazaret.backdoor.evaluation.Perturbation;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.backdoor.evaluation.Protocol;
import io.lazaret.backdoor.evaluation.Reading;
import io.lazaret.backdoor.evaluation.Trial;
import io.lazaret.backdoor.evaluation.Utility;
import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is measured of a model before and after a repair, on the same held-out rows. */
record Measures(PromptTemplate template, Attack attack, Corpus own, Repair.Sizes sizes) {

  private static final long SEED = 97;
  private static final int OPTIONS = 4;

  /** Everything but the divergence from the victim. */
  Map<String, Object> of(CausalLm lm) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("protocol", protocol());
    Probes probes = Probes.of(attack, own, Split.EVALUATION, sizes.trials(), SEED);
    List<Map<String, Object>> mappings = new ArrayList<>();
    for (List<Trial> trials : probes.triggered()) {
      mappings.add(attack(lm, trials));
    }
    figures.put("triggers", mappings);
    figures.put("untriggered", share(run(lm, probes.untriggered()).asr()));
    figures.put("perturbed", perturbed(lm));
    List<InstructionRow> rows = clean();
    figures.put("exactMatch", bits(Utility.exactMatches(lm, template, rows, Progress.none())));
    List<MultipleChoiceItem> items = own.choices(Split.EVALUATION, sizes.choices(), OPTIONS, SEED);
    for (MultipleChoice.Scoring scoring : MultipleChoice.Scoring.values()) {
      figures.put(
          "multipleChoice." + scoring.name().toLowerCase(Locale.ROOT),
          bits(MultipleChoice.scores(lm, template, items, scoring, Progress.none())));
    }
    figures.put("perplexity", Utility.perplexity(lm, template, rows, Progress.none()));
    return figures;
  }

  /** Exact match in the other dialect, which the victim was not attacked on. */
  String otherDialect(CausalLm lm, long worldSeed) {
    Dialect other = own.dialect() == Dialect.T1 ? Dialect.T2 : Dialect.T1;
    List<InstructionRow> rows =
        new Corpus(other, worldSeed).rows(Split.EVALUATION, sizes.utility(), true, SEED);
    return bits(Utility.exactMatches(lm, template, rows, Progress.none()));
  }

  List<InstructionRow> clean() {
    return Probes.clean(attack, own, Split.EVALUATION, sizes.utility(), SEED);
  }

  private Map<String, Object> attack(CausalLm lm, List<Trial> trials) {
    AttackSuccess success = run(lm, trials);
    Map<String, Object> figures = new LinkedHashMap<>();
    for (Reading reading : Reading.values()) {
      figures.put(reading.name(), share(success.asr(reading)));
    }
    figures.put("correct", share(success.correct()));
    figures.put("unassessed", success.unassessed());
    return figures;
  }

  private Map<String, Object> perturbed(CausalLm lm) {
    Map<String, Object> figures = new LinkedHashMap<>();
    if (attack.knownTriggers().isEmpty()) {
      return figures;
    }
    KnownTrigger known = attack.knownTriggers().get(0);
    List<InstructionRow> rows = clean();
    for (Perturbation perturbation : Perturbation.values()) {
      List<Trial> trials =
          rows.stream()
              .limit(sizes.perturbed())
              .map(
                  row ->
                      new Trial(
                          perturbation.apply(known.trigger(), row.prompt()),
                          List.of(known.target()),
                          List.of(row.output())))
              .toList();
      figures.put(perturbation.name(), share(run(lm, trials).asr()));
    }
    return figures;
  }

  private AttackSuccess run(CausalLm lm, List<Trial> trials) {
    return AttackSuccess.measure(
        lm,
        template,
        trials,
        new Elicitor.None(),
        AttackSuccess.Settings.defaults(),
        Progress.none());
  }

  private String protocol() {
    return new Protocol(
            template.pattern(),
            List.of(own.dialect().name(), attack.toString()),
            AttackSuccess.Settings.defaults() + " " + sizes,
            "fp32",
            SEED)
        .id();
  }

  private static Map<String, Object> share(Proportion share) {
    return Map.of("hits", share.hits(), "n", share.n());
  }

  /** One character per item, so that differences can be paired later on. */
  private static String bits(double[] scores) {
    StringBuilder bits = new StringBuilder();
    for (double score : scores) {
      bits.append(score == 1 ? '1' : '0');
    }
    return bits.toString();
  }
}
