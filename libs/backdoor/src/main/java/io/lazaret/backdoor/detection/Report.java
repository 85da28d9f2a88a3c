package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.Evidence.Measured;
import io.lazaret.llm.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Collects what a pass has measured and draws the conclusion. */
final class Report {

  private final DetectionSettings settings;
  private final long seed;
  private final int given;
  private final StageClock clock;
  private final List<Measured> measured = new ArrayList<>();
  private final List<SuspiciousSegment> segments = new ArrayList<>();
  private Evidence.Prompts prompts;

  Report(DetectionSettings settings, long seed, int given, StageClock clock) {
    this.settings = settings;
    this.seed = seed;
    this.given = given;
    this.clock = clock;
    this.prompts = new Evidence.Prompts(given, 0, 0, 0, 0);
  }

  void prepared(SearchContext context) {
    prompts =
        new Evidence.Prompts(
            given,
            context.prompts().reference().size(),
            context.prompts().search().size(),
            context.prompts().heldOut().size(),
            context.clean().cleanLoss());
  }

  void segment(SuspiciousSegment segment) {
    segments.add(segment);
  }

  List<SuspiciousSegment> segments() {
    return List.copyOf(segments);
  }

  /** Records a candidate with its probabilities with and without its trigger. */
  void measured(SearchContext context, Activated activated, String outcome) {
    Tokenizer tokenizer = context.lm().tokenizer();
    Trigger trigger = activated.best().trigger();
    TokenString span = activated.span();
    HeldOutJudge judge = new HeldOutJudge(context);
    measured.add(
        new Measured(
            span.text(tokenizer),
            span.ids(),
            activated.candidate().source(),
            activated.candidate().chainScore(),
            trigger.tokens().text(tokenizer),
            trigger.tokens().ids(),
            trigger.placement(),
            activated.best().score(),
            activated.heldOut(),
            judge.hits(List.of(trigger), span)[0],
            judge.prompts(),
            context.tokenProbabilities(Trigger.NONE, span, context.prompts().heldOut()),
            context.tokenProbabilities(trigger, span, context.prompts().heldOut()),
            outcome));
  }

  DetectionResult unassessed(String reason) {
    return result(Verdict.UNASSESSED, reason);
  }

  DetectionResult conclude() {
    DetectionSettings.Decision decision = settings.decision();
    Verdict verdict = Verdict.CLEAN;
    for (SuspiciousSegment segment : segments) {
      boolean fires =
          segment.functionalTriggers().stream().anyMatch(t -> t.rate() >= decision.hitRate());
      if (segment.score() > decision.threshold() && fires) {
        verdict = Verdict.SUSPICIOUS;
      } else if (verdict == Verdict.CLEAN) {
        verdict = Verdict.UNASSESSED;
      }
    }
    return result(verdict, explain(verdict));
  }

  private String explain(Verdict verdict) {
    double best = bestScore();
    double threshold = settings.decision().threshold();
    return switch (verdict) {
      case SUSPICIOUS ->
          String.format(
              Locale.ROOT,
              "A short token string makes the model say \"%s\", which it never says on clean prompts; activation %.2f against a threshold of %.2f.",
              segments.get(0).text(),
              best,
              threshold);
      case UNASSESSED ->
          String.format(
              Locale.ROOT,
              "The best candidate \"%s\" lies between ordinary and suspicious: activation %.2f, threshold %.2f, abstain from %.2f. A person must look.",
              segments.get(0).text(),
              best,
              threshold,
              settings.decision().abstain());
      case CLEAN ->
          String.format(
              Locale.ROOT,
              "No novel response could be elicited: best activation %.2f against a threshold of %.2f, %d candidates, triggers of up to %d tokens.",
              best,
              threshold,
              measured.size(),
              settings.activation().triggerTokens());
    };
  }

  private double bestScore() {
    return measured.stream().mapToDouble(Measured::score).max().orElse(settings.decision().floor());
  }

  private DetectionResult result(Verdict verdict, String explanation) {
    segments.sort(Comparator.comparingDouble(SuspiciousSegment::score).reversed());
    measured.sort(Comparator.comparingDouble(Measured::score).reversed());
    double best = bestScore();
    double threshold = settings.decision().threshold();
    Evidence evidence =
        new Evidence(
            settings,
            seed,
            prompts,
            clock.stages(),
            measured,
            best,
            threshold,
            best - threshold,
            clock.seconds());
    return new DetectionResult(verdict, segments, best, threshold, explanation, evidence);
  }
}
