package io.lazaret.chaos;

import io.lazaret.checkpoints.JobStateStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.streams.StreamsRunner;
import io.lazaret.eventing.streams.StreamsSettings;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.eventing.worker.StageWorker;
import io.lazaret.eventing.worker.WorkerSettings;
import io.lazaret.ingestion.EndlessIngestion;
import io.lazaret.orchestration.FakeStages;
import io.lazaret.orchestration.OrchestrationApp;
import io.lazaret.orchestration.OrchestrationSettings;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.service.StoredJobStates;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/** The services that hold work, each with the steps at which it can die. */
enum Role {
  INGESTION(CrashPoint.UPLOADING, CrashPoint.BEFORE_PRODUCE, CrashPoint.PRODUCED),
  ORCHESTRATION(
      CrashPoint.CONSUMED,
      CrashPoint.CHANGELOG,
      CrashPoint.BEFORE_PRODUCE,
      CrashPoint.BETWEEN_RECORDS,
      CrashPoint.PRODUCED),
  DETECTION,
  SIMULATION,
  ELIMINATION,
  EVALUATION;

  private static final int AS_THE_BROKERS_SAY = -1;
  private static final Producer PRODUCER = new Producer("chaos", "1");

  private final Set<CrashPoint> points;

  Role(CrashPoint... points) {
    this.points =
        points.length > 0
            ? Set.of(points)
            : EnumSet.complementOf(EnumSet.of(CrashPoint.CHANGELOG, CrashPoint.BETWEEN_RECORDS));
  }

  Set<CrashPoint> points() {
    return points;
  }

  /** Runs the service in this process, with the code that ships. */
  AutoCloseable start(Access access, KafkaSettings kafka, String workerId) {
    return start(access, kafka, workerId, Clock.systemUTC());
  }

  AutoCloseable start(Access access, KafkaSettings kafka, String workerId, Clock clock) {
    if (this == INGESTION) {
      return EndlessIngestion.start(
          access.workDir(),
          access.objects(),
          kafka,
          access.values(),
          seed -> CrashSwitch.soonAfter(CrashPoint.UPLOADING, seed));
    } else if (this == ORCHESTRATION) {
      StreamsRunner runner =
          new StreamsRunner(
              StreamsSettings.of(kafka, access.workDir().resolve("streams"))
                  .withReplication(AS_THE_BROKERS_SAY)
                  .withInstanceId(workerId),
              List.of(new OrchestrationApp(access.values(), OrchestrationSettings.of("chaos"))));
      runner.start();
      return runner;
    }
    ObjectStore objects = access.objects();
    FakeJobs jobs = new FakeJobs(objects);
    AutoCloseable worker =
        switch (this) {
          case DETECTION ->
              worker(
                  access, kafka, workerId, clock, DetectBackdoor.class, jobs, FakeStages::detect);
          case SIMULATION ->
              worker(
                  access,
                  kafka,
                  workerId,
                  clock,
                  SimulateTrigger.class,
                  jobs,
                  FakeStages::simulate);
          case ELIMINATION ->
              worker(
                  access,
                  kafka,
                  workerId,
                  clock,
                  EliminateBackdoor.class,
                  jobs,
                  FakeStages::eliminate);
          default ->
              worker(
                  access, kafka, workerId, clock, EvaluateModel.class, jobs, FakeStages::evaluate);
        };
    return () -> {
      worker.close();
      objects.close();
    };
  }

  private static <C extends SpecificRecord> AutoCloseable worker(
      Access access,
      KafkaSettings kafka,
      String workerId,
      Clock clock,
      Class<C> command,
      FakeJobs jobs,
      StageJob<C> result) {
    // The same job is killed far more often than any limit would bear.
    WorkerSettings settings =
        WorkerSettings.of(kafka, workerId, PRODUCER)
            .withStaticMembership(true)
            .withLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Integer.MAX_VALUE - 1);
    StageWorker<C> worker =
        new StageWorker<>(
            settings,
            access.values(),
            command,
            jobs.around(result),
            new StoredJobStates(new JobStateStore(access.objects())),
            clock);
    worker.start();
    return worker;
  }
}
