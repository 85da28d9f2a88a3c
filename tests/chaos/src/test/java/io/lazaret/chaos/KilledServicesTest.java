package io.lazaret.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However services die, nothing is lost, doubled or stuck. {@link ManyKills} does it for hours. */
class KilledServicesTest {

  @TempDir Path directory;

  @Test
  void nothingIsLostDoubledOrStuckHoweverServicesDie() throws Exception {
    KillRound.Outcome outcome = KillRound.run(directory, 1, 0);
    assertThat(outcome.kills()).isEqualTo(KillRound.POINTS);
    assertThat(outcome.violations()).isEmpty();
    assertThat(outcome.stuck()).isEmpty();
    assertThat(outcome.letters()).isZero();
    assertThat(outcome.decisions()).containsOnlyKeys("PROMOTED");
  }
}
