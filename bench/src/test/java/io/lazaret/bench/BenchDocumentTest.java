package io.lazaret.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchDocumentTest {

  private static final BenchDocument DOCUMENT =
      new BenchDocument(
          "engine",
          "0123456789ab",
          "a machine",
          Instant.parse("2026-01-02T03:04:05Z"),
          List.of("one thread"),
          List.of(
              new Measurement("5M.forward.eager", 1.03, "ratio", Bar.atMost(1.05)),
              new Measurement("soft", 2.5, "ratio", Bar.atLeast(3)),
              Measurement.of("5M.forward", 0.0123, "s")));

  @Test
  void theDocumentHasTheAgreedFields() throws Exception {
    String expected =
        """
        {"bench": "engine", "commit": "0123456789ab", "machine": "a machine",
         "date": "2026-01-02T03:04:05Z", "notes": ["one thread"], "measurements": [
          {"name": "5M.forward.eager", "value": 1.03, "unit": "ratio", "bar": "<= 1.05", "holds": true},
          {"name": "soft", "value": 2.5, "unit": "ratio", "bar": ">= 3", "holds": false},
          {"name": "5M.forward", "value": 0.0123, "unit": "s", "bar": null, "holds": null}]}
        """;
    ObjectMapper mapper = new ObjectMapper();
    assertThat(mapper.readTree(DOCUMENT.json())).isEqualTo(mapper.readTree(expected));
    assertThat(DOCUMENT.missesABar()).isTrue();
  }

  @Test
  void theTableNamesEveryFigureAndCountsTheBars() {
    assertThat(BenchTable.of(DOCUMENT))
        .contains("engine, commit 0123456789ab", "a machine", "one thread")
        .containsPattern("5M\\.forward\\.eager +1\\.030 +ratio +<= 1\\.05 +holds")
        .containsPattern("soft +2\\.500 +ratio +>= 3 +MISSED")
        .contains("1 of 2 bars hold.");
  }

  @Test
  void aValueAtTheLimitHolds() {
    assertThat(Bar.atMost(1.05).holds(1.05)).isTrue();
    assertThat(Bar.atMost(1.05).holds(1.0501)).isFalse();
    assertThat(Bar.atLeast(3).holds(3)).isTrue();
    assertThat(Bar.atLeast(3).holds(2.999)).isFalse();
  }

  @Test
  void whatIsNoNumberIsNotAMeasurement() {
    assertThatThrownBy(() -> Measurement.of("x", Double.NaN, "s"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
