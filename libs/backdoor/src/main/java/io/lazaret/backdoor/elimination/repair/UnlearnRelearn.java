package io.lazaret.backdoor.elimination.repair;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.CleanRows.Row;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Snapshot;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.ResumableRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * ULRL, unlearn and relearn (Min et al., "Unified Neural Backdoor Removal with Only Few Clean
 * Samples through Unlearning and Relearning", arXiv 2405.14781), carried over to language models by
 * us: the original is for image classifiers, and there is no generative figure to compare with.
 *
 * <pre>
 * unlearn: maximise the clean loss on two disjoint shards, until it has doubled
 * find:    score of a neuron = its relative change on one shard over that on the other shard's
 *          scale, smaller of both; suspicious when z = (s − median) / (1.4826 · MAD) > 3.5 in its layer
 * relearn: from the original weights, outputs of suspicious neurons redrawn:
 *          − Σ log P_θ(y | x) + α · Σ_j cos(w_j, w_j of the original)
 * </pre>
 *
 * The original looks at rows of the last linear layer. In a language model these are words, and
 * unlearning moves the frequent ones; so feed-forward neurons take their place. {@code ULRL} keeps
 * the published threshold and caps at 1 % of a layer; {@code ULRL-tuned} takes 10 % of every layer
 * by score, whatever the threshold says, and trains at a higher rate.
 */
public final class UnlearnRelearn extends Recipe<UnlearnRelearn.Settings> {

  /**
   * @param ascent rate and longest unlearning
   * @param doubled unlearning ends when the clean loss is so many times its start
   * @param threshold z above which a neuron is suspicious
   * @param cap largest share of a layer that is redrawn, 0 to 1
   * @param alpha weight α of the unlikeness to the original
   * @param relearn fine-tuning afterwards
   */
  public record Settings(
      Pace ascent, double doubled, double threshold, double cap, double alpha, Pace relearn) {

    public Settings {
      Bounds.share("cap", cap);
      Bounds.notNegative("alpha", alpha);
      Bounds.positive("doubled", doubled);
    }

    /** z > 3.5, at most 1 % of a layer, α 0.7 as for CIFAR-10. */
    public static Settings defaults(ModelConfig config) {
      Pace pace = Pace.defaults(config);
      return new Settings(pace.withSteps(50), 2, 3.5, 0.01, 0.7, pace);
    }

    /** The 10 % of every layer that moved most. */
    public static Settings tuned(ModelConfig config) {
      Pace pace = Pace.defaults(config);
      return new Settings(
          pace.withSteps(50), 2, Double.NEGATIVE_INFINITY, 0.1, 0.1, pace.times(2.5));
    }
  }

  private UnlearnRelearn(String name, Function<ModelConfig, Settings> settings) {
    super(name, Set.of(), settings);
  }

  /** Threshold and cap carried over. */
  public static UnlearnRelearn adapted() {
    return new UnlearnRelearn("ULRL", Settings::defaults);
  }

  /** Our settings. */
  public static UnlearnRelearn tuned() {
    return new UnlearnRelearn("ULRL-tuned", Settings::tuned);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    ResumableRandom random = new ResumableRandom(seed);
    try (Snapshot original = Snapshot.of(lm)) {
      Neurons before = new Neurons(original.model());
      double[][] moved = unlearnedChange(lm, input, rows, original, settings, random, 0);
      double[][] again = unlearnedChange(lm, input, rows, original, settings, random, 1);
      progress.at(0.4, "unlearnt");
      double[][] score = new double[moved.length][];
      for (int layer = 0; layer < score.length; layer++) {
        double[] a = moved[layer];
        double[] b = again[layer];
        score[layer] = new double[a.length];
        // A neuron that moves on one shard alone follows that shard's words.
        Arrays.setAll(score[layer], j -> Math.min(a[j], b[j]));
      }
      boolean[][] suspicious = Outliers.above(score, settings.threshold(), settings.cap());
      Neurons neurons = new Neurons(lm);
      neurons.redrawOutputs(suspicious, random);
      return relearn(
          lm, input, rows, neurons, before, suspicious, settings, random, progress.part(0.4, 1));
    }
  }

  /** Relative change of every neuron by ascent on every other row; the weights are given back. */
  private static double[][] unlearnedChange(
      CausalLm lm,
      EliminationInput input,
      CleanRows rows,
      Snapshot original,
      Settings settings,
      ResumableRandom random,
      int shard) {
    List<Row> half = new ArrayList<>();
    for (int i = shard; i < rows.all().size(); i += 2) {
      half.add(rows.all().get(i));
    }
    if (half.isEmpty()) {
      half.addAll(rows.all());
    }
    Pace pace = settings.ascent();
    try (WeightUpdates updates =
        WeightUpdates.begin(
            lm,
            Trained.allWeights(),
            pace.schedule(),
            0,
            random,
            input.checkpoints().under("unlearn-" + shard))) {
      // Comparisons with NaN, before the first step, are false.
      while (updates.goOn(pace.steps())
          && !(updates.lastLoss() > settings.doubled() * updates.firstLoss())) {
        List<Example> batch = new ArrayList<>();
        for (int i = 0; i < pace.batchSize(); i++) {
          batch.add(CleanRows.clean(half.get(random.nextInt(half.size()))));
        }
        updates.step(lm.backward(batch, null, -1.0));
      }
    }
    double[][] change = new Neurons(lm).distance(new Neurons(original.model()));
    double[][] size = new Neurons(original.model()).norms();
    for (int layer = 0; layer < change.length; layer++) {
      double[] c = change[layer];
      double[] n = size[layer];
      Arrays.setAll(c, j -> n[j] > 0 ? c[j] / n[j] : 0);
    }
    original.restore(lm);
    return change;
  }

  private EliminationOutcome relearn(
      CausalLm lm,
      EliminationInput input,
      CleanRows rows,
      Neurons neurons,
      Neurons before,
      boolean[][] suspicious,
      Settings settings,
      ResumableRandom random,
      Progress progress) {
    Pace pace = settings.relearn();
    try (WeightUpdates updates =
        WeightUpdates.begin(
            lm, input.trained(), pace.schedule(), random.nextLong(), random, input.checkpoints())) {
      while (updates.goOn(pace.steps())) {
        double loss = lm.backward(CleanRows.clean(rows.draw(random, pace.batchSize())), null, 1.0);
        // With adapters the redrawn columns stay as they are; there is nothing to push.
        if (settings.alpha() > 0 && input.trained() instanceof Trained.AllWeights) {
          loss +=
              settings.alpha() * neurons.addLikenessGradient(before, suspicious, settings.alpha());
        }
        updates.step(loss);
        progress.at((double) updates.steps() / pace.steps(), "relearn loss %.3f".formatted(loss));
      }
      return new EliminationOutcome(name(), updates.steps(), updates.smoothedLoss());
    }
  }
}
