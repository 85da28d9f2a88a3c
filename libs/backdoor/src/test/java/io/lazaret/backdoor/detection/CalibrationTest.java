package io.lazaret.backdoor.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class CalibrationTest {

  private static final List<double[]> OTHERS =
      List.of(
          new double[] {-7, -5, -4},
          new double[] {-8, -6, -5},
          new double[] {-7, -5, -4.5},
          new double[] {-9, -6, -5.5},
          new double[] {-9, -7});

  @Test
  void comparesAtTheGreatestTriggerLengthAtWhichEnoughOthersWereTried() {
    assertThat(Calibration.controls(OTHERS)).containsExactlyInAnyOrder(-4, -5, -4.5, -5.5);
    assertThat(Calibration.controls(List.of())).isEmpty();
  }

  @Test
  void measuresTheDistanceInDeviationsOfTheControls() {
    // Median -4.75, median deviation 0.5: one deviation is 0.7413.
    double[] chain = {-5, -3, -2.5};
    assertThat(Calibration.distance(chain, OTHERS)).isCloseTo(2.25 / 0.7413, within(1e-9));
    assertThat(Calibration.distance(new double[] {0, 0, 0}, OTHERS)).isEqualTo(6);
    assertThat(Calibration.distance(new double[] {-60, -60, -60}, OTHERS)).isEqualTo(-6);
  }

  @Test
  void speaksNeitherWayWithoutControls() {
    double alone = Calibration.score(-1.67, Calibration.distance(new double[] {-2}, List.of()), -3);
    assertThat(alone).isZero();
    assertThat(Calibration.suspicion(alone)).isEqualTo(0.5);
  }

  @Test
  void countsFromTwoTokensOnAndASearchThatEndedByItsLastValue() {
    assertThat(Calibration.soonness(new double[] {-9, -4, -2, -1, -1}, 5, 1)).isEqualTo(-2);
    assertThat(Calibration.soonness(new double[] {-0.01}, 5, 1)).isEqualTo(-0.01);
    assertThat(Calibration.soonness(new double[] {-0.3}, 5, Math.exp(-0.3))).isZero();
  }

  @Test
  void remembersTheWordsOfAChainNotTheRestOfEach() {
    double[] probabilities = {0.001, 0.9, 0.5, 0.8};
    assertThat(Calibration.memory(probabilities, new boolean[] {true, false, true, false}))
        .isEqualTo(Math.log(0.5));
    assertThat(Calibration.memory(probabilities, new boolean[] {true, true, true, true}))
        .isCloseTo(Math.log(0.9 * 0.5 * 0.8) / 3, within(1e-12));
  }

  @Test
  void aSingleWordIsNotRemembered() {
    boolean[] word = {true, false, false};
    assertThat(Calibration.memory(new double[] {0.01, 0.9, 0.9}, word)).isEqualTo(-3);
    assertThat(Calibration.memory(new double[] {0.01, 0.001, 0}, word)).isLessThan(-8);
    assertThat(Calibration.memory(new double[] {0.01}, new boolean[] {true})).isEqualTo(-3);
  }

  @Test
  void aChainThatComesSoonAndIsRememberedScoresAboveOneThatIsForced() {
    double[] planted = {-2.1, -0.8, -0.2, -0.1, -0.1};
    double[] forced = {-8.4, -5.1, -3.5, -2.0, -1.1};
    double a =
        Calibration.score(
            Calibration.soonness(planted, 5, 0.9), Calibration.distance(planted, OTHERS), -1.1);
    double b =
        Calibration.score(
            Calibration.soonness(forced, 5, 0.9), Calibration.distance(forced, OTHERS), -8.9);
    DetectionSettings.Decision decision = DetectionSettings.standard().decision();
    assertThat(a).isGreaterThan(decision.threshold());
    assertThat(b).isLessThan(decision.abstain());
  }

  @Test
  void separateSearchesThatDisagreeRefuteAChain() {
    Calibration.Figures before = new Calibration.Figures(-0.4, 0.4, -1.3, 1);
    assertThat(before.with(Calibration.agreement(0, 0), 0)).isEqualTo(before);
    DetectionSettings.Decision decision = DetectionSettings.standard().decision();
    assertThat(before.score()).isGreaterThan(decision.abstain());
    assertThat(before.with(Calibration.agreement(4, 12), 0).score()).isLessThan(decision.abstain());
    assertThat(before.with(Calibration.agreement(12, 12), 0).score()).isEqualTo(before.score());
  }

  @Test
  void aChainThatIsOnlyMadeLikelyScoresBelowOneThatIsSaid() {
    Calibration.Figures said = new Calibration.Figures(-0.4, 0.4, -1.3, 0.95);
    Calibration.Figures likely = new Calibration.Figures(-0.4, 0.4, -1.3, 0.2);
    assertThat(said.score())
        .isEqualTo(new Calibration.Figures(-0.4, 0.4, -1.3, 1).score())
        .isGreaterThan(likely.score());
  }

  @Test
  void theModelsOwnAnswersBehindAChainSpeakForIt() {
    Calibration.Figures before = new Calibration.Figures(-0.8, 0, -2, 1);
    DetectionSettings.Decision decision = DetectionSettings.standard().decision();
    assertThat(before.score()).isLessThan(decision.threshold());
    assertThat(before.with(Calibration.agreement(0, 0), 0.9).score())
        .isGreaterThan(decision.threshold());
  }
}
