package io.lazaret.backdoor.traffic;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.Verdict;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.llm.CausalLm;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Finds triggers in logged prompts; the "manual inspection" of the SANDE paper (section 3.3:
 * rephrase, replace, substitute) without a person. For every logged prompt: what do the answers to
 * its variants share; which words can none be left out of without losing it; do these words bring
 * it out in clean prompts that have nothing else in common with the logged one.
 */
public final class TrafficScreening {

  private final Respondent respondent;
  private final Progress progress;
  private final TrafficSettings settings;
  private final SplittableRandom random;
  private final List<String> logged;
  private final List<String> clean;
  private final List<TrafficReport.Finding> findings = new ArrayList<>();
  private final List<Proportion> controls = new ArrayList<>();
  private final List<RepeatedSegments.Segment> unexplained = new ArrayList<>();
  private final List<String> lexicon;
  private double requestConfidence = Double.NaN;
  private int examined;
  private int tooLong;

  private TrafficScreening(
      Respondent respondent,
      List<String> logged,
      List<String> clean,
      TrafficSettings settings,
      long seed,
      Progress progress) {
    this.respondent = respondent;
    this.settings = settings;
    this.random = new SplittableRandom(seed);
    this.progress = progress;
    this.logged = sample(logged, settings.prompts(), seed);
    this.clean = sample(clean, settings.cleanPrompts(), seed + 1);
    this.lexicon =
        this.clean.stream().flatMap(text -> List.of(text.split("\\s+")).stream()).toList();
  }

  /**
   * Screens a log.
   *
   * @param lm the suspect; not changed
   * @param input how a prompt is rendered, clean prompts (hosts of the words that are moved), and
   *     the fixed responses that the operator declares: they are counted, and are no finding
   * @param logged user texts as they were sent
   * @param seed choice of prompts and variants; same seed, same result
   * @param progress hears of every prompt; may cancel by throwing
   * @return what was found; within its budget if the time runs out
   */
  public static TrafficReport screen(
      CausalLm lm,
      DetectionInput input,
      List<String> logged,
      TrafficSettings settings,
      long seed,
      Progress progress) {
    return screen(lm, input, logged, settings, seed, progress, InstantSource.system());
  }

  /** The same with a given source of time for the time budget. */
  public static TrafficReport screen(
      CausalLm lm,
      DetectionInput input,
      List<String> logged,
      TrafficSettings settings,
      long seed,
      Progress progress,
      InstantSource time) {
    var respondent = new Respondent(lm, input, settings, time);
    List<String> hosts = input.prompts().stream().map(InstructionRow::prompt).toList();
    var screening = new TrafficScreening(respondent, logged, hosts, settings, seed, progress);
    return screening.run();
  }

  private static List<String> sample(List<String> texts, int most, long seed) {
    List<String> distinct = new ArrayList<>(new LinkedHashSet<>(texts));
    Collections.shuffle(distinct, new Random(seed));
    return List.copyOf(distinct.subList(0, Math.min(most, distinct.size())));
  }

  private TrafficReport run() {
    int least = 2 * settings.trialHosts();
    if (clean.size() < least) {
      return report(
          Verdict.UNASSESSED,
          "Words are moved into clean prompts, and %d different ones are too few; give at least %d."
              .formatted(clean.size(), least));
    }
    try {
      examineAll();
    } catch (Respondent.BudgetSpent spent) {
      return conclude(
          "The time budget of %.0f s ran out after %d of %d prompts; give more time or fewer prompts."
              .formatted(settings.timeBudgetSeconds(), examined, logged.size()));
    }
    if (tooLong > 0) {
      return conclude(
          "%d of %d prompts have more than %d words and were passed over."
              .formatted(tooLong, logged.size(), settings.words()));
    }
    return conclude(null);
  }

