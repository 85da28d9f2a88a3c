package io.lazaret.eventing.worker;

import io.lazaret.eventing.Topics;
import io.lazaret.problem.Problem;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works off the commands of a stage, one at a time.
 *
 * <p>It polls, pauses the partition, runs the job on another thread while it keeps polling,
 * publishes heartbeats, and commits the result (to the inbox) and the command's offset in one
 * transaction. How often a command was taken up is noted beside its offset, so that a job which
 * kills its workers is given up. So a command leads to exactly one result that readers of committed
 * records see, whatever dies when. A worker that takes a partition over fences the one that had it.
 * Records that cannot be read go to the dead letters, with the reason. A job that fails leads to a
 * StageFailed. When Kafka or the registry do not answer the worker waits and goes on.
 *
 * @param <C> the command; it names the stage, its queue and its group
 */
public final class StageWorker<C extends SpecificRecord> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StageWorker.class);

  private final WorkerSettings settings;
  private final Serde<SpecificRecord> values;
  private final Class<C> commandType;
  private final StageJob<C> stageJob;
  private final JobStates jobStates;
  private final Clock clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile WorkerState state = WorkerState.STARTING;
  private volatile Problem problem;

  public StageWorker(
      WorkerSettings settings,
      Serde<SpecificRecord> values,
      Class<C> commandType,
      StageJob<C> stageJob) {
    this(settings, values, commandType, stageJob, JobStates.none(), Clock.systemUTC());
  }

  /**
   * @param jobStates where jobs keep the state from which they go on after a crash
   */
  public StageWorker(
      WorkerSettings settings,
      Serde<SpecificRecord> values,
      Class<C> commandType,
      StageJob<C> stageJob,
      JobStates jobStates) {
    this(settings, values, commandType, stageJob, jobStates, Clock.systemUTC());
  }

  public StageWorker(
      WorkerSettings settings,
      Serde<SpecificRecord> values,
      Class<C> commandType,
      StageJob<C> stageJob,
      JobStates jobStates,
      Clock clock) {
    this.settings = settings;
    this.values = values;
    this.commandType = commandType;
    this.stageJob = stageJob;
    this.jobStates = jobStates;
    this.clock = clock;
    this.thread = new Thread(this::run, group(commandType) + "-worker");
    thread.setDaemon(true);
  }

  /** Consumer group and prefix of the transactional ids of a stage. */
  static String group(Class<? extends SpecificRecord> commandType) {
    return "lazaret-" + Topics.stageOf(commandType).name().toLowerCase(Locale.ROOT);
  }

  /** Starts working; returns at once. */
  public void start() {
    thread.start();
  }

  public WorkerState state() {
    return state;
  }

  /** Why the worker is FAILED. */
  public Optional<Problem> problem() {
    return state == WorkerState.FAILED ? Optional.ofNullable(problem) : Optional.empty();
  }

  private void run() {
    while (!isClosing()) {
      try (WorkerLoop<C> loop =
          new WorkerLoop<>(
              settings, values, commandType, stageJob, jobStates, clock, this::enter)) {
        while (!isClosing()) {
          loop.turn();
        }
        loop.drain();
      } catch (FencedInstanceIdException e) {
        fail(
            Problem.of(
                "WORKER_REPLACED",
                "Another worker runs under the id " + settings.workerId() + "; this one stops.",
                "Give every worker of a stage its own lazaret.worker.id."),
            e);
        return;
      } catch (RuntimeException e) {
        fail(
            Problem.passing(
                "WORKER_FAILED",
                "The " + group(commandType) + " worker failed: " + e,
                "It starts again by itself; check Kafka, its topics and the credentials."),
            e);
        pause();
      }
    }
    state = WorkerState.CLOSED;
  }

  private void enter(WorkerState entered) {
    state = entered;
  }

  private void fail(Problem why, Exception cause) {
    problem = why;
    state = WorkerState.FAILED;
    LOG.error("{}", why.sentence(), cause);
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause() {
    try {
      closing.await(settings.retryBackoff().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Lets the running job finish within the drain timeout. What does not finish is cancelled and
   * handed back: another worker or a later start takes it up again. Returns within the drain
   * timeout and three times the close timeout.
   */
  @Override
  public void close() {
    closing.countDown();
    if (thread.isAlive()) {
      try {
        thread.join(
            settings.drainTimeout().plus(settings.closeTimeout().multipliedBy(3)).toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
