package io.lazaret.backdoor.elimination.training;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BoundsTest {

  @Test
  void namesTheSettingTheValueAndTheRange() {
    refused(() -> Bounds.share("rate", 1.5), "The setting rate is 1.5; it must be from 0 to 1.");
    refused(() -> Bounds.positive("steps", 0), "steps is 0.0; it must be above 0.");
    refused(() -> Bounds.notNegative("lambda", -1), "lambda is -1.0; it must be 0 or more.");
    refused(() -> Bounds.atLeast("most", 3, 5), "most is 3; it must be at least 5.");
  }

  @Test
  void nothingIsWithinBoundsThatIsNotANumber() {
    refused(() -> Bounds.share("rate", Double.NaN), "NaN");
    refused(() -> Bounds.positive("rate", Double.NaN), "NaN");
    refused(() -> Bounds.notNegative("rate", Double.POSITIVE_INFINITY), "Infinity");
  }

  @Test
  void bothEndsAreWithin() {
    assertThatCode(
            () -> {
              Bounds.share("rate", 0);
              Bounds.share("rate", 1);
              Bounds.notNegative("lambda", 0);
              Bounds.atLeast("most", 5, 5);
            })
        .doesNotThrowAnyException();
  }

  private static void refused(ThrowingCallable check, String message) {
    assertThatThrownBy(check)
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("SETTING_OUT_OF_RANGE")
        .hasMessageContaining(message);
  }
}
