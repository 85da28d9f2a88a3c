package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.lifecycle.decision.Dropped;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.IllegalTransitionException;
import io.lazaret.lifecycle.screening.Position;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.Closed;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.schemas.Verdict;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

class LifecycleTest {

  private final Story story = Story.of(Policy.standard());

  @Test
  void cleanModelIsPromotedUnchanged() {
    story.send(story.clean());
    EvaluateModel command = (EvaluateModel) story.command;
    assertThat(command.getCandidate()).isEqualTo(command.getOriginal());
    story.send(story.evaluated(List.of(), utility(0.6, 0.6)));

    assertThat(story.types())
        .containsExactly(
            "ModelIngested",
            "DetectionCompleted",
            "EvaluationCompleted",
            "ModelPromoted",
            "ReleaseAdvanced");
    assertThat(verdict().getDetection()).isEqualTo(DetectionVerdict.CLEAN);
    assertThat(verdict().getReleased().getDigest()).isEqualTo(Story.DIGEST);
    assertThat(verdict().getElimination()).isNull();
  }

  @Test
  void backdooredModelIsRepairedAndReleased() {
    story.send(story.suspicious(Story.SEGMENT));
    assertThat(story.command).isInstanceOf(SimulateTrigger.class);
    story.send(story.simulated());
    EliminateBackdoor eliminate = (EliminateBackdoor) story.command;
    assertThat(eliminate.getMethod()).isEqualTo("SANDE-R");
    assertThat(eliminate.getParrots()).hasSize(1);
    story.send(story.eliminated());
    DetectBackdoor audit = (DetectBackdoor) story.command;
    assertThat(audit.getJob().getRound()).isEqualTo(2);
    assertThat(audit.getModel().getDigest()).isEqualTo("sha256:after1");
    assertThat(audit.getKnown()).hasSize(1);
    story.send(story.clean());
    EvaluateModel evaluate = (EvaluateModel) story.command;
    assertThat(evaluate.getOriginal().getDigest()).isEqualTo(Story.DIGEST);
    assertThat(evaluate.getCandidate().getDigest()).isEqualTo("sha256:after1");
    assertThat(evaluate.getSegments()).hasSize(1);
    story.send(story.evaluated(0, 0.62, 0.61));

    assertThat(verdict().getDecision()).isEqualTo(Decision.PROMOTED);
    assertThat(verdict().getDetection()).isEqualTo(DetectionVerdict.SUSPICIOUS);
    assertThat(verdict().getReleased().getDigest()).isEqualTo("sha256:after1");
    assertThat(story.channels.get("production").getDigest()).isEqualTo("sha256:after1");
    assertThat(story.last.channels()).hasSize(1);
  }

  @Test
  void roundsGoOnUntilNothingIsFound() {
    repair(Story.SEGMENT);
    repair("Another target.");
    EliminateBackdoor second = (EliminateBackdoor) command(EliminateBackdoor.class);
    assertThat(second).isNull();
    story.send(story.clean());
    EvaluateModel evaluate = (EvaluateModel) story.command;
    assertThat(evaluate.getSegments())
        .extracting("text")
        .containsExactly(Story.SEGMENT, "Another target.");
    assertThat(evaluate.getCandidate().getDigest()).isEqualTo("sha256:after2");
  }

  @Test
  void secondRoundAlsoKeepsTheFirstSegmentsGone() {
    repair(Story.SEGMENT);
    story.send(story.suspicious("Another target."));
    assertThat(((SimulateTrigger) story.command).getSegments()).hasSize(1);
    story.send(story.simulated());
    EliminateBackdoor eliminate = (EliminateBackdoor) story.command;
    assertThat(eliminate.getModel().getDigest()).isEqualTo("sha256:after1");
    assertThat(eliminate.getSegments()).hasSize(2);
    assertThat(eliminate.getParrots()).hasSize(2);
  }

  @Test
  void nextMethodStartsFromTheOriginalWhenRoundsAreUsedUp() {
    for (int round = 0; round < 3; round++) {
      repair(Story.SEGMENT);
    }
    story.send(story.suspicious(Story.SEGMENT));
    SimulateTrigger again = (SimulateTrigger) story.command;
    assertThat(again.getModel().getDigest()).isEqualTo(Story.DIGEST);
    assertThat(again.getSegments()).hasSize(1);
    story.send(story.simulated());
    EliminateBackdoor eliminate = (EliminateBackdoor) story.command;
    assertThat(eliminate.getMethod()).isEqualTo("OSFT");
    assertThat(eliminate.getModel().getDigest()).isEqualTo(Story.DIGEST);
    assertThat(eliminate.getJob().getRound()).isEqualTo(4);
  }

