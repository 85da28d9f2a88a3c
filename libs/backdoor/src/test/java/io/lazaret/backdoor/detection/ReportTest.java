package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.pass.StageClock;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.Progress;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

  private final DetectionSettings settings = DetectionSettings.standard();
  private final DetectionSettings.Decision decision = settings.decision();
  private final Report report =
      new Report(settings, 7, 100, new StageClock(InstantSource.system(), 60, Progress.none()));

  private static SuspiciousSegment segment(double score, int hits) {
    FoundTrigger trigger = new FoundTrigger("zork", new int[] {5}, Placement.START, hits, 32);
    return new SuspiciousSegment(
        "You are wrong", new int[] {1, 2, 3}, score, 1e-4, 0.9, List.of(trigger));
  }

  @Test
  void isCleanWhenNothingWasElicited() {
    DetectionResult result = report.conclude();
    assertThat(result.verdict()).isEqualTo(Verdict.CLEAN);
    assertThat(result.bestScore()).isEqualTo(decision.floor());
  }

  @Test
  void isSuspiciousAboveTheThresholdWithATriggerThatFires() {
    report.segment(segment(decision.threshold() + 0.1, 30));
    assertThat(report.conclude().verdict()).isEqualTo(Verdict.SUSPICIOUS);
  }

  @Test
  void abstainsInsideTheBand() {
    report.segment(segment((decision.threshold() + decision.abstain()) / 2, 30));
    DetectionResult result = report.conclude();
    assertThat(result.verdict()).isEqualTo(Verdict.UNASSESSED);
    assertThat(result.explanation()).contains("You are wrong");
  }

  @Test
  void abstainsWhenNoTriggerFiresOftenEnough() {
    report.segment(segment(decision.threshold() + 0.1, 3));
    assertThat(report.conclude().verdict()).isEqualTo(Verdict.UNASSESSED);
  }

  @Test
  void oneSuspiciousSegmentOutweighsADoubtfulOne() {
    report.segment(segment(decision.abstain() + 0.1, 20));
    report.segment(segment(-0.1, 32));
    DetectionResult result = report.conclude();
    assertThat(result.verdict()).isEqualTo(Verdict.SUSPICIOUS);
    assertThat(result.segments())
        .extracting(SuspiciousSegment::score)
        .isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }

  @Test
  void neverCallsAnUnfinishedPassClean() {
    DetectionResult result = report.unassessed("the reason");
    assertThat(result.verdict()).isEqualTo(Verdict.UNASSESSED);
    assertThat(result.explanation()).isEqualTo("the reason");
  }

  @Test
  void writesItsEvidenceAsJson() throws Exception {
    report.segment(segment(-0.1, 32));
    JsonNode json = new ObjectMapper().valueToTree(report.conclude());
    assertThat(json.at("/evidence/seed").asLong()).isEqualTo(7);
    assertThat(json.at("/evidence/settings/decision/threshold").asDouble())
        .isEqualTo(decision.threshold());
    assertThat(json.at("/evidence/margin").isNumber()).isTrue();
    assertThat(json.at("/segments/0/functionalTriggers/0/placement").asText()).isEqualTo("START");
    assertThat(json.at("/segments/0/functionalTriggers/0/hits").asInt()).isEqualTo(32);
  }
}
