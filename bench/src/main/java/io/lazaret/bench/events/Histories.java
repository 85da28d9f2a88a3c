package io.lazaret.bench.events;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.lifecycle.Lifecycle;
import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.UtilityMeasurement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** Whole histories of clean models, as the lifecycle itself decides them. */
final class Histories {

  private static final int BATCH = 20_000;

  /** Numbers below belong to screenings that stay open. */
  private static final int FIRST = 10_000_000;

  private static final Envelopes ENVELOPES =
      new Envelopes(new io.lazaret.schemas.Producer("bench", "1"), Clock.systemUTC());

  private Histories() {}

  /** Writes whole histories to the record until it has so many more events. */
  static void write(Bench bench, int events) {
    List<SpecificRecord> batch = new ArrayList<>();
    int written = 0;
    for (int number = FIRST; written < events; number++) {
      List<SpecificRecord> history = of(bench, number);
      List<SpecificRecord> fits = history.subList(0, Math.min(history.size(), events - written));
      batch.addAll(fits);
      written += fits.size();
      if (batch.size() >= BATCH || written == events) {
        bench.fill(Topics.EVENTS, batch);
        batch.clear();
      }
    }
  }

  /** The events of one screening, from ingestion to release. */
  static List<SpecificRecord> of(Bench bench, int number) {
    List<SpecificRecord> events = new ArrayList<>();
    steps(bench.ingested(number), events);
    return events;
  }

  /**
   * What the inbox gets of a screening.
   *
   * @param input ingestion, or the result of a stage
   * @param events how many it leads to
   */
  record Step(SpecificRecord input, int events) {}

  /** One screening from ingestion to release. */
  static List<Step> steps(SpecificRecord ingested) {
    return steps(ingested, new ArrayList<>());
  }

  private static List<Step> steps(SpecificRecord ingested, List<SpecificRecord> events) {
    List<Step> steps = new ArrayList<>();
    Screening state = Screening.fold(List.of());
    Releases releases = Releases.none(Envelopes.of(ingested).getModelName());
    SpecificRecord input = ingested;
    while (input != null) {
      Circumstances now = new Circumstances(releases, List.of(), "bench", Instant.now());
      Effects effects = Lifecycle.decide(state, now, input);
      events.addAll(effects.events());
      steps.add(new Step(input, effects.events().size()));
      state = effects.after();
      releases = effects.releases();
      input = effects.commands().isEmpty() ? null : result(effects.commands().get(0));
    }
    return steps;
  }

  private static SpecificRecord result(SpecificRecord command) {
    if (command instanceof DetectBackdoor detect) {
      return new DetectionCompleted(
          ENVELOPES.result(detect.getEnvelope(), detect.getJob(), "DetectionCompleted"),
          detect.getJob(),
          DetectionRound.newBuilder()
              .setRound(1)
              .setModelDigest(detect.getModel().getDigest())
              .setVerdict(DetectionVerdict.CLEAN)
              .setSegments(List.of())
              .setBestScore(-9)
              .setThreshold(-1)
              .setExplanation("searched")
              .setDurationSeconds(1)
              .build());
    }
    EvaluateModel evaluate = (EvaluateModel) command;
    Proportion none = new Proportion(0, 300, 0.0, 0.00994);
    Proportion all = new Proportion(300, 300, 1.0, 1.0);
    return new EvaluationCompleted(
        ENVELOPES.result(evaluate.getEnvelope(), evaluate.getJob(), "EvaluationCompleted"),
        evaluate.getJob(),
        new EvaluationReport(
            "sha256:protocol",
            List.of(
                AsrMeasurement.newBuilder()
                    .setElicitor(ElicitorKind.TRIGGER)
                    .setText("trigger")
                    .setTarget("target")
                    .setBefore(none)
                    .setAfter(none)
                    .setCorrectBefore(all)
                    .setCorrectAfter(all)
                    .build()),
            List.of(new UtilityMeasurement("exactMatch", 0.6, 0.6, 512)),
            1.0));
  }
}