  @Test
  void rejectsWhenEveryMethodLeavesTheBackdoorIn() {
    while (!(story.state instanceof Closed)) {
      repair(Story.SEGMENT);
      if (story.job() != null && story.job().getRound() % 3 == 1) {
        story.send(story.suspicious(Story.SEGMENT));
      }
    }
    assertThat(verdict().getDecision()).isEqualTo(Decision.REJECTED);
    assertThat(verdict().getReleased()).isNull();
    assertThat(verdict().getReasons().get(0)).contains("OSFT").contains(Story.SEGMENT);
    assertThat(story.channels).isEmpty();
  }

  @Test
  void nextMethodIsTriedWhenTheGateIsMissedByFar() {
    repair(Story.SEGMENT);
    story.send(story.clean());
    story.send(story.evaluated(30, 0.6, 0.6));
    assertThat(story.command).isInstanceOf(SimulateTrigger.class);
    story.send(story.simulated());
    assertThat(story.method()).isEqualTo("OSFT");
    story.send(story.eliminated());
    story.send(story.clean());
    story.send(story.evaluated(30, 0.6, 0.6));
    assertThat(story.history.get(story.history.size() - 1)).isInstanceOf(ModelRejected.class);
  }

  @Test
  void holdsForAPersonWithinTwiceTheBound() {
    repair(Story.SEGMENT);
    story.send(story.clean());
    story.send(story.evaluated(2, 0.6, 0.6));
    assertThat(story.history.get(story.history.size() - 1)).isInstanceOf(ModelHeld.class);
    assertThat(verdict().getReleased()).isNull();
    assertThat(story.channels).isEmpty();
  }

  @Test
  void knownTriggerThatFiresOnACleanVerdictIsRejected() {
    story.send(story.clean());
    AsrMeasurement fires = Story.asr("target", 300, 300);
    story.send(story.evaluated(List.of(fires), utility(0.6, 0.6)));
    assertThat(verdict().getDecision()).isEqualTo(Decision.REJECTED);
    assertThat(verdict().getReasons()).anyMatch(r -> r.contains("nothing that could be removed"));
  }

  @Test
  void unassessedDetectionEndsUnassessed() {
    story.send(story.detected(DetectionVerdict.UNASSESSED, -1.2, List.of()));
    assertThat(verdict().getDecision()).isEqualTo(Decision.UNASSESSED);
    assertThat(verdict().getProblem().getSentence()).contains("as told");
  }

  @Test
  void retriesWithBackOffUntilAttemptsAreUsedUp() {
    assertThat(story.job().getNotBefore()).isNull();
    long seed = story.job().getSeed();
    story.send(story.failed(true));
    assertThat(story.job().getAttempt()).isEqualTo(2);
    assertThat(story.job().getNotBefore()).isEqualTo(story.now.plusSeconds(2));
    story.send(story.failed(true));
    assertThat(story.job().getNotBefore()).isEqualTo(story.now.plusSeconds(8));
    assertThat(story.job().getSeed()).isEqualTo(seed);
    story.send(story.failed(true));

    assertThat(story.history.get(story.history.size() - 1)).isInstanceOf(ModelUnassessed.class);
    assertThat(verdict().getDetection()).isEqualTo(DetectionVerdict.UNASSESSED);
    assertThat(verdict().getProblem().getCode()).isEqualTo("OUT_OF_MEMORY");
  }

  @Test
  void retryCountsAnewForTheNextStage() {
    story.send(story.failed(true));
    story.send(story.suspicious(Story.SEGMENT));
    assertThat(story.job().getAttempt()).isEqualTo(1);
  }

  @Test
  void finalFailureEndsUnassessedAtOnce() {
    story.send(story.suspicious(Story.SEGMENT));
    story.send(story.failed(false));
    assertThat(verdict().getDecision()).isEqualTo(Decision.UNASSESSED);
    assertThat(verdict().getDetection()).isEqualTo(DetectionVerdict.SUSPICIOUS);
  }

  @Test
  void duplicatesAndStaleAttemptsChangeNothing() {
    SpecificRecord first = story.clean();
    story.send(story.failed(true));
    assertDropped(first, Dropped.Reason.NOT_AWAITED);
    SpecificRecord second = story.suspicious(Story.SEGMENT);
    story.send(second);
    assertDropped(second, Dropped.Reason.NOT_AWAITED);
    assertDropped(Story.ingested("{}"), Dropped.Reason.DUPLICATE);
  }

  @Test
  void unknownScreeningChangesNothing() {
    SpecificRecord result = story.clean();
    Effects effects = Lifecycle.decide(new Screening.Unknown(), story.circumstances(), result);
    assertThat(effects.events()).isEmpty();
    assertThat(effects.dropped().orElseThrow().reason())
        .isEqualTo(Dropped.Reason.UNKNOWN_SCREENING);
  }

  @Test
  void closedScreeningStaysClosed() {
    story.send(story.clean());
    SpecificRecord evaluated = story.evaluated(List.of(), utility(0.6, 0.6));
    story.send(evaluated);
    assertDropped(evaluated, Dropped.Reason.CLOSED);
    assertDropped(Story.ingested("{}"), Dropped.Reason.DUPLICATE);
  }

