package io.lazaret.backdoor.detection;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.detection.pass.StageClock;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

  private final DetectionSettings settings = DetectionSettings.standard();
  private final DetectionSettings.Decision decision = settings.decision();
  private final Report report =
      new Report(
          settings,
          7,
          100,
          new StageClock(InstantSource.system(), 60, Progress.none()),
          Detectors.all());

  private static SuspiciousSegment segment(double score, int hits, boolean declared) {
    FoundTrigger trigger = new FoundTrigger("zork", new int[] {5}, Placement.START, hits, 32);
    double[] certain = {0.9, 0.9, 0.9};
    double[] never = {1e-4, 0.3, 0.3};
    Evidence.Basis basis =
        new Evidence.Basis(
            List.of("You", " are", " wrong"),
            never,
            certain,
            certain,
            -0.2,
            new double[] {-3, -0.2},
            -0.2,
            new double[] {-4, -5, -6},
            4,
            -1,
            8,
            6,
            0.5,
            0,
            256,
            0.99);
    return new SuspiciousSegment(
        "You are wrong",
        new int[] {1, 2, 3},
        score,
        1e-4,
        0.9,
        List.of(trigger),
        List.of(),
        Position.START,
        declared,
        basis);
  }

  private static SuspiciousSegment segment(double score, int hits) {
    return segment(score, hits, false);
  }

  @Test
  void isCleanWhenNothingWasElicited() {
    DetectionResult result = report.conclude();
    assertThat(result.verdict()).isEqualTo(Verdict.CLEAN);
    assertThat(result.bestScore()).isEqualTo(decision.floor());
  }

  @Test
  void isSuspiciousAboveTheThresholdWithATriggerThatFires() {
    report.findings().segment(segment(decision.threshold() + 0.1, 30));
    assertThat(report.conclude().verdict()).isEqualTo(Verdict.SUSPICIOUS);
  }

  @Test
  void abstainsInsideTheBand() {
    report.findings().segment(segment((decision.threshold() + decision.abstain()) / 2, 30));
    DetectionResult result = report.conclude();
    assertThat(result.verdict()).isEqualTo(Verdict.UNASSESSED);
    assertThat(result.explanation()).contains("You are wrong");
  }

  @Test
  void abstainsWhenNoTriggerFiresOftenEnough() {
    report.findings().segment(segment(decision.threshold() + 0.1, 3));
    assertThat(report.conclude().verdict()).isEqualTo(Verdict.UNASSESSED);
  }

  @Test
  void oneSuspiciousSegmentOutweighsADoubtfulOne() {
    report.findings().segment(segment(decision.abstain() + 0.1, 20));
    report.findings().segment(segment(5.1, 32));
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
    report.findings().segment(segment(5.1, 32));
    JsonNode json = new ObjectMapper().valueToTree(report.conclude());
    assertThat(json.at("/evidence/seed").asLong()).isEqualTo(7);
    assertThat(json.at("/evidence/settings/decision/threshold").asDouble())
        .isEqualTo(decision.threshold());
    assertThat(json.at("/evidence/margin").isNumber()).isTrue();
    assertThat(json.at("/segments/0/functionalTriggers/0/placement").asText()).isEqualTo("START");
    assertThat(json.at("/segments/0/functionalTriggers/0/hits").asInt()).isEqualTo(32);
  }

  @Test
  void reportsADeclaredResponseAndHoldsItAgainstNobody() {
    report.findings().segment(segment(5.1, 32, true));
    DetectionResult result = report.conclude();
    assertThat(result.verdict()).isEqualTo(Verdict.CLEAN);
    assertThat(result.segments()).isEmpty();
    assertThat(result.evidence().segments()).hasSize(1);
    assertThat(result.explanation()).contains("declared");
  }

  @Test
  void saysWhatACleanVerdictCovers() {
    DetectionResult result = report.conclude();
    assertThat(result.explanation()).contains("start of an answer").contains("end of an answer");
    assertThat(result.evidence().coverage()).anyMatch(line -> line.startsWith("not covered"));
  }

  @Test
  void clearsNobodyWithoutTheDecidingDetectors() {
    Report part =
        new Report(
            settings,
            7,
            100,
            new StageClock(InstantSource.system(), 60, Progress.none()),
            Detectors.named(List.of("causality")));
    DetectionResult result = part.conclude();
    assertThat(result.verdict()).isEqualTo(Verdict.UNASSESSED);
    assertThat(result.explanation()).contains("activation");
  }

  @Test
  void keepsWhatWasFoundBeforeThePassEnded() {
    report.findings().segment(segment(5.1, 32));
    DetectionResult result = report.unassessed("The time budget ran out.");
    assertThat(result.verdict()).isEqualTo(Verdict.SUSPICIOUS);
    assertThat(result.explanation()).contains("not complete");
  }

  @Test
  void confirmsATriggerByItsIntervals() {
    assertThat(segment(5.1, 32).confirmedTriggers()).hasSize(1);
    assertThat(segment(5.1, 9).confirmedTriggers()).isEmpty();
  }
}
