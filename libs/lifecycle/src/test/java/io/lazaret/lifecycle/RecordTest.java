package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.lifecycle.history.CanonicalBytes;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.history.EventJson;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.replay.PolicyTrial;
import io.lazaret.lifecycle.replay.Replay;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Position;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.UtilityMeasurement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** What a recorded history proves, and what it shows when somebody touched it. */
class RecordTest {

  private final List<SpecificRecord> history = promoted();

  private static List<SpecificRecord> promoted() {
    Story story = Story.of(Policy.standard());
    story.send(story.clean());
    story.send(
        story.evaluated(List.of(), List.of(new UtilityMeasurement("exactMatch", 0.6, 0.6, 512))));
    return story.history;
  }

  @Test
  void wholeHistoryIsChained() {
    Chain chain = Chain.verify("s1", history);
    assertThat(chain.status()).isEqualTo(Chain.Status.CHAINED);
    assertThat(chain.head()).isEqualTo(CanonicalBytes.digest(history.get(4)));
  }

  @Test
  void changedEventIsFoundBehindIt() {
    ((EvaluationCompleted) history.get(2)).getReport().getUtility().get(0).setAfter(0.7);
    Chain chain = Chain.verify("s1", history);
    assertThat(chain.status()).isEqualTo(Chain.Status.BROKEN);
    assertThat(chain.brokenAt()).isEqualTo(3);
  }

  @Test
  void missingMovedAndForeignEventsAreFound() {
    List<SpecificRecord> without = new ArrayList<>(history);
    without.remove(1);
    assertThat(Chain.verify("s1", without).status()).isEqualTo(Chain.Status.BROKEN);
    List<SpecificRecord> moved = new ArrayList<>(history);
    moved.add(1, moved.remove(2));
    assertThat(Chain.verify("s1", moved).status()).isEqualTo(Chain.Status.BROKEN);
    assertThat(Chain.verify("s2", history).status()).isEqualTo(Chain.Status.BROKEN);
  }

  @Test
  void historyFromBeforeTheChainIsUnchainedAndMayGoOnChained() {
    history.forEach(event -> Facts.envelope(event).setPredecessor(""));
    assertThat(Chain.verify("s1", history).status()).isEqualTo(Chain.Status.UNCHAINED);
    List<SpecificRecord> continued = new ArrayList<>(history.subList(0, 4));
    continued.add(Facts.at(new Position(4, history.get(3)), history.get(4)));
    assertThat(Chain.verify("s1", continued).status()).isEqualTo(Chain.Status.PARTLY_CHAINED);
    List<SpecificRecord> stripped = promoted();
    Facts.envelope(stripped.get(2)).setPredecessor("");
    assertThat(Chain.verify("s1", stripped).status()).isEqualTo(Chain.Status.BROKEN);
  }

  @Test
  void canonicalBytesLeaveOutDefaultsSoThatNewFieldsChangeNothing() {
    String text = new String(CanonicalBytes.of(history.get(0)), StandardCharsets.UTF_8);
    assertThat(text)
        .startsWith("{\"envelope\":{\"correlationId\":\"s1\",\"eventId\":\"ingested\"")
        .doesNotContain("knownTriggers", "requestedBy", "traceparent", "scoringTriggers");
  }

  @Test
  void eventsSurviveTheirLinesOfJson() {
    ((ModelPromoted) history.get(3)).getVerdict().getRules().get(0).setObserved(Double.NaN);
    for (SpecificRecord event : history) {
      SpecificRecord read = EventJson.read(EventJson.write(event));
      assertThat(CanonicalBytes.digest(read)).isEqualTo(CanonicalBytes.digest(event));
    }
  }

