package io.lazaret.eventing.worker;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.schemas.Producer;
import java.time.Duration;

/**
 * Settings of a stage worker.
 *
 * @param kafka the cluster
 * @param workerId unique among the workers of a stage; shows up in logs and in the group
 * @param producer written into envelopes
 * @param staticMembership whether a worker that comes back under its id gets its partitions back at
 *     once, instead of after the session timeout. Only for ids that survive a restart. Default
 *     false
 * @param sessionTimeout after this long without a sign of life another worker takes over; the
 *     broker's lower bound is usually 6 s. Default 8 s
 * @param progressInterval least time between two progress records of a job. Default 500 ms
 * @param heartbeatInterval most time between two progress records of a job. Default 2 s
 * @param retryBackoff wait before work is tried again that failed because Kafka or the registry did
 *     not answer. Default 1 s
 * @param drainTimeout how long a closing worker lets the running job finish before it cancels it
 *     and hands it back. Default 5 s
 * @param closeTimeout how long closing waits for a cancelled job to end. Default 5 s
 * @param maxTakeUps a job that was taken up so often without a result becomes a StageFailed with
 *     WORKER_CRASHED, because it probably kills its workers. Default 3
 * @param maxResultBytes larger results become a StageFailed with RESULT_TOO_LARGE; a little less
 *     than what topics take. Default 1 MiB - 16 KiB
 */
public record WorkerSettings(
    KafkaSettings kafka,
    String workerId,
    Producer producer,
    boolean staticMembership,
    Duration sessionTimeout,
    Duration progressInterval,
    Duration heartbeatInterval,
    Duration retryBackoff,
    Duration drainTimeout,
    Duration closeTimeout,
    int maxTakeUps,
    int maxResultBytes) {

  public WorkerSettings {
    if (workerId.isBlank()) {
      throw new IllegalArgumentException("lazaret.worker.id is blank");
    }
    if (maxTakeUps < 1) {
      throw new IllegalArgumentException("lazaret.worker.max-take-ups is at least 1");
    }
  }

  /** The defaults. */
  public static WorkerSettings of(KafkaSettings kafka, String workerId, Producer producer) {
    return new WorkerSettings(
        kafka,
        workerId,
        producer,
        false,
        Duration.ofSeconds(8),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        3,
        (1 << 20) - (16 << 10));
  }

  public WorkerSettings withStaticMembership(boolean value) {
    return new WorkerSettings(
        kafka,
        workerId,
        producer,
        value,
        sessionTimeout,
        progressInterval,
        heartbeatInterval,
        retryBackoff,
        drainTimeout,
        closeTimeout,
        maxTakeUps,
        maxResultBytes);
  }

  public WorkerSettings withSessionTimeout(Duration value) {
    return new WorkerSettings(
        kafka,
        workerId,
        producer,
        staticMembership,
        value,
        progressInterval,
        heartbeatInterval,
        retryBackoff,
        drainTimeout,
        closeTimeout,
        maxTakeUps,
        maxResultBytes);
  }

  public WorkerSettings withIntervals(Duration progress, Duration heartbeat) {
    return new WorkerSettings(
        kafka,
        workerId,
        producer,
        staticMembership,
        sessionTimeout,
        progress,
        heartbeat,
        retryBackoff,
        drainTimeout,
        closeTimeout,
        maxTakeUps,
        maxResultBytes);
  }

  public WorkerSettings withLimits(Duration drain, Duration close, int takeUps) {
    return new WorkerSettings(
        kafka,
        workerId,
        producer,
        staticMembership,
        sessionTimeout,
        progressInterval,
        heartbeatInterval,
        retryBackoff,
        drain,
        close,
        takeUps,
        maxResultBytes);
  }
}
