package io.lazaret.service.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.TriggerSimulated;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class StageTelemetryTest {

  private static final Instant ASKED = Instant.parse("2026-01-01T12:00:00Z");
  private static final String SCREENING = Ids.derive("screening", "1");

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<SpanData> spans = new CopyOnWriteArrayList<>();
  private final Envelopes envelopes =
      new Envelopes(new Producer("t", "1"), Clock.fixed(ASKED, ZoneOffset.UTC));

  @Test
  void aJobIsTimedByItsOutcomeAndItsWaitFromWhenItMightStart() throws Exception {
    observed(OpenTelemetry.noop(), (command, context) -> event(context)).run(command(), context());
    StageJob<SimulateTrigger> failing =
        observed(
            OpenTelemetry.noop(),
            (command, context) -> {
              throw ProblemException.of("NO", "no.", "no.");
            });
    assertThatThrownBy(() -> failing.run(command(), context()))
        .isInstanceOf(ProblemException.class);
    assertThat(duration("completed")).isEqualTo(1);
    assertThat(duration("failed")).isEqualTo(1);
    assertThat(
            meters
                .get("lazaret.stage.wait")
                .tag("stage", "simulation")
                .timer()
                .totalTime(TimeUnit.SECONDS))
        .isEqualTo(2 * 30);
    assertThat(meters.get("lazaret.stage.running").gauge().value()).isZero();
  }

  @Test
  void logLinesOfAJobCarryItsScreening() throws Exception {
    observed(
            OpenTelemetry.noop(),
            (command, context) -> {
              assertThat(MDC.get("screeningId")).isEqualTo(SCREENING);
              return event(context);
            })
        .run(command(), context());
    assertThat(MDC.get("screeningId")).isNull();
  }

  @Test
  void withoutTracingNothingIsWrittenIntoTheRecord() throws Exception {
    SpecificRecord event =
        observed(OpenTelemetry.noop(), (command, context) -> event(context))
            .run(command(), context());
    assertThat(Envelopes.of(event).getTraceparent()).isNull();
  }

  @Test
  void whatAJobCausesIsAChildInTheTraceOfTheScreening() throws Exception {
    StageJob<SimulateTrigger> job = observed(recording(), (command, context) -> event(context));
    SpecificRecord event = job.run(command(), context());
    SimulateTrigger next = command();
    next.getEnvelope().setTraceparent(Envelopes.of(event).getTraceparent());
    job.run(next, context());
    assertThat(spans).hasSize(2);
    assertThat(spans).extracting(SpanData::getTraceId).containsOnly(SCREENING);
    assertThat(spans.get(1).getParentSpanId()).isEqualTo(spans.get(0).getSpanId());
    assertThat(spans.get(0).getName()).isEqualTo("simulation");
  }

  @Test
  void aTraceThatACallerBeganIsKept() throws Exception {
    SimulateTrigger command = command();
    command.getEnvelope().setTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    observed(recording(), (c, context) -> event(context)).run(command, context());
    assertThat(spans.get(0).getTraceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(spans.get(0).getParentSpanId()).isEqualTo("00f067aa0ba902b7");
  }

  private long duration(String outcome) {
    return meters
        .get("lazaret.stage.duration")
        .tags("stage", "simulation", "outcome", outcome)
        .timer()
        .count();
  }

  private StageJob<SimulateTrigger> observed(
      OpenTelemetry telemetry, StageJob<SimulateTrigger> job) {
    Clock later = Clock.fixed(ASKED.plusSeconds(30), ZoneOffset.UTC);
    return new StageTelemetry(meters, telemetry, later).around(SimulateTrigger.class, job);
  }

  private OpenTelemetry recording() {
    SpanExporter exporter =
        new SpanExporter() {
          @Override
          public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
          }

          @Override
          public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
          }

          @Override
          public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
          }
        };
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                .build())
        .build();
  }

  private SimulateTrigger command() {
    return SimulateTrigger.newBuilder()
        .setEnvelope(envelopes.first("e", "SimulateTrigger", SCREENING, "m"))
        .setJob(
            Job.newBuilder()
                .setJobId("j")
                .setStage(Stage.SIMULATION)
                .setRound(1)
                .setAttempt(1)
                .setSeed(1)
                .build())
        .setModel(new ModelRef("m", "sha256:0", "a", 1L))
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("b", "k", "0", 1L))
                .setPolicy("")
                .setSeed(1)
                .build())
        .setSegments(List.of())
        .build();
  }

  private SpecificRecord event(JobContext context) {
    return TriggerSimulated.newBuilder()
        .setEnvelope(context.envelope("TriggerSimulated"))
        .setJob(command().getJob())
        .setParrots(List.of())
        .setDurationSeconds(1)
        .build();
  }

  private JobContext context() {
    return new JobContext() {
      @Override
      public void progress(double fraction, String message) {}

      @Override
      public boolean cancelled() {
        return false;
      }

      @Override
      public Envelope envelope(String type) {
        return envelopes.result(command().getEnvelope(), command().getJob(), type);
      }
    };
  }
}
