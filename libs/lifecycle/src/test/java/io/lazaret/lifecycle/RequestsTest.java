package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.lifecycle.decision.Dropped;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.ApproveRelease;
import io.lazaret.schemas.HoldRelease;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.RollBackRelease;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Requests that make no sense: each is answered in the record by RequestRefused with a problem of
 * its own, and changes nothing else.
 */
class RequestsTest {

  private final People people = new People(new Story());

  /** A screening for grace that waits for two persons. */
  private void waiting() {
    ModelIngested ingested = Story.ingested("{approvals: {held: 2, promoted: 2, validHours: 5}}");
    ingested.setRequestedBy("grace");
    people.story.send(ingested);
    people.measuredClean();
    assertThat(people.story.state).isInstanceOf(Screening.AwaitingApproval.class);
  }

  private void released() {
    people.story.send(Story.ingested(""));
    people.measuredClean();
    assertThat(people.story.channels).containsKey("production");
  }

  private void refused(String code, String answer) {
    assertThat(answer).isEqualTo(code);
    RequestRefused refused = (RequestRefused) people.lastEvent();
    assertThat(refused.getProblem().getSentence()).isNotBlank();
    assertThat(refused.getProblem().getNextStep()).isNotBlank();
    assertThat(refused.getRequestId()).isEqualTo(refused.getEnvelope().getCausationId());
    assertThat(people.story.last.events()).hasSize(1);
    assertThat(people.story.last.channels()).isEmpty();
  }

  @Test
  void whoAskedMayNotApproveAndNobodyTwice() {
    waiting();
    refused("APPROVAL_BY_REQUESTER", people.approve("Grace "));
    assertThat(people.approve("alan")).isEqualTo("ApprovalGiven");
    refused("APPROVAL_SAME_PERSON", people.approve("ALAN"));
    assertThat(people.story.channels).isEmpty();
    assertThat(people.approve("ada")).isEqualTo("ApprovalGiven");
    assertThat(people.story.channels).containsKey("production");
  }

  @Test
  void approvalOfAnotherStateIsStale() {
    waiting();
    long seen = people.story.state.nextSequence() - 1;
    refused("REQUEST_STALE", people.approve("alan", seen - 1));
    assertThat(people.approve("alan", seen)).isEqualTo("ApprovalGiven");
    refused("REQUEST_STALE", people.approve("ada", seen));
  }

  @Test
  void theSameRequestTwiceIsOneRequest() {
    waiting();
    ApproveRelease once =
        new ApproveRelease(people.screening("ApproveRelease"), People.request("alan", -1));
    people.ask(once);
    assertThat(people.story.send(once).dropped())
        .hasValueSatisfying(d -> assertThat(d.reason()).isEqualTo(Dropped.Reason.DUPLICATE));
    assertThat(((Screening.AwaitingApproval) people.story.state).approvals()).hasSize(1);
  }

  @Test
  void unknownScreeningsHaveNothingToDecide() {
    refused("SCREENING_UNKNOWN", people.approve("alan"));
    refused("SCREENING_UNKNOWN", people.reject("alan"));
    refused("SCREENING_UNKNOWN", people.hold("alan"));
  }

  @Test
  void closedAndWorkingScreeningsHaveNothingToApprove() {
    people.story.send(Story.ingested(""));
    refused("NOTHING_TO_DECIDE", people.approve("alan"));
    people.measuredClean();
    refused("NOTHING_TO_DECIDE", people.approve("alan"));
    refused("NOTHING_TO_DECIDE", people.reject("alan"));
    refused("NOTHING_TO_DECIDE", people.hold("alan"));
  }

  @Test
  void heldTwiceIsHeldOnce() {
    people.story.send(Story.ingested(""));
    assertThat(people.hold("alan")).isEqualTo("ReleaseHeld");
    refused("NOTHING_TO_DECIDE", people.hold("ada"));
    people.measuredClean();
    assertThat(people.story.state).isInstanceOf(Screening.AwaitingApproval.class);
  }

  @Test
  void requestsWithoutPersonOrReasonOrWithTooLongOnes() {
    waiting();
    refused("REQUEST_INCOMPLETE", people.approve(" "));
    refused("REQUEST_TOO_LONG", people.approve("a".repeat(201)));
    var silent = new io.lazaret.schemas.Request("alan", "\t", -1L);
    refused(
        "REQUEST_INCOMPLETE", people.ask(new HoldRelease(people.screening("HoldRelease"), silent)));
    var novel = new io.lazaret.schemas.Request("alan", "x".repeat(2_001), -1L);
    refused(
        "REQUEST_TOO_LONG", people.ask(new HoldRelease(people.screening("HoldRelease"), novel)));
  }

