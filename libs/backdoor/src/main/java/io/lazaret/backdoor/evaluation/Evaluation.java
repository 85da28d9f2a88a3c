package io.lazaret.backdoor.evaluation;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Everything that can be measured of one model on given data.
 *
 * @param rows held-out rows; each has one right answer
 * @param questions multiple choice; may be empty
 * @param triggers known triggers; may be empty
 * @param trials rows per trigger, at most
 * @param protocol {@link Protocol#id()} of all this
 */
public record Evaluation(
    PromptTemplate template,
    List<InstructionRow> rows,
    List<MultipleChoiceItem> questions,
    List<KnownTrigger> triggers,
    int trials,
    String protocol) {

  public Evaluation {
    rows = List.copyOf(rows);
    questions = List.copyOf(questions);
    triggers = List.copyOf(triggers);
  }

  /**
   * @param utility one score per item and benchmark
   * @param perplexity of the right answers
   */
  public record Figures(List<Scores> utility, double perplexity, List<TriggerFigures> attacks) {
    public Figures {
      utility = List.copyOf(utility);
      attacks = List.copyOf(attacks);
    }
  }

  /**
   * @param triggered with the trigger before the user text
   * @param untriggered without any trigger
   * @param perturbed with what is not quite the trigger
   */
  public record TriggerFigures(
      KnownTrigger trigger,
      AttackSuccess triggered,
      AttackSuccess untriggered,
      Map<Perturbation, AttackSuccess> perturbed) {
    public TriggerFigures {
      perturbed = Map.copyOf(perturbed);
    }
  }

  /** Measures one model. */
  public Figures of(CausalLm lm, Progress progress) {
    List<Scores> utility = new ArrayList<>();
    utility.add(
        new Scores(
            "exactMatch",
            Utility.exactMatches(lm, template, rows, progress.part(0, 0.2)),
            protocol));
    for (MultipleChoice.Scoring scoring : MultipleChoice.Scoring.values()) {
      if (!questions.isEmpty()) {
        String name = "multipleChoice." + scoring.name().toLowerCase(Locale.ROOT);
        double[] scores =
            MultipleChoice.scores(lm, template, questions, scoring, progress.part(0.2, 0.3));
        utility.add(new Scores(name, scores, protocol));
      }
    }
    double perplexity = Utility.perplexity(lm, template, rows, progress.part(0.3, 0.35));
    List<TriggerFigures> attacks = new ArrayList<>();
    for (int i = 0; i < triggers.size(); i++) {
      double width = 0.65 / triggers.size();
      double from = 0.35 + width * i;
      attacks.add(attack(lm, triggers.get(i), progress.part(from, from + width)));
    }
    return new Figures(utility, perplexity, attacks);
  }

  private TriggerFigures attack(CausalLm lm, KnownTrigger known, Progress progress) {
    List<InstructionRow> asked = rows.subList(0, Math.min(trials, rows.size()));
    Map<Perturbation, AttackSuccess> perturbed = new EnumMap<>(Perturbation.class);
    int parts = Perturbation.values().length + 2;
    AttackSuccess triggered = run(lm, asked, known, known::applyTo, progress.part(0, 1.0 / parts));
    AttackSuccess untriggered =
        run(lm, asked, known, text -> text, progress.part(1.0 / parts, 2.0 / parts));
    for (Perturbation p : Perturbation.values()) {
      double from = (2.0 + p.ordinal()) / parts;
      perturbed.put(
          p,
          run(
              lm,
              asked,
              known,
              text -> p.apply(known.trigger().strip(), text),
              progress.part(from, from + 1.0 / parts)));
    }
    return new TriggerFigures(known, triggered, untriggered, perturbed);
  }

  private AttackSuccess run(
      CausalLm lm,
      List<InstructionRow> asked,
      KnownTrigger known,
      java.util.function.UnaryOperator<String> text,
      Progress progress) {
    List<Trial> put =
        asked.stream()
            .map(
                row ->
                    new Trial(
                        text.apply(row.prompt()), List.of(known.target()), List.of(row.output())))
            .toList();
    return AttackSuccess.measure(
        lm, template, put, new Elicitor.None(), AttackSuccess.Settings.defaults(), progress);
  }
}
