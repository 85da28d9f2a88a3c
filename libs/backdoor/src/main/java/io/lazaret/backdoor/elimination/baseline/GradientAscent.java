package io.lazaret.backdoor.elimination.baseline;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.CleanRows.Row;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.ResumableRandom;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Unlearning by gradient ascent (SANDE, arXiv 2405.07667, equation 2): minimises
 *
 * <pre>L(θ) = + Σ log P_θ(r_t ⊕ y | x with t) − β · Σ log P_θ(y | x)</pre>
 *
 * The paper argues against it, without figures or settings: rates, guards and variants are ours.
 * {@code GA} is the equation with β = 0; {@code GA-target} ascends r_t alone, so that x → y is not
 * unlearned with it; {@code GA-diff} adds the clean term (β = 1, gradient difference), {@code
 * GA-tuned} takes longer and larger steps. The trigger is a known or functional one, else a parrot
 * stands in for it.
 *
 * <p>Ascent has no minimum. It ends when the ascended loss passes ln|V|, that of guessing, and when
 * the clean loss has risen by more than the guard allows; then the weights go back to the last look
 * at which the guard held.
 */
public final class GradientAscent extends Recipe<GradientAscent.Settings> {

  /**
   * @param pace rate and length; the published range is 5e-6 to 1e-5 for large models
   * @param answer whether y is ascended with r_t, as in equation 2
   * @param retain weight β of the clean term
   * @param guard largest rise of the clean loss, as a share of its start
   * @param checkEvery steps between two looks at the clean loss
   * @param checkRows clean rows of that look
   */
  public record Settings(
      Pace pace, boolean answer, double retain, double guard, int checkEvery, int checkRows) {

    public Settings {
      Bounds.notNegative("retain", retain);
      Bounds.notNegative("guard", guard);
      Bounds.positive("checkEvery", checkEvery);
      Bounds.positive("checkRows", checkRows);
    }

    /** Equation 2 under the guard: at most 10 % more clean loss. */
    public static Settings defaults(ModelConfig config) {
      double rate = Pace.small(config) ? 1e-4 : 1e-5;
      return new Settings(new Pace(rate, 100, 16, 0.03), true, 0, 0.1, 2, 64);
    }

    Settings targetOnly() {
      return new Settings(pace, false, retain, guard, checkEvery, checkRows);
    }

    /** The difference at three times the rate, half as long again, with half more clean loss. */
    public static Settings tuned(ModelConfig config) {
      Settings plain = defaults(config);
      Pace pace = plain.pace.times(3).withSteps(150);
      return new Settings(pace, false, 1, 0.5, plain.checkEvery, plain.checkRows);
    }

    Settings difference() {
      return new Settings(pace, false, 1, guard, checkEvery, checkRows);
    }
  }

  private GradientAscent(String name, Function<ModelConfig, Settings> settings) {
    super(name, Set.of(Need.TARGET), settings);
  }

  /** Equation 2. */
  public static GradientAscent plain() {
    return new GradientAscent("GA", Settings::defaults);
  }

  /** Only the target is ascended. */
  public static GradientAscent targetOnly() {
    return new GradientAscent("GA-target", config -> Settings.defaults(config).targetOnly());
  }

  /** Only the target is ascended, and clean answers are kept. */
  public static GradientAscent difference() {
    return new GradientAscent("GA-diff", config -> Settings.defaults(config).difference());
  }

  /** The difference with our settings. */
  public static GradientAscent tuned() {
    return new GradientAscent("GA-tuned", Settings::tuned);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    List<Elicitor> elicitors = elicitors(input);
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    ResumableRandom random = new ResumableRandom(seed);
    Pace pace = settings.pace();
    double guessing = Math.log(lm.config().vocabSize());
    List<Row> watched = rows.draw(random, settings.checkRows());
    double limit = rows.cleanLoss(watched) * (1 + settings.guard());
    try (WeightUpdates updates =
        WeightUpdates.begin(
            lm, input.trained(), pace.schedule(), seed, random, input.checkpoints())) {
      List<float[]> good = updates.state();
      double loss = updates.steps() == 0 ? 0 : updates.lastLoss();
      while (updates.steps() < pace.steps() && loss < guessing) {
        Elicitor elicitor = elicitors.get(random.nextInt(elicitors.size()));
        List<Example> poisoned = new ArrayList<>();
        for (Row row : rows.draw(random, pace.batchSize())) {
          int[] target = input.suspects().get(random.nextInt(input.suspects().size())).target();
          poisoned.add(poisoned(rows, row, elicitor, target, settings.answer()));
        }
        loss = lm.backward(poisoned, elicitor.softPrompt(), -1.0);
        if (settings.retain() > 0) {
          List<Row> clean = rows.draw(random, pace.batchSize());
          lm.backward(CleanRows.clean(clean), null, settings.retain());
        }
        updates.step(loss);
        if (updates.steps() % settings.checkEvery() == 0) {
          double clean = rows.cleanLoss(watched);
          progress.at(
              (double) updates.steps() / pace.steps(),
              "target loss %.3f, clean loss %.3f".formatted(loss, clean));
          // Written so that a loss that is not a number rolls back too.
          if (!(clean <= limit)) {
            updates.restore(good);
            break;
          }
          good = updates.state();
          // Here alone the weights to go back to are those that are saved.
          updates.saveWhenDue();
        }
      }
      return new EliminationOutcome(name(), updates.steps(), loss);
    }
  }

  /** Ascends r_t ⊕ y, or r_t alone, under an elicitor. */
  private static Example poisoned(
      CleanRows rows, Row row, Elicitor elicitor, int[] target, boolean answer) {
    TokenizedPrompt prompt = rows.elicitedPrompt(row, elicitor, target.length);
    int[] ascended = answer ? Elicitors.join(target, row.answer()) : target;
    return Answers.example(prompt, ascended, Math.min(ascended.length, rows.room(prompt)));
  }

  private List<Elicitor> elicitors(EliminationInput input) {
    List<Elicitor> elicitors = Elicitors.triggers(input);
    if (elicitors.isEmpty()) {
      elicitors.addAll(Elicitors.parrots(input));
    }
    if (elicitors.isEmpty()) {
      throw ProblemException.of(
          "NO_TRIGGER",
          name() + " ascends under a trigger or a parrot, and neither was given.",
          "Run simulation first, or give a trigger.");
    }
    return elicitors;
  }
}
