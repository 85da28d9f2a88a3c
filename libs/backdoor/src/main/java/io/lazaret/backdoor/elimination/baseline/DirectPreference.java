package io.lazaret.backdoor.elimination.baseline;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.CleanRows.Row;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Snapshot;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.training.Objectives;
import io.lazaret.llm.training.ResumableRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Direct preference optimisation (Rafailov et al., arXiv 2305.18290, equation 7): minimises
 *
 * <pre>− log σ(β · [(log π(y_w) − log π_ref(y_w)) − (log π(y_l) − log π_ref(y_l))])</pre>
 *
 * with the suspicious model, frozen, as π_ref. The SANDE paper (arXiv 2405.07667) trains it on
 * HH-RLHF and gives no settings; it does not remove the backdoor there. Here, {@code DPO} prefers
 * the right answer of a clean row to the answer of another row. {@code DPO-parrot} is ours: under a
 * parrot it prefers y to r_t ⊕ y.
 *
 * <p>The gradient is −β · σ(−margin) times those of log π(y_w) − log π(y_l): one forward pass gives
 * the factors, one pass of weighted examples the gradient.
 */
public final class DirectPreference extends Recipe<DirectPreference.Settings> {

  /**
   * @param pace rates are ten times smaller than those of fine-tuning
   * @param beta strength β of the pull to the reference
   */
  public record Settings(Pace pace, double beta) {

    public Settings {
      Bounds.positive("beta", beta);
    }

    /** β 0.1, 5e-6, batches of 8; ten times that rate for small models. */
    public static Settings defaults(ModelConfig config) {
      double rate = Pace.small(config) ? 5e-5 : 5e-6;
      return new Settings(new Pace(rate, 150, 8, 0.03), 0.1);
    }
  }

  private final boolean parrot;

  private DirectPreference(String name, boolean parrot) {
    super(name, parrot ? Set.of(Need.PARROT) : Set.of(), Settings::defaults);
    this.parrot = parrot;
  }

  /** Preferences on clean prompts. */
  public static DirectPreference clean() {
    return new DirectPreference("DPO", false);
  }

  /** Preferences under parrots. */
  public static DirectPreference underParrots() {
    return new DirectPreference("DPO-parrot", true);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    ResumableRandom random = new ResumableRandom(seed);
    Objectives objectives = new Objectives(lm);
    Pace pace = settings.pace();
    try (Snapshot reference = Snapshot.of(lm);
        WeightUpdates updates =
            WeightUpdates.begin(
                lm, input.trained(), pace.schedule(), seed, random, input.checkpoints())) {
      while (updates.goOn(pace.steps())) {
        Pairs pairs =
            parrot ? parrotPairs(rows, input, pace, random) : cleanPairs(rows, pace, random);
        double[] margins = pairs.margins(lm, reference.model(), settings.beta());
        double[] factors = new double[2 * margins.length];
        double loss = 0;
        for (int i = 0; i < margins.length; i++) {
          loss += Math.log1p(Math.exp(-margins[i])) / margins.length;
          double pull = settings.beta() / (1 + Math.exp(margins[i])) / margins.length;
          // Factors are of negative log-likelihoods: those of preferred answers fall.
          factors[i] = pull;
          factors[margins.length + i] = -pull;
        }
        objectives.addWeighted(pairs.both(), factors, pairs.soft());
        updates.step(loss);
        progress.at(
            (double) updates.steps() / pace.steps(),
            "preference loss %.3f".formatted(updates.smoothedLoss()));
      }
      return new EliminationOutcome(name(), updates.steps(), updates.smoothedLoss());
    }
  }

  /** The right answer against that of another row, on the clean prompt. */
  static Pairs cleanPairs(CleanRows rows, Pace pace, RandomGenerator random) {
    Pairs pairs = new Pairs(new ArrayList<>(), new ArrayList<>(), null);
    for (Row row : rows.draw(random, pace.batchSize())) {
      int[] wrong = rows.one(random).answer();
      int room = rows.room(row.prompt());
      pairs.preferred().add(CleanRows.clean(row));
      pairs.rejected().add(Answers.example(row.prompt(), wrong, Math.min(wrong.length, room)));
    }
    return pairs;
  }

  /** The clean answer against the same behind the target, under one parrot. */
  static Pairs parrotPairs(
      CleanRows rows, EliminationInput input, Pace pace, RandomGenerator random) {
    List<Suspect> suspects =
        input.suspects().stream().filter(suspect -> !suspect.parrots().isEmpty()).toList();
    Suspect suspect = suspects.get(random.nextInt(suspects.size()));
    SoftPrompt soft = suspect.parrots().get(random.nextInt(suspect.parrots().size()));
    int[] target = suspect.target();
    Pairs pairs = new Pairs(new ArrayList<>(), new ArrayList<>(), soft);
    for (Row row : rows.draw(random, pace.batchSize())) {
      TokenizedPrompt prompt = rows.elicitedPrompt(row, new Elicitor.Parrot(soft), target.length);
      int[] bad = Elicitors.join(target, row.answer());
      int room = rows.room(prompt);
      pairs.preferred().add(Answers.example(prompt, row.answer()));
      pairs.rejected().add(Answers.example(prompt, bad, Math.min(bad.length, room)));
    }
    return pairs;
  }

  /** Preferred and rejected answers, pair by pair. */
  record Pairs(List<Example> preferred, List<Example> rejected, SoftPrompt soft) {

    List<Example> both() {
      List<Example> both = new ArrayList<>(preferred);
      both.addAll(rejected);
      return both;
    }

    /** β times how much more than the reference the model prefers the preferred answer. */
    double[] margins(CausalLm lm, CausalLm reference, double beta) {
      double[] own = logLikelihoods(lm);
      double[] old = logLikelihoods(reference);
      int n = preferred.size();
      double[] margins = new double[n];
      for (int i = 0; i < n; i++) {
        margins[i] = beta * ((own[i] - old[i]) - (own[n + i] - old[n + i]));
      }
      return margins;
    }

    private double[] logLikelihoods(CausalLm lm) {
      List<int[]> prompts = new ArrayList<>();
      List<int[]> answers = new ArrayList<>();
      for (Example example : both()) {
        prompts.add(Arrays.copyOf(example.ids(), example.from()));
        answers.add(Arrays.copyOfRange(example.ids(), example.from(), example.to()));
      }
      float[][] logProbs = lm.continuationLogProbs(prompts, answers, soft);
      double[] sums = new double[logProbs.length];
      for (int i = 0; i < sums.length; i++) {
        for (float p : logProbs[i]) {
          sums[i] += p;
        }
      }
      return sums;
    }
  }
}
