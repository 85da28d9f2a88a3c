package io.lazaret.backdoor.elimination.repair;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.baseline.Sft;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Purification by backdoor signature, our reading of Li and Kim, "Purifying Generative LLMs from
 * Backdoors without Prior Knowledge or Clean Reference" (arXiv 2603.13461). Only abstract and
 * project page were at hand: no setting below is theirs.
 *
 * <pre>
 * for v in 1..m: a fresh pair (t_v, r_v) of random tokens
 *   B_v ← model fine-tuned on clean rows, a share of them poisoned with the pair
 *   C_v ← model fine-tuned on the same rows in the same order, none poisoned
 *   a_v(j) ← ||θ_j(B_v) − θ_j(C_v)|| / ||θ_j|| for every feed-forward neuron j;  q_v(j) its rank in the layer
 * S ← neurons that rank in the top ρ for at least τ · m of the pairs, at most a share of a layer
 * outputs of S ← γ · outputs of S;  clean fine-tuning
 * </pre>
 *
 * {@code Signature} switches neurons off (γ = 0); {@code Signature-tuned} takes far more of them,
 * at the price of a longer repair.
 */
public final class Signature extends Recipe<Signature.Settings> {

  /**
   * @param variants m, planted pairs
   * @param poisoned share of poisoned rows, 0 to 1
   * @param implant fine-tuning of a variant
   * @param top ρ, share of a layer that counts as changed, 0 to 1
   * @param recurrence τ, share of the pairs in which a neuron must be among them, 0 to 1
   * @param cap largest share of a layer that is neutralised, 0 to 1
   * @param shrink γ, 0 to 1
   * @param repair clean fine-tuning afterwards
   */
  public record Settings(
      int variants,
      double poisoned,
      Pace implant,
      double top,
      double recurrence,
      double cap,
      double shrink,
      Pace repair) {

    public Settings {
      Bounds.positive("variants", variants);
      Bounds.share("poisoned", poisoned);
      Bounds.share("top", top);
      Bounds.share("recurrence", recurrence);
      Bounds.share("cap", cap);
      Bounds.share("shrink", shrink);
    }

    /** Five pairs, the 3 % of neurons that recur. */
    public static Settings defaults(ModelConfig config) {
      Pace pace = Pace.defaults(config);
      return new Settings(5, 0.2, pace.withSteps(60).times(2.5), 0.03, 0.8, 0.03, 0, pace);
    }

    /** A fifth of every layer. */
    public static Settings tuned(ModelConfig config) {
      Pace pace = Pace.defaults(config);
      return new Settings(
          3, 0.2, pace.withSteps(60).times(2.5), 0.3, 0.6, 0.2, 0, pace.withSteps(300).times(2.5));
    }
  }

  /** Lengths of planted triggers and targets, as those of the literature have. */
  private static final int TRIGGER_TOKENS = 4;

  private static final int TARGET_TOKENS = 4;

  private Signature(String name, Function<ModelConfig, Settings> settings) {
    super(name, Set.of(), settings);
  }

  /** Few neurons. */
  public static Signature cautious() {
    return new Signature("Signature", Settings::defaults);
  }

  /** Many neurons. */
  public static Signature tuned() {
    return new Signature("Signature-tuned", Settings::tuned);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    SplittableRandom seeds = new SplittableRandom(seed);
    Neurons neurons = new Neurons(lm);
    double[][] recurrence = new double[neurons.layers()][neurons.perLayer()];
    for (int v = 0; v < settings.variants(); v++) {
      count(recurrence, Outliers.ranks(change(lm, input, v, rows, settings, seeds)), settings);
      progress.at(0.8 * (v + 1) / settings.variants(), "signature, pair " + (v + 1));
    }
    neurons.scaleOutputs(chosen(recurrence, settings), settings.shrink());
    double loss =
        Sft.train(
            lm,
            input.trained(),
            input.checkpoints(),
            rows,
            settings.repair(),
            seeds.nextLong(),
            progress.part(0.8, 1));
    return new EliminationOutcome(name(), settings.repair().steps(), loss);
  }

  /** Relative change of every neuron by one planted pair beyond ordinary fine-tuning. */
  private static double[][] change(
      CausalLm lm,
      EliminationInput input,
      int pairNumber,
      CleanRows rows,
      Settings settings,
      SplittableRandom seeds) {
    Planted pair = Planted.draw(lm.tokenizer(), TRIGGER_TOKENS, TARGET_TOKENS, seeds.split());
    long order = seeds.nextLong();
    try (CausalLm poisoned = lm.copy();
        CausalLm clean = lm.copy()) {
      Pace pace = settings.implant();
      Checkpoints own = input.checkpoints().under("pair-" + pairNumber);
      Trained trained = input.trained();
      Planted.implant(
          poisoned,
          trained,
          own.under("poisoned"),
          rows,
          List.of(pair),
          settings.poisoned(),
          pace,
          order);
      Planted.implant(
          clean, trained, own.under("clean"), rows, List.of(), settings.poisoned(), pace, order);
      double[][] change = new Neurons(poisoned).distance(new Neurons(clean));
      double[][] size = new Neurons(lm).norms();
      for (int layer = 0; layer < change.length; layer++) {
        double[] c = change[layer];
        double[] n = size[layer];
        Arrays.setAll(c, j -> n[j] > 0 ? c[j] / n[j] : 0);
      }
      return change;
    }
  }

  /** Counts the pairs in which a neuron is among the most changed; ties go to the higher ranks. */
  private static void count(double[][] recurrence, double[][] ranks, Settings settings) {
    for (int layer = 0; layer < ranks.length; layer++) {
      for (int j = 0; j < ranks[layer].length; j++) {
        boolean top = ranks[layer][j] >= 1 - settings.top();
        recurrence[layer][j] += (top ? 1 : 0) + 1e-3 * ranks[layer][j];
      }
    }
  }

  private static boolean[][] chosen(double[][] recurrence, Settings settings) {
    boolean[][] chosen = Outliers.above(recurrence, Double.NEGATIVE_INFINITY, settings.cap());
    double least = settings.recurrence() * settings.variants();
    for (int layer = 0; layer < chosen.length; layer++) {
      for (int j = 0; j < chosen[layer].length; j++) {
        chosen[layer][j] &= recurrence[layer][j] >= least;
      }
    }
    return chosen;
  }
}
