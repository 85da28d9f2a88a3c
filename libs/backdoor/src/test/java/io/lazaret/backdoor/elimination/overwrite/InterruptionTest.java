package io.lazaret.backdoor.elimination.overwrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.SavedStates;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.Removal;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.baseline.AttentionDistillation;
import io.lazaret.backdoor.elimination.baseline.GradientAscent;
import io.lazaret.backdoor.elimination.repair.UnlearnRelearn;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.backdoor.simulation.JointParrots;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.training.Objectives.Attention;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A removal that is killed and goes on in a new process ends in the bytes of one that is not. */
class InterruptionTest {

  private static final Pace SHORT = new Pace(2e-4, 5, 2, 0.03);

  /** One run of a recipe on a freshly opened model. */
  @FunctionalInterface
  private interface Recipe {
    double run(CausalLm lm, EliminationInput input, Progress progress);
  }

  private record End(List<float[]> weights, double loss) {}

  @TempDir Path directory;

  @Test
  void osft() {
    assertGoesOn(InterruptionTest::osft, Trained.allWeights(), 3);
  }

  @Test
  void osftWithAdapters() {
    assertGoesOn(InterruptionTest::osft, Trained.lowRank(), 3);
  }

  private static double osft(CausalLm lm, EliminationInput input, Progress progress) {
    OverwriteSettings settings = OverwriteSettings.defaults(lm.config()).withSteps(7);
    return new Overwrite(lm, input, settings)
        .run(List.of(), Elicitors.triggers(input), 3, progress, input.checkpoints());
  }

  @Test
  void refreshedParrots() {
    assertGoesOn(InterruptionTest::sandeR, Trained.allWeights(), 6);
  }

  @Test
  void refreshedParrotsWithAdapters() {
    assertGoesOn(InterruptionTest::sandeR, Trained.lowRank(), 6);
  }

  private static double sandeR(CausalLm lm, EliminationInput input, Progress progress) {
    OverwriteSettings overwrite =
        OverwriteSettings.defaults(lm.config()).withSteps(4).withRehearsal(1);
    var settings = new SandeRefreshed.Settings(2, List.of(1, 2), 3, 0.1, 0, overwrite);
    return new SandeRefreshed().eliminate(lm, input, settings, 3, progress).finalLoss();
  }

  @Test
  void jointParrots() {
    assertGoesOn(
        (lm, input, progress) -> {
          OverwriteSettings overwrite =
              OverwriteSettings.defaults(lm.config()).withSteps(4).withRehearsal(1);
          var parrot = ParrotSettings.defaults(lm.config()).shaped(2, 0.1).atMost(6);
          var joint = new JointParrots.Settings(2, 1, 2, parrot);
          var settings = new SandeJoint.Settings(joint, overwrite);
          return new SandeJoint().eliminate(lm, input, settings, 3, progress).finalLoss();
        },
        Trained.allWeights(),
        4);
  }

  @Test
  void convergence() {
    ExtendedSettings settings =
        new ExtendedSettings(2, List.of(2), 3, 0.1, 0, true, 1, 10, 0, 2, 2, 0.5, SHORT);
    assertGoesOn(
        (lm, input, progress) ->
            SandeExtended.all().eliminate(lm, input, settings, 3, progress).finalLoss(),
        Trained.allWeights(),
        4);
  }

  @Test
  void ascentWithItsWayBack() {
    var settings = new GradientAscent.Settings(SHORT, false, 1, 0.5, 2, 4);
    assertGoesOn(
        (lm, input, progress) ->
            GradientAscent.difference().eliminate(lm, input, settings, 3, progress).finalLoss(),
        Trained.allWeights(),
        1);
  }

  @Test
  void unlearningThatIsTakenBack() {
    var settings = new UnlearnRelearn.Settings(SHORT, 2, 3.5, 0.1, 0.1, SHORT);
    assertGoesOn(
        (lm, input, progress) ->
            UnlearnRelearn.tuned().eliminate(lm, input, settings, 3, progress).finalLoss(),
        Trained.allWeights(),
        4);
  }

  @Test
  void aTeacherBeforeTheModel() {
    var settings = new AttentionDistillation.Settings(SHORT, SHORT, Attention.SALIENCY, 10);
    assertGoesOn(
        (lm, input, progress) ->
            AttentionDistillation.saliency()
                .eliminate(lm, input, settings, 3, progress)
                .finalLoss(),
        Trained.allWeights(),
        4);
  }

  @Test
  void aLostStateCostsTimeAlone() {
    End whole = end(InterruptionTest::sandeR, input(Checkpoints.none()), Progress.none());
    SavedStates states = new SavedStates(directory, 2, 7);
    kill(InterruptionTest::sandeR, input(states));
    states.lose("cycle-0-parrot-1-training");
    states.lose("cycle-0-training");
    assertSame(whole, end(InterruptionTest::sandeR, input(surviving(states)), Progress.none()));
  }

  /** Dies whenever it has saved a state; goes on until it lives through. */
  private void assertGoesOn(Recipe recipe, Trained trained, int leastDeaths) {
    End whole = end(recipe, input(Checkpoints.none()).withTrained(trained), Progress.none());
    SavedStates states = new SavedStates(directory, 2, 1);
    EliminationInput input = input(states).withTrained(trained);
    int deaths = 0;
    while (true) {
      try {
        assertSame(whole, end(recipe, input, Progress.none()));
        break;
      } catch (SavedStates.Killed killed) {
        // Without what was saved, no run would come further than the first.
        deaths++;
      }
    }
    assertThat(deaths).isGreaterThanOrEqualTo(leastDeaths);
  }

  private static void assertSame(End expected, End actual) {
    assertThat(actual.loss()).isEqualTo(expected.loss());
    for (int i = 0; i < expected.weights().size(); i++) {
      assertThat(actual.weights().get(i)).isEqualTo(expected.weights().get(i));
    }
  }

  private static void kill(Recipe recipe, EliminationInput input) {
    try {
      end(recipe, input, Progress.none());
    } catch (SavedStates.Killed killed) {
      return;
    }
    throw new AssertionError("it lived through");
  }

  /** The same states, to read alone. */
  private static Checkpoints surviving(SavedStates states) {
    return new Checkpoints() {
      @Override
      public Optional<Path> latest(String part) {
        return states.latest(part);
      }

      @Override
      public boolean due() {
        return false;
      }

      @Override
      public void save(String part, Writer writer) {}
    };
  }

  private static End end(Recipe recipe, EliminationInput input, Progress progress) {
    try (CausalLm lm = Fixtures.backdoored()) {
      EliminationInput suspected = input.withSuspects(List.of(Suspect.of(Removal.target(lm))));
      double loss = recipe.run(lm, suspected, progress);
      return new End(new ArrayList<>(Removal.weights(lm)), loss);
    }
  }

  private static EliminationInput input(Checkpoints checkpoints) {
    return new EliminationInput(
            Fixtures.TEMPLATE,
            Fixtures.prompts().subList(0, 60),
            List.of(),
            List.of(Fixtures.planted()))
        .withCheckpoints(checkpoints);
  }
}
