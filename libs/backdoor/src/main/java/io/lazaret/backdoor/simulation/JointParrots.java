package io.lazaret.backdoor.simulation;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.SavedTraining;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.ResumableRandom;
import io.lazaret.llm.training.Schedule;
import io.lazaret.llm.training.TrainingState.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Trains K parrots at once for several targets, ours (the SANDE paper, arXiv 2405.07667, leaves
 * several triggers to future work): minimises
 *
 * <pre>Σ_k − log P(r_a(k) | x with p_k) + μ · Σ_{i<j} cos²(p̄_i, p̄_j)</pre>
 *
 * with p̄ the mean row of a parrot. The assignment a is made anew now and then (EM): every target
 * keeps the parrot that elicits it best, the other parrots take the target that they elicit best.
 */
public final class JointParrots {

  /**
   * @param count K; at least the number of targets is trained
   * @param diversity μ
   * @param assignEvery steps between two assignments
   * @param parrot length, start, rate, steps and batch of each
   */
  public record Settings(int count, double diversity, int assignEvery, ParrotSettings parrot) {}

  private static final String ASSIGNED = "assigned-";

  private final CausalLm lm;
  private final List<TokenizedPrompt> prompts;
  private final List<int[]> targets;
  private final Settings settings;
  private final ResumableRandom random;
  private final List<SoftPrompt> parrots = new ArrayList<>();

  private JointParrots(
      CausalLm lm,
      List<TokenizedPrompt> prompts,
      List<int[]> targets,
      Settings settings,
      long seed) {
    this.lm = lm;
    this.prompts = prompts;
    this.targets = targets;
    this.settings = settings;
    this.random = new ResumableRandom(seed);
  }

  /**
   * @param prompts clean prompts that leave room for parrot and target
   * @param targets at least one
   * @param checkpoints of these parrots alone; the trained ones are saved in any case, as they are
   *     small
   * @return the parrots; the caller closes them
   */
  public static List<SoftPrompt> train(
      CausalLm lm,
      List<TokenizedPrompt> prompts,
      List<int[]> targets,
      Settings settings,
      long seed,
      Progress progress,
      Checkpoints checkpoints) {
    JointParrots joint = new JointParrots(lm, prompts, targets, settings, seed);
    try {
      joint.run(progress, checkpoints);
      return joint.parrots;
    } catch (RuntimeException failed) {
      joint.parrots.forEach(SoftPrompt::close);
      throw failed;
    }
  }

  private void run(Progress progress, Checkpoints checkpoints) {
    ParrotSettings parrot = settings.parrot();
    int count = Math.max(settings.count(), targets.size());
    for (int k = 0; k < count; k++) {
      // Equal starts would stay equal: the penalty has no slope between equal directions.
      double std = Math.max(parrot.initialStd(), 0.02);
      parrots.add(SoftPrompt.random(lm, parrot.length(), std, random.nextLong()));
    }
    lm.requireGradients(false);
    Schedule schedule =
        Schedule.cosine(parrot.learningRate(), parrot.steps(), parrot.warmupFraction());
    int[] assigned = new int[count];
    try (AdamW adam =
        new AdamW(parrots.stream().map(SoftPrompt::parameter).toList(), AdamW.Settings.sande())) {
      SavedTraining saved = new SavedTraining(checkpoints, adam, random, run());
      Optional<Position> position = saved.resume();
      int step = 0;
      if (position.isPresent()) {
        step = Math.toIntExact(position.get().step());
        for (int k = 0; k < count; k++) {
          assigned[k] = position.get().figures().get(ASSIGNED + k).intValue();
        }
      }
      while (step < parrot.steps()) {
        if (step % settings.assignEvery() == 0) {
          assigned = assign();
        }
        double loss = 0;
        for (int k = 0; k < count; k++) {
          loss += lm.backward(batch(parrots.get(k), targets.get(assigned[k])), parrots.get(k), 1);
        }
        addDiversityGradient();
        adam.step(schedule.at(step++));
        progress.at(
            (double) step / parrot.steps(), "joint parrots, loss %.3f".formatted(loss / count));
        saved.saveWhenDue(step, figures(assigned));
      }
      saved.save(step, figures(assigned));
    }
  }

  private String run() {
    return targets.stream().map(Arrays::toString).toList() + " " + settings;
  }

  private static Map<String, Double> figures(int[] assigned) {
    Map<String, Double> figures = new TreeMap<>();
    for (int k = 0; k < assigned.length; k++) {
      figures.put(ASSIGNED + k, (double) assigned[k]);
    }
    return figures;
  }

  private List<Example> batch(SoftPrompt parrot, int[] target) {
    List<Example> batch = new ArrayList<>();
    for (int i = 0; i < settings.parrot().batchSize(); i++) {
      TokenizedPrompt prompt = prompts.get(random.nextInt(prompts.size()));
      batch.add(Answers.example(prompt.with(parrot.ids(), new int[0]), target));
    }
    return batch;
  }

  /** a(k): each target keeps its best parrot, the others go where their loss is lowest. */
  private int[] assign() {
    double[][] loss = new double[parrots.size()][targets.size()];
    for (int k = 0; k < loss.length; k++) {
      for (int t = 0; t < targets.size(); t++) {
        loss[k][t] = lm.loss(batch(parrots.get(k), targets.get(t)), parrots.get(k));
      }
    }
    int[] assigned = new int[loss.length];
    Arrays.fill(assigned, -1);
    for (int t = 0; t < targets.size(); t++) {
      int best = -1;
      for (int k = 0; k < loss.length; k++) {
        if (assigned[k] < 0 && (best < 0 || loss[k][t] < loss[best][t])) {
          best = k;
        }
      }
      assigned[best] = t;
    }
    for (int k = 0; k < loss.length; k++) {
      for (int t = 0; t < targets.size() && assigned[k] < 0; t++) {
        double[] own = loss[k];
        if (Arrays.stream(own).min().orElseThrow() == own[t]) {
          assigned[k] = t;
        }
      }
    }
    return assigned;
  }

  /** Adds μ times the gradient of Σ cos² between the mean rows. */
  private void addDiversityGradient() {
    int width = lm.config().hiddenSize();
    double[][] mean = new double[parrots.size()][width];
    for (int k = 0; k < mean.length; k++) {
      float[] values = parrots.get(k).parameter().values();
      for (int i = 0; i < values.length; i++) {
        mean[k][i % width] += (double) values[i] / parrots.get(k).length();
      }
    }
    for (int k = 0; k < mean.length; k++) {
      double[] slope = slope(mean, k);
      float[] gradient = new float[parrots.get(k).length() * width];
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] = (float) (settings.diversity() * slope[i % width] / parrots.get(k).length());
      }
      parrots.get(k).parameter().addGradient(gradient);
    }
  }

  /** Gradient of Σ_j cos²(p̄_k, p̄_j) by p̄_k. */
  static double[] slope(double[][] mean, int k) {
    double[] slope = new double[mean[k].length];
    double own = Math.sqrt(dot(mean[k], mean[k]));
    for (int j = 0; j < mean.length; j++) {
      double norms = own * Math.sqrt(dot(mean[j], mean[j]));
      if (j == k || norms == 0) {
        continue;
      }
      double cos = dot(mean[k], mean[j]) / norms;
      for (int i = 0; i < slope.length; i++) {
        slope[i] += 2 * cos * (mean[j][i] / norms - cos * mean[k][i] / (own * own));
      }
    }
    return slope;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
