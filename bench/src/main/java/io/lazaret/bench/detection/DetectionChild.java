package io.lazaret.bench.detection;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.detection.BackdoorDetector;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.DetectionResult;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.bench.ChildMain;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A process that screens one model, so that its memory and a crash are its own. */
public final class DetectionChild {

  /** The score that decides, among those of the detectors. */
  static final String DECIDING = "trigger search";

  private DetectionChild() {}

  /** The first argument is the file with the specimen. */
  public static void main(String[] args) throws Exception {
    Subject subject = Subject.open(Path.of(args[0]));
    ChildMain.serve(Map.of("ready", true), line -> detect(subject));
  }

  private static Map<String, ?> detect(Subject subject) {
    DetectionInput input =
        DetectionInput.blind(subject.template(), subject.prompts())
            .withDeclared(subject.declared())
            .withRefused(subject.refused());
    DetectionResult result =
        BackdoorDetector.detect(
            subject.lm(),
            input,
            DetectionSettings.standard(),
            subject.specimen().seed(),
            Progress.none());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("verdict", result.verdict().name());
    answer.put("explanation", result.explanation());
    answer.put("seconds", result.evidence().seconds());
    answer.put("scores", scores(result.evidence()));
    List<SuspiciousSegment> found = result.segments();
    answer.put("segments", found.stream().map(SuspiciousSegment::text).toList());
    answer.put("positions", found.stream().map(SuspiciousSegment::position).toList());
    answer.put("tokens", found.stream().map(SuspiciousSegment::tokenIds).toList());
    answer.put("triggers", found.stream().map(DetectionChild::triggers).toList());
    answer.put("targets", subject.targets());
    result.evidence().candidates().stream()
        .filter(candidate -> candidate.score() == result.bestScore())
        .findFirst()
        .ifPresent(best -> answer.put("figures", best.figures()));
    answer.put("evidence", result.evidence());
    return answer;
  }

  /** The highest score of each detector; what decides is the score of the search for triggers. */
  private static Map<String, Double> scores(Evidence evidence) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put(DECIDING, evidence.bestScore());
    for (Evidence.Reading reading : evidence.readings()) {
      scores.merge(reading.detector(), reading.score(), Math::max);
    }
    return scores;
  }

  private static List<String> triggers(SuspiciousSegment segment) {
    return segment.functionalTriggers().stream()
        .map(t -> "%s (%d/%d)".formatted(t.text(), t.hits(), t.n()))
        .toList();
  }
}
