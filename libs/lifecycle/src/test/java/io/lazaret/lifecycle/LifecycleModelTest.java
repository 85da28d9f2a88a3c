package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.request.Requests;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Transitions;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import org.apache.avro.specific.SpecificRecord;

/** Random lives of a model against what must hold of every record. */
class LifecycleModelTest {

  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  private static final int STEPS = 40;

  @Property(tries = 10_000)
  void everyLifeLeavesASoundRecord(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 50) int disorderPercent) {
    World world = new World(seed, disorderPercent);
    for (int i = 0; i < STEPS; i++) {
      world.step();
    }
    int before = world.record.size();
    world.sent.stream()
        .filter(r -> !Requests.isRequest(r))
        .filter(r -> world.screenings.get(id(r)) instanceof Screening.Closed)
        .forEach(world::take);
    assertThat(world.record).as("late records of closed screenings").hasSize(before);
    Map<String, List<SpecificRecord>> histories = histories(world);
    histories.forEach((id, history) -> assertSound(world, id, history));
    assertChannels(world, histories);
    assertRefolds(world);
    world.record.forEach(event -> SEEN.add(Facts.type(event)));
  }

  /** Lives in which nothing happens would prove nothing. */
  @AfterContainer
  static void everythingHappened() {
    assertThat(SEEN)
        .contains(
            "ReleaseAdvanced",
            "ReleaseRolledBack",
            "ReleaseConfirmed",
            "ReleaseHeld",
            "ReleaseRejected",
            "ApprovalGiven",
            "ApprovalExpired",
            "ModelHeld",
            "ModelUnassessed",
            "RescreeningOpened",
            "RequestRefused",
            "PolicyAdopted",
            "PromotionRequested",
            "StageFailed",
            "TriggerIntelligence");
  }

  private static Map<String, List<SpecificRecord>> histories(World world) {
    Map<String, List<SpecificRecord>> histories = new LinkedHashMap<>();
    world.record.forEach(
        event -> histories.computeIfAbsent(id(event), h -> new ArrayList<>()).add(event));
    return histories;
  }

  private static void assertSound(World world, String id, List<SpecificRecord> history) {
    Chain chain = Chain.verify(id, history);
    assertThat(chain.status()).as(chain.sentence()).isEqualTo(Chain.Status.CHAINED);
    Set<String> ids = new HashSet<>();
    assertThat(history).allMatch(event -> ids.add(Facts.envelope(event).getEventId()));
    if (!world.screenings.containsKey(id)) {
      return;
    }
    assertThat(Screening.fold(history)).isEqualTo(world.screenings.get(id));
    List<Verdict> verdicts = history.stream().map(Facts::verdict).filter(v -> v != null).toList();
    assertThat(verdicts).hasSizeLessThanOrEqualTo(1);
    if (history.get(0) instanceof PromotionRequested) {
      assertThat(verdicts).isEmpty();
    } else if (world.screenings.get(id) instanceof Screening.Working) {
      assertThat(verdicts).isEmpty();
      assertThat(world.commands).as("the awaited job was asked for").containsKey(id);
    } else {
      assertVerdict(history, verdicts.get(0));
    }
    assertApprovals(history);
  }

  private static void assertVerdict(List<SpecificRecord> history, Verdict verdict) {
    int at = 0;
    while (Facts.verdict(history.get(at)) == null) {
      at++;
    }
    SpecificRecord last = history.get(at - 1);
    if (last instanceof StageFailed) {
      assertThat(verdict.getDecision()).isEqualTo(Decision.UNASSESSED);
      assertThat(verdict.getProblem()).isNotNull();
    }
    boolean promoted = verdict.getDecision() == Decision.PROMOTED;
    if (promoted) {
      assertThat(verdict.getEvaluation()).isNotNull();
      assertThat(verdict.getRules()).isNotEmpty().allMatch(rule -> rule.getHolds());
      assertThat(history.subList(0, at)).hasAtLeastOneElementOfType(EvaluationCompleted.class);
    }
    boolean released = history.stream().anyMatch(ReleaseAdvanced.class::isInstance);
    if (released) {
      assertThat(verdict.getEvaluation()).as("released without being measured").isNotNull();
      assertThat(verdict.getDecision()).isIn(Decision.PROMOTED, Decision.HELD);
    }
    if (history.get(0) instanceof RescreeningOpened) {
      assertThat(released).isFalse();
      assertThat(history).noneMatch(ModelPromoted.class::isInstance);
    }
  }

  private static void assertApprovals(List<SpecificRecord> history) {
    Set<String> people = new HashSet<>();
    String requester =
        history.get(0) instanceof ModelIngested ingested
            ? ingested.getRequestedBy()
            : history.get(0) instanceof PromotionRequested asked ? asked.getRequestedBy() : "";
    history.stream()
        .filter(ApprovalGiven.class::isInstance)
        .map(event -> ((ApprovalGiven) event).getApproval().getActor().strip().toLowerCase())
        .forEach(
            actor -> {
              assertThat(actor).isNotEmpty().isNotEqualTo(requester.strip().toLowerCase());
              assertThat(people.add(actor)).as(actor + " approved twice").isTrue();
            });
  }

  /** One digest per channel, revisions without gaps, nothing bad left, nothing bad restored. */
  private static void assertChannels(World world, Map<String, List<SpecificRecord>> histories) {
    Map<String, ChannelState> channels = new HashMap<>();
    Set<String> withdrawn = new HashSet<>();
    for (SpecificRecord event : world.record) {
      ChannelState moved = Releases.channelState(event);
      if (moved != null) {
        ChannelState present = channels.put(moved.getChannel(), moved);
        long revision = present == null ? 0 : present.getRevision();
        assertThat(moved.getRevision()).isEqualTo(revision + 1);
      }
      if (event instanceof ReleaseRolledBack back) {
        assertThat(back.getReason()).isNotBlank();
        withdrawn.add(back.getWithdrawn().getDigest());
        if (back.getRestored() != null) {
          assertThat(withdrawn).doesNotContain(back.getRestored().getDigest());
        }
      } else if (event instanceof ReleaseAdvanced advanced) {
        boolean again = withdrawn.remove(advanced.getReleased().getDigest());
        if (again) {
          assertThat(advanced.getApprovals()).as("serves again without a person").isNotEmpty();
        }
      } else if (event instanceof ModelRejected rejected
          && histories.get(id(event)).get(0) instanceof RescreeningOpened) {
        String bad = rejected.getVerdict().getModel().getDigest();
        assertThat(channels.values())
            .noneMatch(c -> c.getReleased() != null && c.getReleased().getDigest().equals(bad));
      }
    }
    assertThat(world.releases.channels()).containsExactlyInAnyOrderElementsOf(channels.values());
  }

  /** The record alone gives the same state again. */
  private static void assertRefolds(World world) {
    Releases releases = Releases.none("nano");
    Map<String, Screening> screenings = new HashMap<>();
    for (SpecificRecord event : world.record) {
      Envelope envelope = Facts.envelope(event);
      if (!envelope.getModelName().equals("nano")) {
        continue;
      }
      Screening before = screenings.getOrDefault(id(event), new Screening.Unknown());
      releases = releases.after(event, before);
      if (!id(event).equals(releases.historyId())) {
        screenings.put(id(event), Transitions.after(before, event));
      }
    }
    assertThat(releases).isEqualTo(world.releases);
    assertThat(screenings).isEqualTo(world.screenings);
  }

  private static String id(SpecificRecord event) {
    return Facts.envelope(event).getScreeningId();
  }
}
