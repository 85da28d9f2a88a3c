package io.lazaret.service;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.worker.JobStates;
import io.lazaret.eventing.worker.StageWorker;
import io.lazaret.eventing.worker.WorkerSettings;
import io.lazaret.eventing.worker.WorkerState;
import io.lazaret.problem.Problem;
import io.lazaret.schemas.Stage;
import io.lazaret.service.telemetry.StageTelemetry;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Runs a worker around the job of every stage service in this process that it shall work for. */
@ApplicationScoped
public class StageWorkers {

  @Inject PlatformSettings settings;
  @Inject KafkaSettings kafka;
  @Inject Serde<SpecificRecord> values;
  @Inject JobStates states;
  @Inject StageTelemetry telemetry;
  @Inject @All List<StageService<?>> services;

  private final Map<String, StageWorker<?>> workers = new LinkedHashMap<>();

  void onStart(@Observes @Priority(StartOrder.WORKERS) StartupEvent start) {
    DevicePermit permit = new DevicePermit(settings.devicePermits());
    Set<Stage> stages = settings.stages();
    services.stream()
        .filter(service -> stages.contains(Topics.stageOf(service.commandType())))
        .forEach(service -> start(service, permit));
  }

  private <C extends SpecificRecord> void start(StageService<C> service, DevicePermit permit) {
    WorkerSettings worker =
        WorkerSettings.of(kafka, settings.workerId(), settings.producer())
            .withStaticMembership(settings.stableWorkerId().isPresent())
            .withSessionTimeout(settings.sessionTimeout())
            .withLimits(settings.drainTimeout(), settings.jobCloseTimeout(), settings.maxTakeUps());
    StageWorker<C> started =
        new StageWorker<>(
            worker,
            values,
            service.commandType(),
            permit.around(telemetry.around(service.commandType(), service)),
            states);
    started.start();
    workers.put(service.commandType().getSimpleName(), started);
  }

  /** What each worker is doing, by the command that it works off. */
  public Map<String, WorkerState> states() {
    Map<String, WorkerState> states = new LinkedHashMap<>();
    workers.forEach((command, worker) -> states.put(command, worker.state()));
    return states;
  }

  /** Why a worker has failed, if one has. */
  public Optional<Problem> problem() {
    return workers.values().stream()
        .map(StageWorker::problem)
        .flatMap(Optional::stream)
        .findFirst();
  }

  void onStop(@Observes ShutdownEvent stop) {
    workers.values().parallelStream().forEach(StageWorker::close);
  }
}
