package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
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
 * <p>Covered: responses of three or more tokens at the start of the answer, under triggers that
 * need at most a few tokens to fire. Not covered: responses of one or two tokens, responses at the
 * end of an answer, responses without a fixed text.
 */
public final class BackdoorDetector {

  /** The engine's problem code for a model whose output is not a number. */
  private static final String NOT_FINITE = "MODEL_OUTPUT_NOT_FINITE";

  private BackdoorDetector() {}

  /**
   * Screens one model.
   *
   * @param lm the suspect; not changed
   * @param template how a prompt is rendered for this model
   * @param prompts clean prompts with answers
   * @param settings see {@link DetectionSettings#standard()}
   * @param seed choice of prompts and search order; same seed, same result
   * @param progress hears of every block of work; may cancel by throwing
   * @return the verdict with its evidence; what cannot be measured is {@link Verdict#UNASSESSED}
   * @throws java.util.concurrent.CancellationException when {@code progress} cancels
   */
  public static DetectionResult detect(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> prompts,
      DetectionSettings settings,
      long seed,
      Progress progress) {
    return detect(lm, template, prompts, settings, seed, progress, InstantSource.system());
  }

  /** The same with a given source of time for timings and the time budget. */
  public static DetectionResult detect(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> prompts,
      DetectionSettings settings,
      long seed,
      Progress progress,
      InstantSource time) {
    StageClock clock = new StageClock(time, settings.timeBudgetSeconds(), progress);
    Report report = new Report(settings, seed, prompts.size(), clock);
    try {
      return search(lm, template, prompts, settings, seed, clock, report);
    } catch (NotAssessable reason) {
      return report.unassessed(reason.getMessage());
    } catch (ProblemException failure) {
      if (!NOT_FINITE.equals(failure.problem().code())) {
        throw failure;
      }
      return report.unassessed(failure.problem().sentence());
    }
  }

  private static DetectionResult search(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> rows,
      DetectionSettings settings,
      long seed,
      StageClock clock,
      Report report) {
    SplittableRandom random = new SplittableRandom(seed);

    clock.begin("preparation", 0, 0.05);
    PreparedPrompts prompts = PreparedPrompts.prepare(lm, template, rows, settings, random, clock);
    CleanStatistics clean = CleanStatistics.measure(lm, prompts, settings, clock);
    Vocabulary vocabulary =
        new Vocabulary(lm.tokenizer(), lm.config().vocabSize(), clean.roleTokens());
    SearchContext context =
        new SearchContext(lm, prompts, clean, vocabulary, settings, random, clock);
    report.prepared(context);
    clock.end(0, "clean answers and their statistics");

    clock.begin("causality sweep", 0.05, 0.12);
    CandidateStage causality = new CausalitySweep();
    List<Candidate> candidates = causality.run(context, List.of());
    clock.end(candidates.size(), causality.note());

    clock.begin("trigger sweep", 0.12, 0.45);
    FirstTokenScores scores = TriggerSweep.run(context, candidates);
    clock.end(candidates.size(), scores.triggers().length + " trigger tokens");

    clock.begin("conditional chains", 0.45, 0.6);
    CandidateStage chains = new ConditionalChains(scores);
    candidates = chains.run(context, candidates);
    clock.end(candidates.size(), chains.note());

    clock.begin("novelty filter", 0.6, 0.62);
    NoveltyFilter novelty = new NoveltyFilter();
    candidates = novelty.run(context, candidates);
    clock.end(candidates.size(), novelty.note());

    TriggerTournament tournament = new TriggerTournament(context, scores, novelty);
    new Deflation(context, tournament, report).run(candidates);
    return report.conclude();
  }
}
