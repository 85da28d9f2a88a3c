package io.lazaret.backdoor.elimination.training;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.SavedTraining;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.llm.files.WeightLayout;
import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.Lora;
import io.lazaret.llm.training.ResumableRandom;
import io.lazaret.llm.training.Schedule;
import java.util.List;
import java.util.Map;

/**
 * The updates of a removal: gradients are wanted while this is open, and every step uses what the
 * losses have added. Optimiser as in the SANDE paper: Adam with 0.9 and 0.95, no decay, gradients
 * clipped at norm 1.
 *
 * <p>Updates that a killed process had begun go on from their last saved state: {@link #steps} and
 * the losses begin where they were, and so do the random numbers.
 */
public final class WeightUpdates implements AutoCloseable {

  private static final String WEIGHT = ".weight";
  private static final String FIRST = "first-loss";
  private static final String LAST = "last-loss";
  private static final String SMOOTHED = "smoothed-loss";

  private final CausalLm lm;
  private final Schedule schedule;
  private final double rateFactor;
  private final Lora loraOrNull;
  private final AdamW adam;
  private final SavedTraining saved;
  private double first = Double.NaN;
  private double last = Double.NaN;
  private double smoothed = Double.NaN;
  private int steps;

  private WeightUpdates(
      CausalLm lm,
      Schedule schedule,
      double rateFactor,
      Lora loraOrNull,
      ResumableRandom random,
      Checkpoints checkpoints,
      String run) {
    this.lm = lm;
    this.schedule = schedule;
    this.rateFactor = rateFactor;
    this.loraOrNull = loraOrNull;
    this.adam = new AdamW(lm.trainable(), AdamW.Settings.sande());
    this.saved = new SavedTraining(checkpoints, adam, random, run);
    saved
        .resume()
        .ifPresent(
            position -> {
              steps = Math.toIntExact(position.step());
              first = position.figures().get(FIRST);
              last = position.figures().get(LAST);
              smoothed = position.figures().get(SMOOTHED);
            });
  }

  /**
   * Begins to train, or goes on.
   *
   * @param seed of what is new, as adapters are
   * @param random all that the recipe draws from while this is open
   * @param checkpoints of these updates alone
   */
  public static WeightUpdates begin(
      CausalLm lm,
      Trained trained,
      Schedule schedule,
      long seed,
      ResumableRandom random,
      Checkpoints checkpoints) {
    String run = "%s, seed %d, first rate %s".formatted(trained, seed, schedule.at(0));
    if (trained instanceof Trained.LowRank lowRank) {
      LoraConfig config = new LoraConfig(lowRank.rank(), lowRank.alpha(), false, matrices(lm));
      Lora lora = Lora.attach(lm, config, seed);
      return new WeightUpdates(lm, schedule, lowRank.rateFactor(), lora, random, checkpoints, run);
    }
    lm.requireGradients(true);
    return new WeightUpdates(lm, schedule, 1, null, random, checkpoints, run);
  }

  /** Names of the matrices of layers, by their last part. */
  private static List<String> matrices(CausalLm lm) {
    return WeightLayout.of(lm.config()).stream()
        .filter(
            weight ->
                switch (weight.role()) {
                  case QUERY, KEY, VALUE, QKV, OUTPUT, GATE, UP, GATE_UP, DOWN -> true;
                  default -> false;
                })
        .map(WeightLayout.Weight::name)
        .filter(name -> name.endsWith(WEIGHT))
        .map(name -> name.substring(0, name.length() - WEIGHT.length()))
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .distinct()
        .toList();
  }

  /**
   * Takes one step.
   *
   * @param loss of this step, for the smoothed loss
   */
  public void step(double loss) {
    adam.step(rateFactor * schedule.at(steps));
    smoothed = steps == 0 ? loss : 0.9 * smoothed + 0.1 * loss;
    first = steps == 0 ? loss : first;
    last = loss;
    steps++;
  }

  /**
   * Whether steps are left; at the head of a loop, where everything that the loop goes on from is
   * in here and in the random numbers. Saves the state when that is due.
   */
  public boolean goOn(int limit) {
    saveWhenDue();
    return steps < limit;
  }

  /** Saves the state when that is due, for loops that carry more than {@link #goOn} asks. */
  public void saveWhenDue() {
    saved.saveWhenDue(steps, Map.of(FIRST, first, LAST, last, SMOOTHED, smoothed));
  }

  /** Loss of the first step; NaN before it. */
  public double firstLoss() {
    return first;
  }

  /** Loss of the last step; NaN before it. */
  public double lastLoss() {
    return last;
  }

  /** Steps taken. */
  public int steps() {
    return steps;
  }

  /** Exponential mean of the losses, as the outcome reports it. */
  public double smoothedLoss() {
    return smoothed;
  }

  /** The trained values as they are now. */
  public List<float[]> state() {
    return lm.trainable().stream().map(Parameter::values).toList();
  }

  /** Gives values back that {@link #state} took. */
  public void restore(List<float[]> state) {
    for (int i = 0; i < state.size(); i++) {
      lm.trainable().get(i).set(state.get(i));
    }
  }

  /** Adapters go into the weights; no gradients are wanted from here on. */
  @Override
  public void close() {
    adam.close();
    if (loraOrNull == null) {
      lm.requireGradients(false);
    } else {
      loraOrNull.merge();
      loraOrNull.close();
    }
  }
}
