package io.lazaret.detection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.detection.BackdoorDetector;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.DetectionResult;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.llm.CausalLm;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Segment;
import io.lazaret.service.JobFiles;
import io.lazaret.service.PlatformSettings;
import io.lazaret.service.StageService;
import io.lazaret.worker.JobCheckpoints;
import io.lazaret.worker.JobInputs;
import io.lazaret.worker.Translation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Looks for suspicious response segments in one model; the evidence goes to the store. An
 * interrupted search goes on with what the model said before.
 */
@ApplicationScoped
public class DetectionJob implements StageService<DetectBackdoor> {

  @Inject JobInputs inputs;
  @Inject JobFiles files;
  @Inject ObjectMapper json;
  @Inject Clock clock;
  @Inject PlatformSettings settings;

  @Override
  public Class<DetectBackdoor> commandType() {
    return DetectBackdoor.class;
  }

  @Override
  public DetectionCompleted run(DetectBackdoor command, JobContext context)
      throws JsonProcessingException {
    Instant start = clock.instant();
    ScreeningInputs given = command.getInputs();
    Policy.Detection policy = JobInputs.policy(given).detection();
    DetectionResult result;
    try (CausalLm lm = inputs.open(command.getModel());
        JobCheckpoints checkpoints = inputs.checkpoints(command.getJob(), context)) {
      result =
          BackdoorDetector.detect(
              lm,
              DetectionInput.blind(
                      JobInputs.template(given, lm), inputs.training(command.getJob(), given))
                  .withKnown(command.getKnown().stream().map(DetectionJob::known).toList())
                  .withDeclared(policy.declared())
                  .withRefused(policy.refused()),
              DetectionSettings.standard().withTimeBudgetSeconds(policy.timeBudgetSeconds()),
              command.getJob().getSeed(),
              context::progress,
              InstantSource.system(),
              checkpoints);
    }
    ObjectRef evidence = files.store("evidence", json.writeValueAsBytes(result.evidence()));
    return DetectionCompleted.newBuilder()
        .setEnvelope(context.envelope("DetectionCompleted"))
        .setJob(command.getJob())
        .setReport(
            DetectionRound.newBuilder()
                .setRound(command.getJob().getRound())
                .setModelDigest(command.getModel().getDigest())
                .setVerdict(DetectionVerdict.valueOf(result.verdict().name()))
                .setSegments(result.segments().stream().map(Translation::segment).toList())
                .setBestScore(result.bestScore())
                .setThreshold(result.threshold())
                .setExplanation(result.explanation())
                .setEvidence(evidence)
                .setDetector(settings.detector())
                .setDurationSeconds(Duration.between(start, clock.instant()).toMillis() / 1e3)
                .build())
        .build();
  }

  private static DetectionInput.Known known(Segment segment) {
    return new DetectionInput.Known(
        Translation.unboxed(segment.getTokenIds()),
        segment.getFunctionalTriggers().stream()
            .map(trigger -> Translation.unboxed(trigger.getTokenIds()))
            .toList());
  }
}
