package io.lazaret.eventing.worker;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.StageProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts heartbeats of the running job on the progress topic; losing some is no harm. */
final class ProgressPublisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ProgressPublisher.class);

  /** Below this share of the work an estimate of the rest is noise. */
  private static final double LEAST_FRACTION_FOR_ETA = 0.01;

  /** What a training says of itself: the name of a loss, its value, perhaps another figure. */
  private static final Pattern FIGURE =
      Pattern.compile("([a-z ]{1,40}) (-?[0-9]{1,9}\\.[0-9]{1,9})(?:, .*)?");

  private final WorkerSettings settings;
  private final Clock clock;
  private final Producer<String, SpecificRecord> producer;
  private long startedNanos;
  private long lastNanos;
  private boolean silent;
  private RunningJob.Said lastSaid;

  ProgressPublisher(
      WorkerSettings settings, Serde<SpecificRecord> values, String clientId, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    // The poll loop calls this: it must not wait long for a cluster that is away.
    Map<String, Object> fixed =
        Map.of("client.id", clientId, "max.block.ms", 1_000, "linger.ms", 5);
    this.producer =
        new KafkaProducer<>(
            settings.kafka().client(Map.of(), fixed), new StringSerializer(), values.serializer());
  }

  void begin() {
    startedNanos = System.nanoTime();
    silent = true;
    lastSaid = null;
  }

  /** Publishes when there is news and the last record is old enough, or when it is too old. */
  void tick(RunningJob<?> job) {
    // Not the clock's time: people and daemons set clocks back.
    Duration age = Duration.ofNanos(System.nanoTime() - lastNanos);
    RunningJob.Said said = job.said();
    boolean news = !said.equals(lastSaid) && age.compareTo(settings.progressInterval()) >= 0;
    if (silent || news || age.compareTo(settings.heartbeatInterval()) >= 0) {
      publish(job, said);
    }
  }

  /** Publishes the last thing that the job said, if that is news. */
  void end(RunningJob<?> job) {
    if (!job.said().equals(lastSaid)) {
      publish(job, job.said());
    }
  }

  private void publish(RunningJob<?> running, RunningJob.Said said) {
    lastNanos = System.nanoTime();
    silent = false;
    lastSaid = said;
    Envelope envelope = Envelopes.of(running.command());
    Job job = running.job();
    Matcher figure = FIGURE.matcher(said.message());
    StageProgress progress =
        StageProgress.newBuilder()
            .setScreeningId(envelope.getScreeningId())
            .setModelName(envelope.getModelName())
            .setJobId(job.getJobId())
            .setStage(job.getStage())
            .setRound(job.getRound())
            .setAttempt(job.getAttempt())
            .setFraction(said.fraction())
            .setEtaSeconds(eta(said.fraction()))
            .setMessage(said.message())
            .setOccurredAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
            .setFigure(figure.matches() ? figure.group(1) : "")
            .setValue(figure.matches() ? Double.parseDouble(figure.group(2)) : 0)
            .build();
    try {
      producer.send(new ProducerRecord<>(Topics.PROGRESS, envelope.getModelName(), progress));
    } catch (KafkaException | io.lazaret.problem.ProblemException e) {
      LOG.warn("progress of job {} was not published: {}", job.getJobId(), e.toString());
    }
  }

  private Double eta(double fraction) {
    if (fraction < LEAST_FRACTION_FOR_ETA) {
      return null;
    }
    double elapsed = (lastNanos - startedNanos) / 1e9;
    return elapsed * (1 - fraction) / fraction;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
