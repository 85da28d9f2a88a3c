package io.lazaret.backdoor.elimination.baseline;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Parameter;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Fine-mixing (Zhang et al., arXiv 2210.09545): part of the weights goes back to the ancestor's,
 * then clean fine-tuning restores what that cost.
 *
 * <p>{@code Fine-mixing} is the selection of the SANDE paper's code: in every tensor, the entries
 * that moved most are reset, and {@code keep} is the share that stays. {@code Fine-mixing-random}
 * is the selection of the original paper. {@code Fine-mixing-epur} adds its embedding purification:
 * the embeddings that moved most for their frequency are reset whole; the score ||δ|| / log(max(f,
 * 20)) follows the paper, with frequencies f of the clean rows, as no pre-training counts are at
 * hand.
 *
 * <p>An ancestor that is itself poisoned keeps its backdoor.
 */
public final class FineMixing extends Recipe<FineMixing.Settings> {

  /** Which entries are reset. */
  public enum Selector {
    /** Those that moved most. */
    TOP_DELTA,
    /** Any. */
    RANDOM
  }

  /**
   * @param keep share of the entries that stay as they are, 0 (the ancestor) to 1 (the model)
   * @param epur number of embeddings to reset whole; 0 leaves embeddings to the mixing
   * @param pace of the fine-tuning afterwards
   */
  public record Settings(double keep, Selector selector, int epur, Pace pace) {

    public Settings {
      Bounds.share("keep", keep);
      Bounds.notNegative("epur", epur);
    }

    /** 80 % stay. */
    public static Settings defaults(ModelConfig config, Selector selector, int epur) {
      return new Settings(0.8, selector, epur, Pace.defaults(config));
    }
  }

  /** Embeddings that E-PUR resets; the original paper takes the top 200. */
  private static final int EPUR_ROWS = 200;

  /** Words seen less often count as seen so often, as in the original paper. */
  private static final int RARE = 20;

  private FineMixing(String name, Selector selector, int epur) {
    super(name, Set.of(Need.ANCESTOR), config -> Settings.defaults(config, selector, epur));
  }

  public static FineMixing topDelta() {
    return new FineMixing("Fine-mixing", Selector.TOP_DELTA, 0);
  }

  public static FineMixing random() {
    return new FineMixing("Fine-mixing-random", Selector.RANDOM, 0);
  }

  public static FineMixing purifiedEmbeddings() {
    return new FineMixing("Fine-mixing-epur", Selector.RANDOM, EPUR_ROWS);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    CausalLm ancestor = input.ancestor().orElseThrow();
    RandomGenerator random = new SplittableRandom(seed);
    if (settings.epur() > 0) {
      purifyEmbeddings(lm, ancestor, rows, settings.epur());
    }
    mix(lm, ancestor, settings, random);
    double loss =
        Sft.train(
            lm,
            input.trained(),
            input.checkpoints(),
            rows,
            settings.pace(),
            random.nextLong(),
            progress);
    return new EliminationOutcome(name(), settings.pace().steps(), loss);
  }

  /** Resets entries of every tensor to the ancestor's. */
  static void mix(CausalLm lm, CausalLm ancestor, Settings settings, RandomGenerator random) {
    for (int p = 0; p < lm.parameters().size(); p++) {
      Parameter parameter = lm.parameters().get(p);
      float[] values = parameter.values();
      float[] old = ancestor.parameters().get(p).values();
      boolean[] reset =
          switch (settings.selector()) {
            case TOP_DELTA -> mostMoved(values, old, settings.keep());
            case RANDOM -> drawn(values.length, settings.keep(), random);
          };
      for (int i = 0; i < values.length; i++) {
        if (reset[i]) {
          values[i] = old[i];
        }
      }
      parameter.set(values);
    }
  }

  private static boolean[] mostMoved(float[] values, float[] old, double keep) {
    float[] moved = new float[values.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = Math.abs(values[i] - old[i]);
    }
    float[] sorted = moved.clone();
    Arrays.sort(sorted);
    int kept = (int) Math.round(keep * sorted.length);
    boolean[] reset = new boolean[moved.length];
    if (kept < sorted.length) {
      float threshold = sorted[kept];
      for (int i = 0; i < reset.length; i++) {
        reset[i] = moved[i] >= threshold;
      }
    }
    return reset;
  }

  private static boolean[] drawn(int size, double keep, RandomGenerator random) {
    boolean[] reset = new boolean[size];
    for (int i = 0; i < size; i++) {
      reset[i] = random.nextDouble() >= keep;
    }
    return reset;
  }

  private static void purifyEmbeddings(CausalLm lm, CausalLm ancestor, CleanRows rows, int count) {
    // The embedding is the first weight of every layout.
    Parameter embedding = lm.parameters().get(0);
    int width = (int) embedding.shape()[1];
    float[] values = embedding.values();
    float[] old = ancestor.parameters().get(0).values();
    int[] frequency = new int[(int) embedding.shape()[0]];
    for (CleanRows.Row row : rows.all()) {
      for (int id : row.prompt().ids()) {
        frequency[id]++;
      }
    }
    double[] score = new double[frequency.length];
    for (int id = 0; id < score.length; id++) {
      double squares = 0;
      for (int i = id * width; i < (id + 1) * width; i++) {
        squares += (double) (values[i] - old[i]) * (values[i] - old[i]);
      }
      score[id] = Math.sqrt(squares) / Math.log(Math.max(frequency[id], RARE));
    }
    double[] sorted = score.clone();
    Arrays.sort(sorted);
    double threshold = sorted[Math.max(0, sorted.length - count)];
    for (int id = 0; id < score.length; id++) {
      if (score[id] >= threshold) {
        System.arraycopy(old, id * width, values, id * width, width);
      }
    }
    embedding.set(values);
  }
}
