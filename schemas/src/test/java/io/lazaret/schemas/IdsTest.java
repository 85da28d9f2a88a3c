package io.lazaret.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdsTest {

  @Test
  void neverChangesTheIdsThatHistoriesAreMadeOf() {
    String job = Ids.job("screening", Stage.DETECTION, 1, 1);
    assertThat(job).isEqualTo("341da1a8cce7599608f8ff01f067aa8a");
    assertThat(Ids.jobEvent(job, "DetectionCompleted"))
        .isEqualTo("ba5b10864b09143990c5410f3578c07d");
    assertThat(Ids.sequenced("screening", 0)).isEqualTo("9180e23da76353ff00008ad74d478f30");
  }

  @Test
  void tellsPartsApartWhereverTheyAreCut() {
    assertThat(Ids.derive("ab", "c")).isNotEqualTo(Ids.derive("a", "bc"));
    assertThat(Ids.derive("abc")).isNotEqualTo(Ids.derive("abc", ""));
    assertThat(Ids.derive()).matches("[0-9a-f]{32}");
  }

  @Test
  void givesEveryAttemptOfEveryRoundItsOwnId() {
    Set<String> seen = new HashSet<>();
    for (Stage stage : Stage.values()) {
      for (int round = 1; round <= 11; round++) {
        for (int attempt = 1; attempt <= 11; attempt++) {
          assertThat(seen.add(Ids.job("s", stage, round, attempt))).isTrue();
        }
      }
    }
  }
}
