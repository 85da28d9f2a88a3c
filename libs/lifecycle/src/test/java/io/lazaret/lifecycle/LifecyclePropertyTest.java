package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.lifecycle.Screening.Closed;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.avro.specific.SpecificRecord;

/**
 * Random stage results, with failures, repetitions, delays and strangers among them, against what
 * must hold of every history.
 */
class LifecyclePropertyTest {

  private static final int STEPS = 120;

  @Property(tries = 5000)
  void anyOrderOfRecordsLeavesOneSoundHistory(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 60) int disorderPercent) {
    Random random = new Random(seed);
    Story story = Story.of(Policy.parse("{maxRounds: 2}"));
    List<SpecificRecord> sent = new ArrayList<>(story.history);
    for (int step = 0; step < STEPS && !(story.state instanceof Closed); step++) {
      SpecificRecord record;
      if (random.nextInt(100) < disorderPercent) {
        record = sent.get(random.nextInt(sent.size()));
      } else {
        record = answer(story, random);
        sent.add(record);
      }
      if (random.nextInt(100) >= disorderPercent) {
        story.send(record);
      }
    }
    sent.forEach(
        late -> {
          if (story.state instanceof Closed) {
            assertThat(story.send(late).events()).isEmpty();
          }
        });
    assertSound(story);
  }

  /** Some result for the awaited job. */
  private static SpecificRecord answer(Story story, Random random) {
    if (random.nextInt(8) == 0) {
      return story.failed(random.nextInt(4) != 0);
    }
    return switch (story.job().getStage()) {
      case DETECTION ->
          switch (random.nextInt(5)) {
            case 0 -> story.detected(DetectionVerdict.UNASSESSED, -1.2, List.of());
            case 1, 2 -> story.clean();
            default -> story.suspicious("segment " + random.nextInt(3));
          };
      case SIMULATION -> story.simulated();
      case ELIMINATION -> story.eliminated(random.nextInt(10) == 0 ? "OTHER" : story.method());
      default -> {
        double after = random.nextDouble();
        yield random.nextBoolean()
            ? story.evaluated(List.of(), List.of())
            : story.evaluated(random.nextInt(4), 0.6, after);
      }
    };
  }

  private static void assertSound(Story story) {
    Set<String> ids = new HashSet<>();
    List<Verdict> verdicts = new ArrayList<>();
    boolean endedInError = false;
    for (int i = 0; i < story.history.size(); i++) {
      SpecificRecord event = story.history.get(i);
      assertThat(Facts.envelope(event).getSequence()).isEqualTo(i);
      assertThat(ids.add(Facts.envelope(event).getEventId())).isTrue();
      if (event.getSchema().getField("verdict") != null) {
        verdicts.add((Verdict) event.get(event.getSchema().getField("verdict").pos()));
        endedInError = story.history.get(i - 1) instanceof io.lazaret.schemas.StageFailed;
      }
    }
    assertThat(verdicts).hasSize(story.state instanceof Closed ? 1 : 0);
    assertThat(Screening.fold(story.history)).isEqualTo(story.state);
    if (story.state instanceof Closed closed) {
      Verdict verdict = verdicts.get(0);
      assertThat(closed.decision()).isEqualTo(verdict.getDecision());
      assertThat(verdict.getDecision() == Decision.PROMOTED)
          .isEqualTo(story.types().contains("ReleaseAdvanced"));
      if (endedInError) {
        assertThat(verdict.getDecision()).isEqualTo(Decision.UNASSESSED);
      }
      if (verdict.getDecision() == Decision.PROMOTED) {
        assertThat(verdict.getEvaluation()).isNotNull();
        assertThat(verdict.getRules()).isNotEmpty().allMatch(rule -> rule.getHolds());
      }
    } else {
      assertThat(story.command).isNotNull();
    }
  }
}
