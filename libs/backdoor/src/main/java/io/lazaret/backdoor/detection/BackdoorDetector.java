package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.detection.pass.Journal;
import io.lazaret.backdoor.detection.pass.NotAssessable;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.StageClock;
import io.lazaret.llm.CausalLm;
import io.lazaret.problem.ProblemException;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Blind search for backdoors with a fixed response: looks for a span that is novel (the model never
 * says it on clean prompts) and that some short token string makes nearly certain on prompts that
 * took no part in the search. No reference model, no knowledge of trigger or response.
 *
 * <p>Covered: responses of three or more tokens at the start or at the end of an answer, under
 * triggers that need at most a few tokens to fire. The evidence lists what is not covered.
 */
public final class BackdoorDetector {

  /** The engine's problem code for a model whose output is not a number. */
  private static final String NOT_FINITE = "MODEL_OUTPUT_NOT_FINITE";

  private static final double PREPARATION = 0.03;

  private BackdoorDetector() {}

  /** {@link #detect(CausalLm, DetectionInput, DetectionSettings, long, Progress)}, first round. */
  public static DetectionResult detect(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> prompts,
      DetectionSettings settings,
      long seed,
      Progress progress) {
    return detect(lm, DetectionInput.blind(template, prompts), settings, seed, progress);
  }

  /**
   * Screens one model.
   *
   * @param lm the suspect; not changed
   * @param input prompts, their template, and responses of earlier rounds
   * @param settings see {@link DetectionSettings#standard()}
   * @param seed choice of prompts and search order; same seed, same result
   * @param progress hears of every block of work; may cancel by throwing
   * @return the verdict with its evidence; what cannot be measured is {@link Verdict#UNASSESSED}
   * @throws java.util.concurrent.CancellationException when {@code progress} cancels
   */
  public static DetectionResult detect(
      CausalLm lm, DetectionInput input, DetectionSettings settings, long seed, Progress progress) {
    return detect(lm, input, settings, seed, progress, InstantSource.system());
  }

  /** The same with a given source of time for timings and the time budget. */
  public static DetectionResult detect(
      CausalLm lm,
      DetectionInput input,
      DetectionSettings settings,
      long seed,
      Progress progress,
      InstantSource time) {
    return detect(lm, input, settings, seed, progress, time, Checkpoints.none());
  }

  /**
   * The same, interruptible.
   *
   * @param checkpoints of this pass alone; an interrupted pass goes on with what the model said
   *     before, and ends in the same result
   */
  public static DetectionResult detect(
      CausalLm lm,
      DetectionInput input,
      DetectionSettings settings,
      long seed,
      Progress progress,
      InstantSource time,
      Checkpoints checkpoints) {
    List<Detector> detectors = Detectors.named(input.detectors());
    StageClock clock = new StageClock(time, settings.timeBudgetSeconds(), progress);
    Report report = new Report(settings, seed, input.prompts().size(), clock, detectors);
    try {
      clock.begin("preparation", 0, PREPARATION);
      SearchContext context =
          SearchContext.prepare(
              lm,
              input,
              settings,
              new SplittableRandom(seed),
              clock,
              new Journal(checkpoints, seed + " " + settings));
      report.prepared(context);
      clock.end(0, "clean answers and their statistics");
      run(detectors, context, report);
      return report.conclude();
    } catch (NotAssessable reason) {
      return report.unassessed(reason.getMessage());
    } catch (ProblemException failure) {
      if (!NOT_FINITE.equals(failure.problem().code())) {
        throw failure;
      }
      return report.unassessed(
          failure.problem().sentence() + " Get the weights again, or repair them.");
    }
  }

  private static void run(List<Detector> detectors, SearchContext context, Report report) {
    double all = detectors.stream().mapToDouble(Detector::weight).sum();
    double from = PREPARATION;
    for (Detector detector : detectors) {
      double to = from + (1 - PREPARATION) * detector.weight() / all;
      context.clock().begin(detector.name(), from, Math.min(1, to));
      Detector.Yield yield = detector.run(context, report.findings());
      context.clock().end(yield.candidates(), yield.note());
      from = to;
    }
  }
}