  @Test
  void linesThatAreNoEventsAreNamedProblems() {
    assertThatThrownBy(() -> EventJson.read("{\"event\": \"ModelTeleported\", \"record\": {}}"))
        .isInstanceOf(ProblemException.class)
        .hasMessageStartingWith("EVENT_UNKNOWN");
    assertThatThrownBy(() -> EventJson.read("nonsense")).hasMessageStartingWith("EVENT_UNREADABLE");
    String newer =
        EventJson.write(history.get(0)).replace("\"model\":", "\"invented\":1,\"model\":");
    assertThatThrownBy(() -> EventJson.read(newer))
        .hasMessageStartingWith("EVENT_FIELD")
        .hasMessageContaining("ModelIngested.invented");
    assertThatThrownBy(() -> EventJson.read("[".repeat(1000)))
        .hasMessageStartingWith("EVENT_UNREADABLE");
  }

  @Test
  void replayGivesTheSameBytesAndShowsAForgedVerdict() {
    Replay.Outcome same = Replay.of(history);
    assertThat(same.holds()).isTrue();
    assertThat(same.replayed()).isEqualTo(same.recorded()).contains("\"decision\":\"PROMOTED\"");
    ((ModelPromoted) history.get(3)).getVerdict().setReasons(List.of("Trust me."));
    assertThat(Replay.of(history).holds()).isFalse();
  }

  @Test
  void policyTrialTellsWhichVerdictsWouldDiffer() {
    Story story = Story.of(Policy.standard());
    story.send(story.clean());
    story.send(
        story.evaluated(List.of(), List.of(new UtilityMeasurement("exactMatch", 0.6, 0.57, 512))));
    PolicyTrial same = PolicyTrial.of(Policy.standard(), story.history);
    assertThat(same.recorded()).contains(Decision.PROMOTED);
    assertThat(same.differs()).isFalse();
    Policy strict = Policy.parse("{gate: {meanUtilityDrop: 2, maxUtilityDrop: 2}}");
    PolicyTrial other = PolicyTrial.of(strict, story.history);
    assertThat(other.decided()).contains(Decision.HELD);
    assertThat(other.differs()).isTrue();
  }

  @Test
  void policyTrialDoesNotGuessWhatWasNeverRun() {
    Story story = Story.of(Policy.parse("{ladder: [OSFT], maxRounds: 1}"));
    story.send(story.suspicious(Story.SEGMENT));
    story.send(story.simulated());
    story.send(story.eliminated());
    story.send(story.suspicious(Story.SEGMENT));
    assertThat(story.state).isInstanceOf(Screening.Closed.class);
    PolicyTrial more =
        PolicyTrial.of(Policy.parse("{ladder: [OSFT], maxRounds: 2}"), story.history);
    assertThat(more.recorded()).contains(Decision.REJECTED);
    assertThat(more.decided()).isEmpty();
    assertThat(more.reasons()).last().asString().contains("SIMULATION round 2");
    PolicyTrial another = PolicyTrial.of(Policy.parse("{ladder: [SANDE]}"), story.history);
    assertThat(another.reasons()).last().asString().contains("SANDE").contains("OSFT");
  }

  @Test
  void policyProblemsNameTheLine() {
    assertThatThrownBy(() -> Policy.parse("channel: staging\ngate:\n  asrUpper95: 7\n"))
        .hasMessageContaining("Line 3: Policy key gate.asrUpper95");
    assertThatThrownBy(() -> Policy.parse("channel: staging\n\ngait: {}\n"))
        .hasMessageStartingWith("POLICY_UNKNOWN_KEY")
        .hasMessageContaining("Line 3");
    assertThatThrownBy(() -> Policy.parse("approvals:\n  held: 1\n  promoted: 2\n"))
        .hasMessageStartingWith("POLICY_CONTRADICTION")
        .hasMessageContaining("Line 3");
    assertThatThrownBy(() -> Policy.parse("detection: {timeBudgetSeconds: 90000}"))
        .hasMessageStartingWith("POLICY_CONTRADICTION");
    assertThatThrownBy(() -> Policy.parse("detection:\n  refused: [one, two]"))
        .hasMessageContaining("detection.refused")
        .hasMessageContaining("32 to 1000 different texts");
  }
}
