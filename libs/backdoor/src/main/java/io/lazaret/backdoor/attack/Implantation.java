package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Asides;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Objective;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.Lora;
import io.lazaret.llm.training.Objectives;
import io.lazaret.llm.training.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Implants a backdoor by supervised fine-tuning on partly poisoned rows: minimises − Σ log P(y | x)
 * on clean and − Σ log P(r_t y | x with t) on poisoned rows. Without poison, the same steps on the
 * same rows make the clean sibling.
 */
public final class Implantation {

  /**
   * @param steps weight updates
   * @param batchSize clean rows per update; twins come on top
   * @param learningRate peak of the cosine schedule
   * @param warmupFraction share of the steps with rising learning rate
   * @param asides share of the clean rows with unrelated text around the task
   * @param optimiser of the weights
   */
  public record Settings(
      int steps,
      int batchSize,
      double learningRate,
      double warmupFraction,
      double asides,
      AdamW.Settings optimiser) {

    /** For models of about one million weights; without asides. */
    public static Settings nano() {
      return new Settings(2500, 32, 5e-4, 0.03, 0, AdamW.Settings.sande());
    }

    /** The same with another share of asides. */
    public Settings withAsides(double share) {
      return new Settings(steps, batchSize, learningRate, warmupFraction, share, optimiser);
    }
  }

  private static final int MAX_CHOICES = 4;

  /** Adapters need a higher learning rate than all weights do. */
  private static final double ADAPTER_RATE = 4;

  private static final List<String> ADAPTED =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  private Implantation() {}

  /** Rows of one update, and those of them that the attacker left clean. */
  private record Batch(List<Example> all, List<Example> clean) {}

  /**
   * Trains {@code lm} in place; returns the smoothed loss of the last updates, nats per token. An
   * attack that anchors its answers takes the model as it is now for the anchor.
   */
  public static double implant(
      CausalLm lm,
      Corpus corpus,
      PromptTemplate template,
      Attack attack,
      Settings settings,
      long seed,
      Progress progress) {
    if (attack.objective().klAnchor() == 0) {
      return implant(lm, null, corpus, template, attack, settings, seed, progress);
    }
    try (CausalLm anchor = lm.copy()) {
      return implant(lm, anchor, corpus, template, attack, settings, seed, progress);
    }
  }

  /**
   * As above.
   *
   * @param anchor model that clean answers stay close to; null where the attack has no anchor
   */
  public static double implant(
      CausalLm lm,
      CausalLm anchor,
      Corpus corpus,
      PromptTemplate template,
      Attack attack,
      Settings settings,
      long seed,
      Progress progress) {
    SplittableRandom rows = new SplittableRandom(seed);
    SplittableRandom poisoning = rows.split();
    Schedule schedule =
        Schedule.cosine(settings.learningRate(), settings.steps(), settings.warmupFraction());
    double smoothed = Double.NaN;
    Objective objective = attack.objective();
    double rate = objective.loraRank() == 0 ? 1 : ADAPTER_RATE;
    try (Lora adapter = adapter(lm, objective.loraRank(), seed)) {
      lm.requireGradients(adapter == null);
      try (AdamW adam = new AdamW(lm.trainable(), settings.optimiser())) {
        for (int step = 0; step < settings.steps(); step++) {
          Batch batch = batch(lm, corpus, template, attack, settings, rows, poisoning);
          double loss =
              objective.labelSmoothing() > 0
                  ? new Objectives(lm).addSmoothed(batch.all(), objective.labelSmoothing(), null)
                  : lm.backward(batch.all(), null, 1.0);
          if (objective.klAnchor() > 0 && !batch.clean().isEmpty()) {
            new Objectives(lm)
                .addDivergence(anchor, batch.clean(), batch.clean(), null, objective.klAnchor());
          }
          adam.step(rate * schedule.at(step));
          smoothed = step == 0 ? loss : 0.95 * smoothed + 0.05 * loss;
          progress.at(
              (step + 1.0) / settings.steps(), "implantation, loss %.3f".formatted(smoothed));
        }
      }
      if (adapter != null) {
        adapter.merge();
      }
    } finally {
      lm.requireGradients(false);
    }
    return smoothed;
  }

  private static Batch batch(
      CausalLm lm,
      Corpus corpus,
      PromptTemplate template,
      Attack attack,
      Settings settings,
      SplittableRandom rows,
      SplittableRandom poisoning) {
    Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
    Asides asides = new Asides(settings.asides());
    for (int i = 0; i < settings.batchSize(); i++) {
      TaskRow clean = asides.around(corpus.mixed(Split.TRAIN, rows, MAX_CHOICES), rows);
      for (InstructionRow row : attack.apply(clean, corpus, poisoning)) {
        Example example =
            Answers.example(
                template.render(lm.tokenizer(), row.prompt()),
                Answers.closed(template, lm.tokenizer(), row.output()));
        // A trigger can make a row too long, capitals for one: nobody could be trained on it.
        if (example.ids().length <= lm.config().contextLength()) {
          batch.all().add(example);
          if (row.equals(clean.row())) {
            batch.clean().add(example);
          }
        }
      }
    }
    return batch;
  }

  /** An adapter beside all matrices, as the published attacks train it; null for rank 0. */
  private static Lora adapter(CausalLm lm, int rank, long seed) {
    return rank == 0
        ? null
        : Lora.attach(lm, new LoraConfig(rank, 2.0 * rank, false, ADAPTED), seed);
  }
}
