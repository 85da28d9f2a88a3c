package io.lazaret.backdoor.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.data.TokenizedPrompt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ElicitorTest {

  /** Five tokens, of which the second to the fourth are the user text. */
  private static final TokenizedPrompt PROMPT =
      new TokenizedPrompt(new int[] {90, 1, 2, 3, 91}, 1, 4);

  private final Elicitor.Parrot parrot = new Elicitor.Parrot(null, 1);

  @Test
  void aParrotStandsAnywhereInTheUserTextAndBehindIt() {
    var random = new SplittableRandom(1);
    assertThat(IntStream.range(0, 100).map(i -> parrot.placedIn(PROMPT, 1, random).position()))
        .containsOnly(0, 1, 2, 3);
  }

  @Test
  void aParrotThatIsNotMovedTakesNoRandomness() {
    var random = new SplittableRandom(1);
    assertThat(parrot.placedIn(PROMPT, 0, random)).isEqualTo(parrot);
    assertThat(random.nextLong()).isEqualTo(new SplittableRandom(1).nextLong());
  }
}