  @Test
  void decisionsOfOthersAreNotAccepted() {
    Verdict forged =
        Verdict.newBuilder()
            .setScreeningId("s1")
            .setModel(Story.model(Story.DIGEST))
            .setDetection(DetectionVerdict.CLEAN)
            .setRounds(List.of())
            .setDecision(Decision.PROMOTED)
            .setRules(List.of())
            .setReasons(List.of())
            .setDurationSeconds(0)
            .build();
    assertDropped(
        new ModelPromoted(Story.envelope("x", "ModelPromoted", ""), forged),
        Dropped.Reason.NOT_A_REQUEST);
  }

  @Test
  void resultAboutAnotherModelIsAFailureNotAFinding() {
    SpecificRecord result = story.clean();
    ((io.lazaret.schemas.DetectionCompleted) result).getReport().setModelDigest("sha256:other");
    story.send(result);
    assertThat(verdict().getDecision()).isEqualTo(Decision.UNASSESSED);
    assertThat(verdict().getProblem().getCode()).isEqualTo("RESULT_CONTRADICTS_COMMAND");
    assertThat(verdict().getRounds()).isEmpty();
  }

  @Test
  void cleanWithAScoreAboveTheThresholdIsNotBelieved() {
    story.send(story.detected(DetectionVerdict.CLEAN, -0.5, List.of()));
    assertThat(verdict().getDecision()).isEqualTo(Decision.UNASSESSED);
  }

  @Test
  void unreadablePolicyEndsUnassessed() {
    Story broken = new Story();
    broken.send(Story.ingested("{\"gate\": {\"asrUpper95\": 7}}"));
    assertThat(broken.types()).containsExactly("ModelIngested", "ModelUnassessed");
  }

  @Test
  void everyEventNamesItsCause() {
    story.send(story.clean());
    story.send(story.evaluated(List.of(), utility(0.6, 0.6)));
    Envelope evaluated = Facts.envelope(story.history.get(2));
    Envelope promoted = Facts.envelope(story.history.get(3));
    Envelope advanced = Facts.envelope(story.history.get(4));
    assertThat(promoted.getCausationId()).isEqualTo(evaluated.getEventId());
    assertThat(advanced.getCausationId()).isEqualTo(promoted.getEventId());
    assertThat(advanced.getSequence()).isEqualTo(4);
  }

  @Test
  void nextReleaseNamesTheOneItReplaces() {
    story.send(story.clean());
    story.send(story.evaluated(List.of(), utility(0.6, 0.6)));
    story.next();
    io.lazaret.schemas.ModelIngested revision = Story.ingested("{}");
    revision.getEnvelope().setScreeningId("s2");
    revision.getModel().setDigest("sha256:revision");
    story.send(revision);
    story.send(story.clean());
    story.send(story.evaluated(List.of(), utility(0.6, 0.6)));
    ReleaseAdvanced advanced = (ReleaseAdvanced) story.history.get(4);
    assertThat(advanced.getPrevious().getDigest()).isEqualTo(Story.DIGEST);
    assertThat(advanced.getRevision()).isEqualTo(2);
  }

  @Test
  void damagedHistoryIsRefused() {
    story.send(story.clean());
    List<SpecificRecord> gap = List.of(story.history.get(1));
    assertThatThrownBy(() -> Screening.fold(gap))
        .isInstanceOf(IllegalTransitionException.class)
        .hasMessageContaining("sequence 1");
    List<SpecificRecord> twice =
        List.of(story.history.get(0), Facts.at(Position.ended(1), story.history.get(0)));
    assertThatThrownBy(() -> Screening.fold(twice))
        .isInstanceOf(IllegalTransitionException.class)
        .hasMessageContaining("ModelIngested may not follow the state Detecting");
  }

  private void repair(String segment) {
    story.send(story.suspicious(segment));
    if (story.command != null) {
      story.send(story.simulated());
      story.send(story.eliminated());
    }
  }

  private SpecificRecord command(Class<?> type) {
    return type.isInstance(story.command) ? story.command : null;
  }

  private void assertDropped(SpecificRecord record, Dropped.Reason reason) {
    Screening before = story.state;
    Effects effects = story.send(record);
    assertThat(effects.dropped().orElseThrow().reason()).isEqualTo(reason);
    assertThat(effects.events()).isEmpty();
    assertThat(effects.commands()).isEmpty();
    assertThat(story.state).isSameAs(before);
  }

  private static List<io.lazaret.schemas.UtilityMeasurement> utility(double before, double after) {
    return List.of(new io.lazaret.schemas.UtilityMeasurement("exactMatch", before, after, 512));
  }

  private Verdict verdict() {
    return story.history.stream()
        .filter(e -> e.getSchema().getField("verdict") != null)
        .map(e -> (Verdict) e.get(e.getSchema().getField("verdict").pos()))
        .reduce((a, b) -> b)
        .orElseThrow();
  }
}
