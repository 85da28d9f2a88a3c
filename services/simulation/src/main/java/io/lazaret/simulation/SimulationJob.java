package io.lazaret.simulation;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.backdoor.simulation.TrainedParrot;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.llm.CausalLm;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.schemas.TriggerSimulated;
import io.lazaret.service.StageService;
import io.lazaret.worker.JobCheckpoints;
import io.lazaret.worker.JobInputs;
import io.lazaret.worker.Parrots;
import io.lazaret.worker.Translation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains one parrot per segment on the frozen model. An interrupted simulation goes on with the
 * parrots that are not finished, and within the one that was in training.
 */
@ApplicationScoped
public class SimulationJob implements StageService<SimulateTrigger> {

  @Inject JobInputs inputs;
  @Inject Parrots parrots;
  @Inject Clock clock;

  @Override
  public Class<SimulateTrigger> commandType() {
    return SimulateTrigger.class;
  }

  @Override
  public TriggerSimulated run(SimulateTrigger command, JobContext context) {
    Instant start = clock.instant();
    ScreeningInputs given = command.getInputs();
    List<InstructionRow> rows = inputs.training(command.getJob(), given);
    List<Parrot> trained = new ArrayList<>();
    List<Segment> segments = command.getSegments();
    Progress progress = context::progress;
    try (CausalLm lm = inputs.open(command.getModel());
        JobCheckpoints checkpoints = inputs.checkpoints(command.getJob(), context)) {
      for (int i = 0; i < segments.size(); i++) {
        int segment = i;
        Progress part = progress.part((double) i / segments.size(), (i + 1.0) / segments.size());
        trained.add(
            checkpoints.once(
                "parrot-" + i,
                Parrot.getClassSchema(),
                () -> train(command, lm, rows, segment, part, checkpoints)));
      }
    }
    return TriggerSimulated.newBuilder()
        .setEnvelope(context.envelope("TriggerSimulated"))
        .setJob(command.getJob())
        .setParrots(trained)
        .setDurationSeconds(Duration.between(start, clock.instant()).toMillis() / 1e3)
        .build();
  }

  private Parrot train(
      SimulateTrigger command,
      CausalLm lm,
      List<InstructionRow> rows,
      int segment,
      Progress part,
      JobCheckpoints checkpoints) {
    TrainedParrot parrot =
        ParrotTrainer.train(
            lm,
            JobInputs.template(command.getInputs(), lm),
            rows,
            Translation.unboxed(command.getSegments().get(segment).getTokenIds()),
            Translation.position(command.getSegments().get(segment)),
            ParrotSettings.defaults(lm.config()),
            command.getJob().getSeed() + segment,
            part,
            checkpoints.under("parrot-" + segment));
    try (var soft = parrot.soft()) {
      return parrots.store(command.getJob(), lm, parrot);
    }
  }
}
