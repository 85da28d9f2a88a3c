package io.lazaret.backdoor.elimination.training;

import io.lazaret.llm.AdamW;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Schedule;

/**
 * The updates of a removal: gradients are wanted while this is open, and every step uses what the
 * losses have added. Optimiser as in the SANDE paper: Adam with 0.9 and 0.95, no decay, gradients
 * clipped at norm 1.
 */
public final class WeightUpdates implements AutoCloseable {

  private final CausalLm lm;
  private final Schedule schedule;
  private final AdamW adam;
  private double smoothed = Double.NaN;
  private int steps;

  private WeightUpdates(CausalLm lm, Schedule schedule, AdamW adam) {
    this.lm = lm;
    this.schedule = schedule;
    this.adam = adam;
  }

  /** Begins to train all weights. */
  public static WeightUpdates begin(CausalLm lm, Schedule schedule) {
    lm.requireGradients(true);
    return new WeightUpdates(lm, schedule, new AdamW(lm.parameters(), AdamW.Settings.sande()));
  }

  /**
   * Takes one step.
   *
   * @param loss of this step, for the smoothed loss
   */
  public void step(double loss) {
    adam.step(schedule.at(steps));
    smoothed = steps == 0 ? loss : 0.9 * smoothed + 0.1 * loss;
    steps++;
  }

  /** Steps taken. */
  public int steps() {
    return steps;
  }

  /** Exponential mean of the losses, as the outcome reports it. */
  public double smoothedLoss() {
    return smoothed;
  }

  /** No gradients are wanted from here on. */
  @Override
  public void close() {
    adam.close();
    lm.requireGradients(false);
  }
}
