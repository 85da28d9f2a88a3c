package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Objective;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.AdamW;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.Lora;
import io.lazaret.llm.Schedule;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.problem.ProblemException;
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
   * @param optimiser of the weights
   */
  public record Settings(
      int steps,
      int batchSize,
      double learningRate,
      double warmupFraction,
      AdamW.Settings optimiser) {

    /** For models of about one million weights. */
    public static Settings nano() {
      return new Settings(2500, 32, 5e-4, 0.03, AdamW.Settings.sande());
    }
  }

  private static final int MAX_CHOICES = 4;

  /** Adapters need a higher learning rate than all weights do. */
  private static final double ADAPTER_RATE = 4;

  private static final List<String> ADAPTED =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  private Implantation() {}

  /**
   * Trains {@code lm} in place; returns the smoothed loss of the last updates, nats per token.
   *
   * @throws ProblemException ATTACK_NOT_AVAILABLE
   */
  public static double implant(
      CausalLm lm,
      Corpus corpus,
      PromptTemplate template,
      Attack attack,
      Settings settings,
      long seed,
      Progress progress) {
    refuseUnsupported(attack);
    SplittableRandom rows = new SplittableRandom(seed);
    SplittableRandom poisoning = rows.split();
    Schedule schedule =
        Schedule.cosine(settings.learningRate(), settings.steps(), settings.warmupFraction());
    double smoothed = Double.NaN;
    int rank = attack.objective().loraRank();
    double rate = rank == 0 ? 1 : ADAPTER_RATE;
    try (Lora adapter = rank == 0 ? null : Lora.attach(lm, adapter(rank), seed)) {
      lm.requireGradients(rank == 0);
      try (AdamW adam = new AdamW(lm.trainable(), settings.optimiser())) {
        for (int step = 0; step < settings.steps(); step++) {
          List<Example> batch = new ArrayList<>();
          for (int i = 0; i < settings.batchSize(); i++) {
            TaskRow clean = corpus.mixed(Split.TRAIN, rows, MAX_CHOICES);
            for (InstructionRow row : attack.apply(clean, corpus, poisoning)) {
              batch.add(
                  Answers.example(
                      template.render(lm.tokenizer(), row.prompt()),
                      Answers.closed(lm.tokenizer(), row.output())));
            }
          }
          double loss = lm.backward(batch, null, 1.0);
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

  /** Adapters beside all matrices, as the published attacks train them. */
  private static LoraConfig adapter(int rank) {
    return new LoraConfig(rank, 2.0 * rank, false, ADAPTED);
  }

  private static void refuseUnsupported(Attack attack) {
    Objective objective = attack.objective();
    if (objective.labelSmoothing() > 0 || objective.klAnchor() > 0) {
      throw ProblemException.of(
          "ATTACK_NOT_AVAILABLE",
          attack.id() + " needs " + objective + ", which cannot be trained yet.",
          "Leave it out of the set.");
    }
  }
}
