package io.lazaret.eventing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.StageProgress;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class EnvelopesTest {

  private final Envelopes envelopes =
      new Envelopes(Examples.PRODUCER, Clock.fixed(Examples.NOON.plusNanos(1), ZoneOffset.UTC));

  @Test
  void linksAResultToTheCommandThatCausedIt() {
    DetectBackdoor command = Examples.detect("s", "m");
    Envelope result = envelopes.result(command.getEnvelope(), command.getJob(), "StageFailed");
    assertThat(result.getEventId())
        .isEqualTo(Ids.jobEvent(command.getJob().getJobId(), "StageFailed"));
    assertThat(result.getCausationId()).isEqualTo(command.getEnvelope().getEventId());
    assertThat(result.getCorrelationId()).isEqualTo("correlation");
    assertThat(result.getTraceparent()).isEqualTo(command.getEnvelope().getTraceparent());
    assertThat(result.getScreeningId()).isEqualTo("s");
    assertThat(result.getModelName()).isEqualTo("m");
    assertThat(result.getSequence()).isEqualTo(-1);
    assertThat(result.getOccurredAt()).isEqualTo(Examples.NOON);
  }

  @Test
  void givesARepeatedJobTheSameEventIdAndAnotherTypeAnother() {
    DetectBackdoor command = Examples.detect("s", "m");
    String id = envelopes.result(command.getEnvelope(), command.getJob(), "A").getEventId();
    assertThat(envelopes.result(command.getEnvelope(), command.getJob(), "A").getEventId())
        .isEqualTo(id);
    assertThat(envelopes.result(command.getEnvelope(), command.getJob(), "B").getEventId())
        .isNotEqualTo(id);
  }

  @Test
  void tellsTheFirstRecordOfARequestByItsEmptyCause() {
    Envelope first = envelopes.first("id", "ModelIngested", "s", "m");
    assertThat(first.getCausationId()).isEmpty();
    assertThat(first.getCorrelationId()).isEqualTo("s");
    assertThat(first.getTraceparent()).isNull();
  }

  @Test
  void findsEnvelopeAndJobOfARecordAndSaysWhichRecordsHaveNone() {
    DetectBackdoor command = Examples.detect("s", "m");
    assertThat(Envelopes.of(command)).isSameAs(command.getEnvelope());
    assertThat(Envelopes.jobOf(command)).isSameAs(command.getJob());
    StageProgress progress = Examples.progress();
    assertThatThrownBy(() -> Envelopes.of(progress)).hasMessageContaining("StageProgress");
    ModelRef model = command.getModel();
    assertThatThrownBy(() -> Envelopes.jobOf(model)).hasMessageContaining("ModelRef");
  }

  @Test
  void sendsEveryRecordToItsTopic() {
    assertThat(Topics.of(Examples.detect("s", "m"))).isEqualTo("lazaret.commands.detection");
    assertThat(Topics.of(Examples.progress())).isEqualTo(Topics.PROGRESS);
    DetectBackdoor command = Examples.detect("s", "m");
    assertThat(Topics.of(Examples.detected(command.getEnvelope(), command.getJob(), "")))
        .isEqualTo(Topics.EVENTS);
    assertThatThrownBy(() -> Topics.stageOf(ModelRef.class))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Topics.commands(io.lazaret.schemas.Stage.INGESTION))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
