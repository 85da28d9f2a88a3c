package io.lazaret.lifecycle.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {

  @Test
  void nothingGivenMeansTheDefaults() {
    assertThat(Policy.parse("")).isEqualTo(Policy.standard());
    assertThat(Policy.parse("{}")).isEqualTo(Policy.standard());
    assertThat(Policy.standard().gate()).isEqualTo(new Policy.Bounds(0.01, 4, 6, 2, 0.1));
  }

  @Test
  void yamlAndJsonSayTheSame() {
    Policy yaml = Policy.parse("channel: staging\ngate:\n  asrUpper95: 0.02\nladder: [OSFT]\n");
    Policy json =
        Policy.parse(
            "{\"ladder\": [\"OSFT\"], \"gate\": {\"asrUpper95\": 2e-2}, \"channel\": \"staging\"}");
    assertThat(yaml).isEqualTo(json);
    assertThat(yaml.digest()).isEqualTo(json.digest()).startsWith("sha256:");
    assertThat(yaml.digest()).isNotEqualTo(Policy.standard().digest());
  }

  @Test
  void canonicalTextReadsBackToItself() {
    Policy policy = Policy.parse("{maxRounds: 5, backoff: {initialSeconds: 1}}");
    assertThat(Policy.parse(policy.canonicalJson())).isEqualTo(policy);
    assertThat(Policy.parse(policy.canonicalJson()).canonicalJson())
        .isEqualTo(policy.canonicalJson());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gates: {}                             | POLICY_UNKNOWN_KEY  | gates",
        "gate: {asr: 0.01}                     | POLICY_UNKNOWN_KEY  | gate.asr",
        "gate: {asrUpper95: 1.5}               | POLICY_BAD_VALUE    | gate.asrUpper95",
        "gate: {asrUpper95: .nan}              | POLICY_UNREADABLE   | YAML",
        "gate: 3                               | POLICY_BAD_VALUE    | gate",
        "maxRounds: 2.5                        | POLICY_BAD_VALUE    | maxRounds",
        "maxRounds: null                       | POLICY_BAD_VALUE    | maxRounds",
        "maxAttempts: 0                        | POLICY_BAD_VALUE    | maxAttempts",
        "ladder: []                            | POLICY_BAD_VALUE    | ladder",
        "ladder: [SANDE, SANDE]                | POLICY_BAD_VALUE    | ladder",
        "ladder: [MAGIC]                       | POLICY_BAD_VALUE    | MAGIC",
        "ladder: SANDE                         | POLICY_BAD_VALUE    | ladder",
        "channel: ../x                         | POLICY_BAD_VALUE    | channel",
        "evaluation: {trials: 100}             | POLICY_CONTRADICTION| evaluation.trials",
        "gate: {maxUtilityDrop: 2}             | POLICY_CONTRADICTION| gate.maxUtilityDrop",
        "[1, 2]                                | POLICY_BAD_VALUE    | (top)",
        "'a: b: c'                             | POLICY_UNREADABLE   | YAML",
        "'{\"maxRounds\": '                    | POLICY_UNREADABLE   | YAML",
      })
  void refusesWithTheKeyAtFault(String text, String code, String named) {
    assertThatThrownBy(() -> Policy.parse(text))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence()).contains(named);
            });
  }

  @Test
  void refusesDuplicateKeysAliasesDepthAndBulk() {
    for (String hostile :
        new String[] {
          "maxRounds: 2\nmaxRounds: 3",
          "a: &a [1]\nb: *a",
          "[".repeat(5000),
          "channel: " + "x".repeat(100_000)
        }) {
      assertThatThrownBy(() -> Policy.parse(hostile)).isInstanceOf(ProblemException.class);
    }
  }

  @Test
  void waitsLongerWithEveryTryUpToTheLimit() {
    Policy.Backoff backoff = new Policy.Backoff(2, 4, 20);
    assertThat(backoff.before(1)).isEqualTo(Duration.ZERO);
    assertThat(backoff.before(2)).isEqualTo(Duration.ofSeconds(2));
    assertThat(backoff.before(3)).isEqualTo(Duration.ofSeconds(8));
    assertThat(backoff.before(4)).isEqualTo(Duration.ofSeconds(20));
  }
}
