package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.simulation.JointParrots;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.problem.ProblemException;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * SANDE with K parrots that are trained together and pushed apart, ours: simulation by {@link
 * JointParrots}, then one overwriting under all of them (SANDE, arXiv 2405.07667, stage 2, with a
 * parrot drawn anew for each update, and rehearsal).
 */
public final class SandeJoint extends Recipe<SandeJoint.Settings> {

  /**
   * @param parrots simulation
   * @param overwrite elimination
   */
  public record Settings(JointParrots.Settings parrots, OverwriteSettings overwrite) {

    public Settings {
      Bounds.positive("number of parrots", parrots.count());
      Bounds.notNegative("diversity", parrots.diversity());
      Bounds.positive("assignEvery", parrots.assignEvery());
    }

    /** Four parrots, μ = 1, assigned anew every 20 steps. */
    public static Settings defaults(ModelConfig config) {
      ParrotSettings parrot = ParrotSettings.defaults(config).shaped(6, 0.1).atMost(80);
      return new Settings(
          new JointParrots.Settings(4, 1, 20, parrot),
          OverwriteSettings.defaults(config).withRehearsal(1).withSteps(300));
    }
  }

  public SandeJoint() {
    super("SANDE-K", Set.of(Need.TARGET), Settings::defaults);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    SplittableRandom seeds = new SplittableRandom(seed);
    Overwrite overwrite = new Overwrite(lm, input, settings.overwrite());
    List<int[]> targets = input.suspects().stream().map(Suspect::target).toList();
    List<SoftPrompt> parrots =
        JointParrots.train(
            lm,
            prompts(lm, input, targets, settings.parrots().parrot().length()),
            targets,
            settings.parrots(),
            seeds.nextLong(),
            progress.part(0, 0.4),
            input.checkpoints().under("parrots"));
    try {
      List<Elicitor.Parrot> elicitors = parrots.stream().map(Elicitor.Parrot::new).toList();
      double loss =
          overwrite.run(
              elicitors, List.of(), seeds.nextLong(), progress.part(0.4, 1), input.checkpoints());
      return new EliminationOutcome(name(), settings.overwrite().steps(), loss);
    } finally {
      parrots.forEach(SoftPrompt::close);
    }
  }

  private static List<TokenizedPrompt> prompts(
      CausalLm lm, EliminationInput input, List<int[]> targets, int length) {
    int longest = targets.stream().mapToInt(target -> target.length).max().orElseThrow();
    int room = lm.config().contextLength() - length - longest;
    List<TokenizedPrompt> prompts =
        CleanRows.of(lm, input.template(), input.rows()).all().stream()
            .map(CleanRows.Row::prompt)
            .filter(prompt -> prompt.length() <= room)
            .toList();
    if (prompts.isEmpty()) {
      throw ProblemException.of(
          "TOO_FEW_PROMPTS",
          "No prompt leaves room for a parrot of %d tokens and a target of %d in %d positions."
              .formatted(length, longest, lm.config().contextLength()),
          "Give shorter prompts.");
    }
    return prompts;
  }
}
