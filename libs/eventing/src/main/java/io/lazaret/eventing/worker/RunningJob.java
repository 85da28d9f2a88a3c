package io.lazaret.eventing.worker;

import io.lazaret.eventing.Envelopes;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.StageFailed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One command being worked on, on a thread of its own. */
final class RunningJob<C extends SpecificRecord> implements JobContext {

  private static final Logger LOG = LoggerFactory.getLogger(RunningJob.class);

  /** The last thing that the job said. */
  record Said(double fraction, String message) {}

  private final ConsumerRecord<byte[], byte[]> source;
  private final C command;
  private final Envelopes envelopes;
  private final JobStates states;
  private final int takeUp;
  private final Thread thread;
  private volatile Said said = new Said(0, "started");
  private volatile boolean cancelled;
  private volatile boolean draining;
  private volatile boolean keepsState;
  private volatile SpecificRecord result;

  RunningJob(
      ConsumerRecord<byte[], byte[]> source,
      C command,
      StageJob<C> stageJob,
      Envelopes envelopes,
      JobStates states,
      int takeUp,
      String threadName) {
    this.source = source;
    this.command = command;
    this.envelopes = envelopes;
    this.states = states;
    this.takeUp = takeUp;
    this.thread = new Thread(() -> result = run(stageJob), threadName);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Never throws: whatever happens becomes a result. */
  private SpecificRecord run(StageJob<C> stageJob) {
    try {
      SpecificRecord event = stageJob.run(command, this);
      return event != null ? event : failed(internal("the job returned no event"));
    } catch (ProblemException e) {
      return failed(e.problem());
    } catch (OutOfMemoryError e) {
      return failed(
          Problem.passing(
              "OUT_OF_MEMORY",
              "The worker ran out of memory: " + e.getMessage(),
              "Give the worker more memory (-Xmx), or run fewer workers on the machine."));
    } catch (Throwable e) {
      if (!cancelled) {
        LOG.error("job {} failed", job().getJobId(), e);
      }
      return failed(internal(e.toString()));
    }
  }

  private static Problem internal(String what) {
    return Problem.passing(
        "INTERNAL_ERROR",
        "The stage failed unexpectedly: " + what,
        "It is tried again; if it keeps failing, report it with the log of the worker.");
  }

  /** The StageFailed of this job. */
  StageFailed failed(Problem problem) {
    return new StageFailed(
        envelope("StageFailed"),
        job(),
        new io.lazaret.schemas.Problem(
            problem.code(), problem.sentence(), problem.nextStep(), problem.retryable()));
  }

  @Override
  public void progress(double fraction, String message) {
    if (cancelled) {
      throw new CancellationException("job " + job().getJobId() + " is no longer wanted");
    }
    double clipped = fraction > 0 ? Math.min(fraction, 1) : 0;
    said = new Said(clipped, String.valueOf(message));
  }

  @Override
  public boolean cancelled() {
    return cancelled;
  }

  @Override
  public Envelope envelope(String type) {
    return envelopes.result(Envelopes.of(command), job(), type);
  }

  @Override
  public boolean resume(String part, Path into) {
    boolean found = states.latest(job().getJobId(), part, into);
    keepsState |= found;
    if (found) {
      LOG.info("job {} goes on from what was saved of {}", job().getJobId(), part);
    }
    return found;
  }

  @Override
  public void checkpoint(String part, Path directory) {
    progress(said.fraction(), said.message());
    keepsState = true;
    try {
      states.save(job().getJobId(), part, directory);
    } catch (ProblemException e) {
      LOG.warn("job {} goes on without saved state: {}", job().getJobId(), e.getMessage());
    }
  }

  @Override
  public boolean draining() {
    return draining;
  }

  void drain() {
    draining = true;
  }

  /** Once its result is committed nobody needs what the job has saved. */
  void forgetState() {
    if (keepsState) {
      // The store may take its time, the poll loop must not.
      Thread cleaner = new Thread(this::forget, thread.getName() + "-cleanup");
      cleaner.setDaemon(true);
      cleaner.start();
    }
  }

  private void forget() {
    try {
      states.forget(job().getJobId());
    } catch (ProblemException e) {
      LOG.warn("the saved state of job {} stays: {}", job().getJobId(), e.getMessage());
    }
  }

  int takeUp() {
    return takeUp;
  }

  void cancel() {
    cancelled = true;
    thread.interrupt();
  }

  boolean done() {
    return !thread.isAlive();
  }

  /** Whether the job ended in time. */
  boolean await(Duration timeout) {
    try {
      thread.join(Math.max(1, timeout.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return done();
  }

  Said said() {
    return said;
  }

  Job job() {
    return Envelopes.jobOf(command);
  }

  C command() {
    return command;
  }

  /** Once done. */
  SpecificRecord result() {
    return result;
  }

  ConsumerRecord<byte[], byte[]> source() {
    return source;
  }

  TopicPartition partition() {
    return new TopicPartition(source.topic(), source.partition());
  }
}