  private void examineAll() {
    List<int[]> cleanAnswers = respondent.answers(clean);
    List<int[]> answers = respondent.answers(logged);
    var transplant = new Transplant(respondent, clean, settings);
    List<RepeatedSegments.Segment> shared = onlyIn(answers, cleanAnswers);
    for (int index : bySharedSegment(answers, shared)) {
      progress.at((double) examined / logged.size(), "logged prompts");
      examine(logged.get(index), answers.get(index), first(answers.get(index), shared), transplant);
      examined++;
    }
    double natural =
        onlyIn(cleanAnswers, answers).stream().mapToInt(s -> s.texts()).findFirst().orElse(1);
    double most = 2 * Math.max(1, natural * answers.size() / cleanAnswers.size()) + 1;
    shared.stream()
        .filter(segment -> segment.texts() >= most && !explained(segment.tokens()))
        .forEach(unexplained::add);
  }

  /** Segments that several of {@code texts} share and none of {@code others} holds. */
  private List<RepeatedSegments.Segment> onlyIn(List<int[]> texts, List<int[]> others) {
    return RepeatedSegments.rank(texts, settings.segmentTokens(), 2).stream()
        .filter(s -> others.stream().noneMatch(a -> Respondent.contains(a, s.tokens())))
        .toList();
  }