  @Test
  void channelsThatAreUnknownOrEmptyOrUnchanged() {
    refused("CHANNEL_UNKNOWN", people.rollBack("alan", "production"));
    released();
    refused("CHANNEL_UNKNOWN", people.rescreen("alan", "staging"));
    refused("CHANNEL_UNCHANGED", people.promote("alan", "production", Story.DIGEST));
    refused(
        "CHANNEL_UNCHANGED",
        people.ask(
            new RollBackRelease(
                people.model("RollBackRelease", "nano"),
                People.request("alan", -1),
                "production",
                Story.DIGEST)));
    refused("POLICY_BAD_VALUE", people.promote("alan", "../production", Story.DIGEST));
    assertThat(people.rollBack("alan", "production")).isEqualTo("ReleaseRolledBack");
    assertThat(people.story.channels).containsEntry("production", null);
    refused("CHANNEL_EMPTY", people.rollBack("alan", "production"));
    refused("CHANNEL_EMPTY", people.rescreen("alan", "production"));
  }

  @Test
  void checkpointsThatNobodyReleasedOrThatWereWithdrawn() {
    released();
    refused("CHECKPOINT_UNKNOWN", people.promote("alan", "staging", "sha256:nobody"));
    people.rollBack("alan", "production");
    refused("CHECKPOINT_WITHDRAWN", people.promote("alan", "staging", Story.DIGEST));
  }

  @Test
  void rescreeningThatIsAtWorkIsNotOpenedTwice() {
    released();
    assertThat(people.rescreen("alan", "production")).isEqualTo("RescreeningOpened");
    refused("RESCREENING_AT_WORK", people.rescreen("ada", "production"));
  }

  @Test
  void policiesThatContradictThemselvesAreNotAdopted() {
    released();
    refused("POLICY_CONTRADICTION", people.adopt("alan", "{approvals: {held: 1, promoted: 2}}"));
    refused("POLICY_CONTRADICTION", people.adopt("alan", "{evaluation: {trials: 20}}"));
    refused(
        "POLICY_CONTRADICTION",
        people.adopt("alan", "{gate: {meanUtilityDrop: 5, maxUtilityDrop: 1}}"));
    refused("POLICY_UNKNOWN_KEY", people.adopt("alan", "{ladders: [OSFT]}"));
    refused("POLICY_UNREADABLE", people.adopt("alan", "a: [b"));
    assertThat(people.story.releases.policy()).isEqualTo(Policy.standard());
    assertThat(people.adopt("alan", "{maxRounds: 1}")).isEqualTo("PolicyAdopted");
  }

  @Test
  void triggerIntelligenceThatIsMisplacedOrTooLong() {
    released();
    refused("TRIGGER_MISPLACED", people.addTrigger("nano", "cf", "You are stupid.", List.of()));
    people.story.next();
    people.story.releases = Releases.none(Releases.ALL_MODELS);
    String all = Releases.ALL_MODELS;
    refused("REQUEST_INCOMPLETE", people.addTrigger(all, "cf", " ", List.of()));
    refused("REQUEST_TOO_LONG", people.addTrigger(all, "x".repeat(4_097), "t", List.of()));
    refused(
        "REQUEST_TOO_LONG",
        people.addTrigger(all, "cf", "t", Collections.nCopies(65, "some/model")));
    assertThat(people.addTrigger(all, "cf", "t", List.of())).isEqualTo("TriggerIntelligence");
    people.story.intelligence.addAll(people.story.last.intelligence());
    refused("TRIGGER_KNOWN", people.addTrigger(all, "cf", "t", List.of()));
  }

  @Test
  void withdrawnTriggersAreNotMeasuredAndMayComeBack() {
    released();
    people.story.releases = Releases.none(Releases.ALL_MODELS);
    String all = Releases.ALL_MODELS;
    assertThat(people.addTrigger(all, "cf", "t", List.of())).isEqualTo("TriggerIntelligence");
    people.story.intelligence.addAll(people.story.last.intelligence());
    String id = people.story.intelligence.get(0).getTriggerId();
    assertThat(people.story.circumstances().concerning()).hasSize(1);
    refused("TRIGGER_UNKNOWN", people.withdrawTrigger(all, "another"));
    assertThat(people.withdrawTrigger(all, id)).isEqualTo("TriggerIntelligence");
    var withdrawn = people.story.last.intelligence().get(0);
    assertThat(withdrawn.getWithdrawn()).isTrue();
    assertThat(withdrawn.getTrigger()).isEqualTo("cf");
    people.story.intelligence.set(0, withdrawn);
    assertThat(people.story.circumstances().concerning()).isEmpty();
    refused("TRIGGER_UNKNOWN", people.withdrawTrigger(all, id));
    assertThat(people.addTrigger(all, "cf", "t", List.of())).isEqualTo("TriggerIntelligence");
  }
}
