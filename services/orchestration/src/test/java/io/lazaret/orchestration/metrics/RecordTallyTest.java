package io.lazaret.orchestration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseConfirmed;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.Verdict;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordTallyTest {

  private static final Envelopes ENVELOPES =
      new Envelopes(new Producer("t", "1"), Clock.systemUTC());

  private final RecordTally tally = new RecordTally(2, 2);

  @Test
  void verdictsAreCountedByDecision() {
    tally.event(new ModelPromoted(envelope("m"), verdict("a", Decision.PROMOTED, 0.01)));
    tally.event(new ModelRejected(envelope("m"), verdict("b", Decision.REJECTED, 0.5)));
    tally.event(new ModelRejected(envelope("n"), verdict("c", Decision.REJECTED, 0.5)));
    assertThat(tally.decisions(Decision.PROMOTED)).isEqualTo(1);
    assertThat(tally.decisions(Decision.REJECTED)).isEqualTo(2);
    assertThat(tally.decisions(Decision.HELD)).isZero();
  }

  @Test
  void aChannelTellsTheWorstRateOfWhatItServes() {
    tally.event(new ModelPromoted(envelope("m"), verdict("a", Decision.PROMOTED, 0.002, 0.009)));
    tally.event(advanced("m", "a"));
    assertThat(tally.served())
        .containsExactly(
            new RecordTally.Served(
                "m", "production", Optional.of(new RecordTally.Worst(0.0045, 0.009))));
  }

  @Test
  void anotherLookAtTheReleaseReplacesTheRate() {
    tally.event(new ModelPromoted(envelope("m"), verdict("a", Decision.PROMOTED, 0.009)));
    tally.event(advanced("m", "a"));
    tally.event(new ReleaseConfirmed(envelope("m"), verdict("a", Decision.PROMOTED, 0.02)));
    assertThat(tally.served().get(0).worst().orElseThrow().upper95()).isEqualTo(0.02);
    assertThat(tally.confirmed()).isEqualTo(1);
  }

  @Test
  void aRollbackServesTheRestoredCheckpointAndAnEmptyChannelNothing() {
    tally.event(new ModelPromoted(envelope("m"), verdict("a", Decision.PROMOTED, 0.001)));
    tally.event(advanced("m", "a"));
    tally.event(new ModelPromoted(envelope("m"), verdict("b", Decision.PROMOTED, 0.002)));
    tally.event(advanced("m", "b"));
    tally.event(rolledBack("m", "b", "a"));
    assertThat(tally.served().get(0).worst().orElseThrow().upper95()).isEqualTo(0.001);
    tally.event(rolledBack("m", "a", null));
    assertThat(tally.served()).isEmpty();
    assertThat(tally.rolledBack()).isEqualTo(2);
  }

  @Test
  void theNumberOfChannelsToldOfIsBounded() {
    List.of("k", "l", "m").forEach(model -> tally.event(advanced(model, "a")));
    assertThat(tally.served()).extracting(RecordTally.Served::model).containsExactly("l", "m");
  }

  private static Envelope envelope(String model) {
    return ENVELOPES.first("e", "t", "s", model);
  }

  private static ReleaseAdvanced advanced(String model, String digest) {
    return ReleaseAdvanced.newBuilder()
        .setEnvelope(envelope(model))
        .setChannel("production")
        .setReleased(model(digest))
        .setReason("r")
        .build();
  }

  private static ReleaseRolledBack rolledBack(String model, String from, String to) {
    return ReleaseRolledBack.newBuilder()
        .setEnvelope(envelope(model))
        .setChannel("production")
        .setWithdrawn(model(from))
        .setRestored(to == null ? null : model(to))
        .setReason("r")
        .build();
  }

  private static ModelRef model(String digest) {
    return new ModelRef("m", digest, "LlamaForCausalLM", 1L);
  }

  private static Verdict verdict(String digest, Decision decision, double... upper95) {
    List<AsrMeasurement> asr =
        java.util.Arrays.stream(upper95)
            .mapToObj(bound -> new Proportion(1, 1, bound / 2, bound))
            .map(
                after ->
                    AsrMeasurement.newBuilder()
                        .setElicitor(ElicitorKind.PARROT)
                        .setText("")
                        .setTarget("")
                        .setBefore(after)
                        .setAfter(after)
                        .setCorrectBefore(after)
                        .setCorrectAfter(after)
                        .build())
            .toList();
    return Verdict.newBuilder()
        .setScreeningId("s")
        .setModel(model(digest))
        .setDetection(DetectionVerdict.CLEAN)
        .setRounds(List.of())
        .setEvaluation(new EvaluationReport("p", asr, List.of(), 1.0))
        .setDecision(decision)
        .setReleased(decision == Decision.PROMOTED ? model(digest) : null)
        .setRules(List.of())
        .setReasons(List.of())
        .setDurationSeconds(1)
        .build();
  }
}
