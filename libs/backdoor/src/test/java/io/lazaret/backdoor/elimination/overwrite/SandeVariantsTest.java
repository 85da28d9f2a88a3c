package io.lazaret.backdoor.elimination.overwrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethod;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Removal;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SandeVariantsTest {

  private CausalLm lm;

  @BeforeEach
  void open() {
    lm = Fixtures.backdoored();
  }

  @AfterEach
  void close() {
    lm.close();
  }

  @Test
  void distillingUnderParrotsUnlearnsATriggerThatWasNeverSeen() {
    double before = Removal.targetLoss(lm);
    double clean = Removal.heldOutLoss(lm);
    EliminationInput input = Removal.input(Suspect.of(Removal.target(lm)));

    SandeExtended.all().eliminate(lm, input, shortly(1e9, 0), 1, Progress.none());

    assertThat(Removal.targetLoss(lm)).isGreaterThan(8 * before);
    assertThat(Removal.heldOutLoss(lm)).isLessThan(1.3 * clean);
  }

  @Test
  void stopsOnceParrotsChangeNothing() {
    EliminationInput input = Removal.input(Suspect.of(Removal.target(lm)));
    EliminationOutcome outcome =
        SandeExtended.all().eliminate(lm, input, shortly(1e9, 2), 1, Progress.none());
    assertThat(outcome.steps()).isEqualTo(2);
  }

  private static ExtendedSettings shortly(double tolerance, int checkEvery) {
    return new ExtendedSettings(
        1,
        List.of(3),
        20,
        0.1,
        0.1,
        true,
        1,
        10,
        tolerance,
        checkEvery,
        8,
        0.5,
        new Pace(5e-4, 16, 8, 0.03));
  }

  @Test
  void deflatesUntilNothingIsFound() {
    List<int[]> hidden = new ArrayList<>(List.of(new int[] {5}, new int[] {6}, new int[] {7}));
    Peeling removal = new Peeling(hidden);
    EliminationOutcome outcome =
        SandeDeflation.with((model, in, seed, progress) -> removal.scan(), removal, 10)
            .eliminate(lm, Removal.input(), 1, Progress.none());
    assertThat(hidden).isEmpty();
    assertThat(outcome.steps()).isEqualTo(3);
  }

  @Test
  void deflationEndsAfterItsLastRound() {
    Peeling removal = new Peeling(new ArrayList<>(List.of(new int[] {5}, new int[] {6})));
    EliminationOutcome outcome =
        SandeDeflation.with((model, in, seed, progress) -> removal.scan(), removal, 1)
            .eliminate(lm, Removal.input(), 1, Progress.none());
    assertThat(outcome.steps()).isEqualTo(1);
    assertThat(removal.left()).hasSize(1);
  }

  @Test
  void deflationRefusesAModelOfWhichNothingCanBeTold() {
    SandeDeflation method =
        SandeDeflation.with(
            (model, in, seed, progress) -> doubt(), new Peeling(new ArrayList<>()), 5);
    EliminationInput nothingGiven = Removal.input().withSuspects(List.of());
    assertThatThrownBy(() -> method.eliminate(lm, nothingGiven, 1, Progress.none()))
        .hasMessageContaining("DETECTION_UNASSESSED");
  }

  @Test
  void deflationKeepsWhatItRemovedWhenNothingMoreCanBeTold() {
    Peeling removal = new Peeling(new ArrayList<>(List.of(new int[] {5}, new int[] {6})));
    EliminationOutcome outcome =
        SandeDeflation.with((model, in, seed, progress) -> doubt(), removal, 5)
            .eliminate(lm, Removal.input().withSuspects(removal.left()), 1, Progress.none());
    assertThat(outcome.steps()).isEqualTo(1);
  }

  private static SandeDeflation.Scan doubt() {
    return new SandeDeflation.Scan(List.of(), Optional.of("no trigger was found"));
  }

  /** Removes the first of what is hidden, one step each. */
  private record Peeling(List<int[]> hidden) implements EliminationMethod {

    SandeDeflation.Scan scan() {
      return new SandeDeflation.Scan(left(), Optional.empty());
    }

    List<Suspect> left() {
      return hidden.stream().limit(1).map(Suspect::of).toList();
    }

    @Override
    public String name() {
      return "peeling";
    }

    @Override
    public Set<Need> needs() {
      return Set.of(Need.TARGET);
    }

    @Override
    public EliminationOutcome eliminate(
        CausalLm model, EliminationInput input, long seed, Progress progress) {
      assertThat(input.suspects().get(0).target()).isEqualTo(hidden.remove(0));
      return new EliminationOutcome(name(), 1, 0);
    }
  }

  @Test
  void namesAnEmptyListOfParrots() {
    assertThatThrownBy(
            () ->
                new ExtendedSettings(
                    1, List.of(), 1, 0, 0, false, 0, 1, 0, 0, 1, 0, new Pace(1, 1, 1, 0)))
        .hasMessageContaining("SETTING_OUT_OF_RANGE")
        .hasMessageContaining("parrotLengths");
  }
}
