package io.lazaret.service.telemetry;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.Stage;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;

/**
 * Times, traces and labels the jobs of stages.
 *
 * <ul>
 *   <li>{@code lazaret.stage.duration}: seconds that a job computed, by stage and outcome
 *       (completed, failed, cancelled)
 *   <li>{@code lazaret.stage.wait}: seconds from when it might start to when it did
 *   <li>{@code lazaret.stage.running}: jobs that compute now
 * </ul>
 */
@ApplicationScoped
public class StageTelemetry {

  private static final Duration[] BUCKETS = {
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(15),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5),
    Duration.ofMinutes(15),
    Duration.ofHours(1),
    Duration.ofHours(4)
  };

  private final MeterRegistry meters;
  private final OpenTelemetry telemetry;
  private final Clock clock;
  private final Map<Stage, AtomicInteger> running = new ConcurrentHashMap<>();

  @Inject
  public StageTelemetry(MeterRegistry meters, OpenTelemetry telemetry, Clock clock) {
    this.meters = meters;
    this.telemetry = telemetry;
    this.clock = clock;
  }

  /** The same job, observed. */
  public <C extends SpecificRecord> StageJob<C> around(Class<C> commandType, StageJob<C> job) {
    Stage stage = Topics.stageOf(commandType);
    for (Outcome outcome : Outcome.values()) {
      duration(stage, outcome);
    }
    waiting(stage);
    AtomicInteger now = running.computeIfAbsent(stage, this::gauge);
    return (command, context) -> {
      waiting(stage).record(waited(command));
      Timer.Sample sample = Timer.start(meters);
      now.incrementAndGet();
      Outcome outcome = Outcome.FAILED;
      try (Labels labels = Labels.of(Envelopes.of(command))) {
        SpecificRecord event = traced(stage, command, job, context);
        outcome = Outcome.COMPLETED;
        return event;
      } finally {
        now.decrementAndGet();
        sample.stop(duration(stage, context.cancelled() ? Outcome.CANCELLED : outcome));
      }
    };
  }

  private <C extends SpecificRecord> SpecificRecord traced(
      Stage stage, C command, StageJob<C> job, JobContext context) throws Exception {
    Envelope envelope = Envelopes.of(command);
    Job work = Envelopes.jobOf(command);
    Span span =
        telemetry
            .getTracer("io.lazaret")
            .spanBuilder(name(stage))
            .setParent(Traces.parent(envelope))
            .setSpanKind(SpanKind.CONSUMER)
            .setAttribute("lazaret.screening", envelope.getScreeningId())
            .setAttribute("lazaret.model", envelope.getModelName())
            .setAttribute("lazaret.job", work.getJobId())
            .setAttribute("lazaret.round", (long) work.getRound())
            .setAttribute("lazaret.attempt", (long) work.getAttempt())
            .startSpan();
    try (Scope scope = span.makeCurrent()) {
      return job.run(command, new TracedContext(context, Traces.traceparent(span)));
    } catch (ProblemException e) {
      span.setStatus(StatusCode.ERROR, e.problem().code());
      throw e;
    } catch (Exception | Error e) {
      span.setStatus(StatusCode.ERROR, e.getClass().getSimpleName());
      throw e;
    } finally {
      span.end();
    }
  }

  private Duration waited(SpecificRecord command) {
    Instant from = Envelopes.of(command).getOccurredAt();
    Instant notBefore = Envelopes.jobOf(command).getNotBefore();
    Instant startable = notBefore != null && notBefore.isAfter(from) ? notBefore : from;
    Duration waited = Duration.between(startable, clock.instant());
    return waited.isNegative() ? Duration.ZERO : waited;
  }

  private Timer duration(Stage stage, Outcome outcome) {
    return Timer.builder("lazaret.stage.duration")
        .description("Seconds that the job of a stage computed")
        .tag("stage", name(stage))
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .serviceLevelObjectives(BUCKETS)
        .register(meters);
  }

  private Timer waiting(Stage stage) {
    return Timer.builder("lazaret.stage.wait")
        .description("Seconds that a command waited for a worker and its device")
        .tag("stage", name(stage))
        .serviceLevelObjectives(BUCKETS)
        .register(meters);
  }

  private AtomicInteger gauge(Stage stage) {
    return meters.gauge(
        "lazaret.stage.running",
        io.micrometer.core.instrument.Tags.of("stage", name(stage)),
        new AtomicInteger());
  }

  private static String name(Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }

  private enum Outcome {
    COMPLETED,
    FAILED,
    CANCELLED
  }
}
