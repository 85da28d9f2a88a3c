package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.replay.Replay;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.AwaitingApproval;
import io.lazaret.schemas.ApprovalExpired;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseRejected;
import java.time.Duration;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** A person wants a channel to name what another channel has: as many eyes as for a verdict. */
class PromotionTest {

  private final People people = new People(new Story());

  /** Screened for grace, approved by two others, released to staging; then ada wants production. */
  private AwaitingApproval asked(int persons) {
    String policy =
        "{channel: staging, approvals: {held: 2, promoted: %d, validHours: 5}}".formatted(persons);
    ModelIngested ingested = Story.ingested(policy);
    ingested.setRequestedBy("grace");
    people.story.send(ingested);
    people.measuredClean();
    for (String person : List.of("p1", "p2").subList(0, persons)) {
      people.approve(person);
    }
    assertThat(people.story.channels).containsKey("staging");
    people.promote("ada", "production", Story.DIGEST);
    return (AwaitingApproval) people.story.state;
  }

  @Test
  void waitsForOtherPersonsAndIsThenDone() {
    AwaitingApproval waiting = asked(2);
    assertThat(waiting.needed()).isEqualTo(2);
    assertThat(waiting.requestedBy()).isEqualTo("ada");
    assertThat(people.story.channels).doesNotContainKey("production");
    people.approve("alan");
    assertThat(people.story.channels).doesNotContainKey("production");
    people.approve("linus");

    ReleaseAdvanced advanced = (ReleaseAdvanced) people.lastEvent();
    assertThat(advanced.getChannel()).isEqualTo("production");
    assertThat(advanced.getReleased().getDigest()).isEqualTo(Story.DIGEST);
    assertThat(advanced.getApprovals()).extracting(a -> a.getActor()).contains("alan", "linus");
    assertThat(advanced.getPromotedBy()).isEqualTo("s1");
    assertThat(advanced.getReason()).contains("ada: because", "alan and linus");
    assertThat(people.story.state).isInstanceOf(Screening.Closed.class);
  }

  @Test
  void isApprovedByNobodyWhoAsked() {
    asked(2);
    assertThat(people.approve(" ADA ")).isEqualTo("APPROVAL_BY_REQUESTER");
    assertThat(people.approve("grace")).isEqualTo("APPROVAL_BY_REQUESTER");
    people.approve("alan");
    assertThat(people.approve("Alan")).isEqualTo("APPROVAL_SAME_PERSON");
    assertThat(people.story.channels).doesNotContainKey("production");
  }

  @Test
  void onePersonIsEnoughWhereThePolicySaysSoButNotTheOneWhoAsked() {
    asked(1);
    assertThat(people.approve("ada")).isEqualTo("APPROVAL_BY_REQUESTER");
    people.approve("alan");
    assertThat(people.story.channels).containsKey("production");
  }

  @Test
  void isDoneAtOnceWhereVerdictsNeedNobody() {
    people.story.send(Story.ingested("{channel: staging}"));
    people.measuredClean();
    people.promote("ada", "production", Story.DIGEST);
    assertThat(people.story.channels).containsKey("production");
  }

  @Test
  void isRefusedWhenTheChannelHasMovedSince() {
    SpecificRecord first = asked(1).at().last();
    people.promote("linus", "production", Story.DIGEST);
    people.approve("alan");
    assertThat(people.story.channels).containsKey("production");
    people.story.history.clear();
    people.story.history.add(first);
    people.story.state = Screening.fold(List.of(first));
    assertThat(people.approve("alan")).isEqualTo("PROMOTION_STALE");
    assertThat(people.reject("alan")).isEqualTo("ReleaseRejected");
  }

  @Test
  void isRefusedWhenTheCheckpointWasWithdrawnSince() {
    SpecificRecord asked = asked(1).at().last();
    people.rollBack("linus", "staging");
    people.story.state = Screening.fold(List.of(asked));
    assertThat(people.approve("alan")).isEqualTo("CHECKPOINT_WITHDRAWN");
    assertThat(people.story.channels).doesNotContainKey("production");
  }

  @Test
  void endsWhenNobodyDecidesInTime() {
    AwaitingApproval waiting = asked(1);
    people.story.now = people.story.now.plus(Duration.ofHours(6));
    Circumstances late = people.story.circumstances();
    assertThat(Agenda.deadline(waiting, late.now()))
        .hasValueSatisfying(at -> at.isBefore(late.now()));
    people.story.took(Agenda.overdue(waiting, late).orElseThrow());
    assertThat(people.lastEvent()).isInstanceOf(ApprovalExpired.class);
    assertThat(people.story.channels).doesNotContainKey("production");
    assertThat(people.approve("alan")).isEqualTo("NOTHING_TO_DECIDE");
  }

  @Test
  void canBeRejectedByAnybody() {
    asked(1);
    assertThat(people.reject("grace")).isEqualTo("ReleaseRejected");
    assertThat(people.lastEvent()).isInstanceOf(ReleaseRejected.class);
    assertThat(people.story.channels).doesNotContainKey("production");
  }

  @Test
  void isAChainedHistoryThatFoldsToTheSameChannels() {
    asked(1);
    people.approve("alan");
    List<SpecificRecord> history = people.story.history;
    assertThat(history.get(0)).isInstanceOf(PromotionRequested.class);
    Replay.Outcome outcome = Replay.of(history);
    assertThat(outcome.chain().status()).isEqualTo(Chain.Status.CHAINED);
    assertThat(outcome.holds()).as(outcome.toString()).isTrue();
    assertThat(Replay.channels(people.story.record))
        .extractingByKey("nano/production")
        .satisfies(c -> assertThat(c.getPromotedBy()).isEqualTo("s1"));
  }
}
