package io.lazaret.elimination;

import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethod;
import io.lazaret.backdoor.elimination.EliminationMethods;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.checkpoints.ModelStore;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SaveSettings;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Segment;
import io.lazaret.service.JobDirectory;
import io.lazaret.service.JobFiles;
import io.lazaret.service.StageService;
import io.lazaret.worker.JobCheckpoints;
import io.lazaret.worker.JobInputs;
import io.lazaret.worker.Parrots;
import io.lazaret.worker.Translation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rewrites a model with the method that the command names, and stores the new checkpoint. An
 * interrupted removal goes on within the training that was running.
 */
@ApplicationScoped
public class EliminationJob implements StageService<EliminateBackdoor> {

  @Inject JobInputs inputs;
  @Inject JobFiles files;
  @Inject ModelStore models;
  @Inject Parrots parrots;
  @Inject Clock clock;

  @Override
  public Class<EliminateBackdoor> commandType() {
    return EliminateBackdoor.class;
  }

  @Override
  public BackdoorEliminated run(EliminateBackdoor command, JobContext context) {
    Instant start = clock.instant();
    Job job = command.getJob();
    ScreeningInputs given = command.getInputs();
    List<SoftPrompt> loaded = new ArrayList<>();
    EliminationMethod method = EliminationMethods.named(command.getMethod());
    try (CausalLm lm = inputs.open(command.getModel());
        CausalLm ancestor =
            method.needs().contains(Need.ANCESTOR) ? inputs.ancestorOrNull(given) : null;
        JobCheckpoints checkpoints = inputs.checkpoints(job, context)) {
      EliminationInput input =
          new EliminationInput(
              JobInputs.template(given, lm),
              inputs.training(job, given),
              suspects(command, lm, loaded),
              List.of(),
              Trained.allWeights(),
              Optional.ofNullable(ancestor),
              0,
              checkpoints);
      EliminationOutcome outcome = method.eliminate(lm, input, job.getSeed(), context::progress);
      String digest = store(job, lm);
      return BackdoorEliminated.newBuilder()
          .setEnvelope(context.envelope("BackdoorEliminated"))
          .setJob(job)
          .setReport(
              EliminationReport.newBuilder()
                  .setMethod(outcome.method())
                  .setRound(job.getRound())
                  .setCheckpoint(ModelRef.newBuilder(command.getModel()).setDigest(digest).build())
                  .setFinalLoss(outcome.finalLoss())
                  .setSteps(outcome.steps())
                  .setDurationSeconds(Duration.between(start, clock.instant()).toMillis() / 1e3)
                  .build())
          .build();
    } finally {
      loaded.forEach(SoftPrompt::close);
    }
  }

  /** Each segment with the parrots that were trained on it or on a prefix of it. */
  private List<Suspect> suspects(EliminateBackdoor command, CausalLm lm, List<SoftPrompt> loaded) {
    List<Suspect> suspects = new ArrayList<>();
    for (Segment segment : command.getSegments()) {
      List<SoftPrompt> own = new ArrayList<>();
      for (Parrot parrot : command.getParrots()) {
        if (startsWith(segment.getTokenIds(), parrot.getTargetTokenIds())) {
          own.add(parrots.load(command.getJob(), lm, parrot));
        }
      }
      loaded.addAll(own);
      suspects.add(
          new Suspect(
              Translation.unboxed(segment.getTokenIds()),
              own,
              segment.getFunctionalTriggers().stream().map(Translation::foundTrigger).toList(),
              segment.getStyles().stream().map(Translation::foundStyle).toList(),
              Translation.position(segment)));
    }
    return suspects;
  }

  private static boolean startsWith(List<Integer> whole, List<Integer> prefix) {
    return prefix.size() <= whole.size() && whole.subList(0, prefix.size()).equals(prefix);
  }

  private String store(Job job, CausalLm lm) {
    try (JobDirectory directory = files.directory(job)) {
      Path model = directory.path().resolve("model");
      lm.save(model, SaveSettings.asRead());
      return models.put(model);
    }
  }
}