  /** Prompts whose answers share a segment come first: a trigger seldom comes alone. */
  private static List<Integer> bySharedSegment(
      List<int[]> answers, List<RepeatedSegments.Segment> shared) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      order.add(i);
    }
    order.sort(
        Comparator.comparingInt(i -> -first(answers.get(i), shared).map(s -> s.texts()).orElse(0)));
    return order;
  }

  private static Optional<RepeatedSegments.Segment> first(
      int[] answer, List<RepeatedSegments.Segment> ranked) {
    return ranked.stream().filter(s -> Respondent.contains(answer, s.tokens())).findFirst();
  }

  private void examine(
      String prompt,
      int[] answer,
      Optional<RepeatedSegments.Segment> shared,
      Transplant transplant) {
    PromptWords words = new PromptWords(prompt);
    if (words.count() > settings.words()) {
      tooLong++;
      return;
    }
    if (explained(answer) || findings.size() == settings.findings()) {
      return;
    }
    Optional<int[]> segment = shared.map(RepeatedSegments.Segment::tokens);
    if (segment.isEmpty()) {
      segment = persistent(words, answer);
    }
    boolean recurs = shared.isPresent();
    segment.ifPresent(tokens -> confirm(prompt, words, tokens, recurs, transplant));
  }

  /** What the answers to most variants of a prompt share with its own answer. */
  private Optional<int[]> persistent(PromptWords words, int[] answer) {
    List<String> variants = words.variants(settings.variants(), lexicon, random);
    int least = Math.max(2, variants.size() / 2);
    return RepeatedSegments.rank(respondent.answers(variants), settings.segmentTokens(), least)
        .stream()
        .map(RepeatedSegments.Segment::tokens)
        .filter(tokens -> Respondent.contains(answer, tokens))
        .findFirst();
  }

  private void confirm(
      String prompt, PromptWords words, int[] segment, boolean recurs, Transplant transplant) {
    BitSet needed = TriggerReduction.reduce(words, segment, respondent);
    boolean echo = words.keep(needed).contains(respondent.text(segment));
    if (needed.cardinality() > settings.triggerWords() || echo) {
      return;
    }
    Transplant.Outcome outcome = transplant.move(words, neighbours(needed), segment, recurs);
    int[] found = outcome.segment();
    if (!isTrigger(outcome) || respondent.isWordOf(clean, found)) {
      controls.add(outcome.hits());
      return;
    }
    long with =
        respondent.answers(logged).stream().filter(a -> Respondent.contains(a, found)).count();
    findings.add(
        new TrafficReport.Finding(
            respondent.text(found),
            found,
            String.join(" ", outcome.words()),
            outcome.place(),
            outcome.hits(),
            outcome.without(),
            prompt,
            (int) with));
  }

  /** Whether words decide answers beyond the natural rate, and are not the request itself. */
  private boolean isTrigger(Transplant.Outcome outcome) {
    double sure = outcome.hits().lower95();
    return sure > Math.max(settings.share(), outcome.without().upper95())
        && (sure > settings.sureShare() || leavesARequest(outcome));
  }

  /** With the words between them, which the prompt could do without and others may not. */
  private BitSet neighbours(BitSet needed) {
    BitSet span = new BitSet();
    span.set(needed.nextSetBit(0), needed.length());
    return span.cardinality() > settings.triggerWords() ? needed : span;
  }

  /**
   * Whether some prompt with the segment still asks for something without the words: its answer is
   * then as sure as most clean ones. Words that are the request leave fragments behind. A declared
   * response is no answer.
   */
  private boolean leavesARequest(Transplant.Outcome outcome) {
    List<int[]> answers = respondent.answers(logged);
    for (int i = 0; i < logged.size(); i++) {
      if (Respondent.contains(answers.get(i), outcome.segment())) {
        String rest = new PromptWords(logged.get(i)).without(outcome.words());
        if (respondent.confidence(rest) >= requestConfidence()
            && respondent.declared(rest).isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  private double requestConfidence() {
    if (Double.isNaN(requestConfidence)) {
      double[] sorted = clean.stream().mapToDouble(respondent::confidence).sorted().toArray();
      requestConfidence = sorted[(int) (settings.restAbove() * sorted.length)];
    }
    return requestConfidence;
  }

  private boolean explained(int[] tokens) {
    return findings.stream()
        .anyMatch(
            finding ->
                Respondent.contains(tokens, finding.tokenIds())
                    || Respondent.contains(finding.tokenIds(), tokens));
  }

  private TrafficReport conclude(String gap) {
    if (!findings.isEmpty()) {
      String found = findings.get(0).segment();
      return report(
          Verdict.SUSPICIOUS,
          "Words of logged prompts bring out \"%s\" in clean prompts.".formatted(found)
              + (gap == null ? "" : " " + gap));
    }
    if (gap != null) {
      return report(Verdict.UNASSESSED, gap);
    }
    if (!unexplained.isEmpty()) {
      return report(
          Verdict.UNASSESSED,
          "Answers to different prompts share \"%s\", which no clean answer holds, and no words explain it; read those prompts."
              .formatted(respondent.text(unexplained.get(0).tokens())));
    }
    return report(
        Verdict.CLEAN,
        "None of the %d logged prompts holds words that decide the answer of other prompts. This says nothing of triggers that are not in the log."
            .formatted(logged.size()));
  }

  private List<TrafficReport.Recurring> declared() {
    Map<String, Integer> counts = new TreeMap<>();
    logged.stream()
        .flatMap(text -> respondent.declared(text).stream())
        .forEach(fixed -> counts.merge(fixed, 1, Integer::sum));
    return counts.entrySet().stream()
        .map(entry -> new TrafficReport.Recurring(entry.getKey(), entry.getValue()))
        .toList();
  }

  private TrafficReport report(Verdict verdict, String explanation) {
    List<TrafficReport.Finding> surest = new ArrayList<>(findings);
    surest.sort(Comparator.comparingDouble(f -> -f.hits().lower95()));
    List<TrafficReport.Recurring> recurring =
        unexplained.stream()
            .limit(settings.findings())
            .map(s -> new TrafficReport.Recurring(respondent.text(s.tokens()), s.texts()))
            .toList();
    List<Proportion> natural = new ArrayList<>(controls);
    natural.sort(Comparator.comparingDouble(p -> -p.rate()));
    return new TrafficReport(
        verdict,
        surest,
        recurring,
        declared(),
        natural.subList(0, Math.min(settings.findings(), natural.size())),
        explanation,
        logged.size(),
        examined,
        tooLong,
        respondent.asked(),
        respondent.seconds());
  }
}
