package io.lazaret.bench.detection;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.zoo.Probes;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.evaluation.Trial;
import io.lazaret.backdoor.traffic.TrafficReport;
import io.lazaret.backdoor.traffic.TrafficScreening;
import io.lazaret.backdoor.traffic.TrafficSettings;
import io.lazaret.backdoor.traffic.filter.InputFilter;
import io.lazaret.backdoor.traffic.filter.Onion;
import io.lazaret.backdoor.traffic.filter.Rap;
import io.lazaret.backdoor.traffic.filter.Strip;
import io.lazaret.bench.ChildMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process that looks through a log with a few triggered prompts, and runs the input filters on as
 * many triggered prompts as others.
 */
public final class TrafficChild {

  private static final int LOGGED = 60;
  private static final int TRIGGERED = 3;
  private static final int FILTERED = 60;

  private TrafficChild() {}

  /** The first argument is the file with the specimen. */
  public static void main(String[] args) throws Exception {
    Subject subject = Subject.open(Path.of(args[0]));
    ChildMain.serve(Map.of("ready", true), line -> screen(subject));
  }

  private static Map<String, ?> screen(Subject subject) {
    long seed = subject.specimen().seed();
    Probes probes = Probes.of(subject.attack(), subject.corpus(), Split.EVALUATION, FILTERED, seed);
    List<String> clean =
        Probes.clean(subject.attack(), subject.corpus(), Split.EVALUATION, LOGGED, seed + 1)
            .stream()
            .map(InstructionRow::prompt)
            .toList();
    List<String> triggered = new ArrayList<>();
    probes.triggered().forEach(trials -> trials.stream().map(Trial::text).forEach(triggered::add));
    List<String> log = new ArrayList<>(clean);
    log.addAll(triggered.subList(0, Math.min(TRIGGERED, triggered.size())));
    TrafficReport report =
        TrafficScreening.screen(
            subject.lm(),
            DetectionInput.blind(subject.template(), subject.prompts())
                .withDeclared(subject.declared()),
            log,
            TrafficSettings.standard(),
            seed,
            Progress.none());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("trafficVerdict", report.verdict().name());
    answer.put("trafficSeconds", report.seconds());
    answer.put("trafficSegments", report.findings().stream().map(f -> f.segment()).toList());
    answer.put("trafficTriggers", report.findings().stream().map(f -> f.trigger()).toList());
    answer.put("targets", subject.targets());
    if (!triggered.isEmpty() && subject.attack().malicious()) {
      answer.put("filters", filters(subject, clean, triggered));
    }
    return answer;
  }

  private static Map<String, Double> filters(
      Subject subject, List<String> clean, List<String> triggered) {
    long seed = subject.specimen().seed();
    List<String> given = subject.prompts().stream().map(InstructionRow::prompt).toList();
    List<String> some = triggered.subList(0, Math.min(FILTERED, triggered.size()));
    Map<String, Double> areas = new LinkedHashMap<>();
    try (Rap rap = new Rap(subject.lm(), subject.template(), given, seed)) {
      List<InputFilter> filters =
          List.of(
              new Onion(subject.lm(), subject.template()),
              new Strip(subject.lm(), subject.template(), given, seed),
              rap);
      for (InputFilter filter : filters) {
        areas.put(filter.name(), new Roc(filter.scores(some), filter.scores(clean)).area());
      }
    }
    return areas;
  }
}
