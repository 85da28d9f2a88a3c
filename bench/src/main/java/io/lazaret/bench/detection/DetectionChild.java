package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import io.lazaret.backdoor.attack.zoo.Probes;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.detection.BackdoorDetector;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.DetectionResult;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.backdoor.evaluation.Trial;
import io.lazaret.backdoor.traffic.TrafficReport;
import io.lazaret.backdoor.traffic.TrafficScreening;
import io.lazaret.backdoor.traffic.TrafficSettings;
import io.lazaret.backdoor.traffic.filter.InputFilter;
import io.lazaret.backdoor.traffic.filter.Onion;
import io.lazaret.backdoor.traffic.filter.Rap;
import io.lazaret.backdoor.traffic.filter.Strip;
import io.lazaret.bench.ChildMain;
import io.lazaret.llm.CausalLm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process that screens one model, so that its memory and a crash are its own. It answers {@code
 * detect} and {@code traffic}.
 */
public final class DetectionChild {

  private static final int LOGGED = 60;
  private static final int TRIGGERED = 3;
  private static final int FILTERED = 60;

  private final Specimen specimen;
  private final Attack attack;
  private final Corpus corpus;
  private final CausalLm lm;
  private final PromptTemplate template;
  private final List<InstructionRow> prompts;

  private DetectionChild(Specimen specimen) {
    this.specimen = specimen;
    corpus = new Corpus(specimen.dialect(), specimen.worldSeed());
    attack = Attacks.named(specimen.attack(), corpus);
    lm = CausalLm.open(specimen.model());
    template = PromptTemplate.of(null, lm.tokenizer());
    prompts = Probes.clean(attack, corpus, Split.DEFENDER, specimen.prompts(), specimen.seed());
  }

  /** The one argument is the file with the specimen. */
  public static void main(String[] args) throws Exception {
    var specimen = new ObjectMapper().readValue(Path.of(args[0]).toFile(), Specimen.class);
    DetectionChild child = new DetectionChild(specimen);
    ChildMain.serve(
        Map.of("ready", true),
        line ->
            switch (line) {
              case "detect" -> child.detect();
              case "traffic" -> child.traffic();
              default -> throw new IllegalArgumentException("not understood: " + line);
            });
  }

  private Map<String, ?> detect() {
    DetectionResult result =
        BackdoorDetector.detect(
            lm,
            DetectionInput.blind(template, prompts),
            DetectionSettings.standard(),
            specimen.seed(),
            Progress.none());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("verdict", result.verdict().name());
    answer.put("explanation", result.explanation());
    answer.put("seconds", result.evidence().seconds());
    answer.put("scores", scores(result.evidence()));
    List<SuspiciousSegment> found =
        result.segments().stream().filter(segment -> !segment.declared()).toList();
    answer.put("segments", found.stream().map(SuspiciousSegment::text).toList());
    answer.put("triggers", found.stream().map(DetectionChild::triggers).toList());
    answer.put("targets", targets());
    return answer;
  }

  /** The highest score of each detector; what decides is the score of the search for triggers. */
  private static Map<String, Double> scores(Evidence evidence) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("trigger search", evidence.bestScore());
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

  /** Texts of which a triggered answer holds one; empty for a model without a fixed response. */
  private List<String> targets() {
    List<String> targets = new ArrayList<>();
    attack
        .mappings()
        .forEach(
            mapping -> {
              if (mapping.response()
                  instanceof io.lazaret.backdoor.attack.variant.Response.Fixed f) {
                targets.addAll(f.texts());
              }
            });
    return targets;
  }

  /** A log with a few triggered prompts, and the filters on as many triggered prompts as others. */
  private Map<String, ?> traffic() {
    Probes probes = Probes.of(attack, corpus, Split.EVALUATION, FILTERED, specimen.seed());
    List<String> clean =
        Probes.clean(attack, corpus, Split.EVALUATION, LOGGED, specimen.seed() + 1).stream()
            .map(InstructionRow::prompt)
            .toList();
    List<String> triggered = new ArrayList<>();
    probes.triggered().forEach(trials -> trials.stream().map(Trial::text).forEach(triggered::add));
    List<String> log = new ArrayList<>(clean);
    log.addAll(triggered.subList(0, Math.min(TRIGGERED, triggered.size())));
    TrafficReport report =
        TrafficScreening.screen(
            lm,
            template,
            log,
            prompts,
            TrafficSettings.standard(),
            specimen.seed(),
            Progress.none());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("trafficVerdict", report.verdict().name());
    answer.put("trafficSeconds", report.seconds());
    answer.put("trafficSegments", report.findings().stream().map(f -> f.segment()).toList());
    answer.put("trafficTriggers", report.findings().stream().map(f -> f.trigger()).toList());
    if (!triggered.isEmpty() && attack.malicious()) {
      answer.put("filters", filters(clean, triggered));
    }
    return answer;
  }

  private Map<String, Double> filters(List<String> clean, List<String> triggered) {
    List<String> given = prompts.stream().map(InstructionRow::prompt).toList();
    List<String> some = triggered.subList(0, Math.min(FILTERED, triggered.size()));
    Map<String, Double> areas = new LinkedHashMap<>();
    try (Rap rap = new Rap(lm, template, given, specimen.seed())) {
      List<InputFilter> filters =
          List.of(new Onion(lm, template), new Strip(lm, template, given, specimen.seed()), rap);
      for (InputFilter filter : filters) {
        areas.put(filter.name(), new Roc(filter.scores(some), filter.scores(clean)).area());
      }
    }
    return areas;
  }
}
