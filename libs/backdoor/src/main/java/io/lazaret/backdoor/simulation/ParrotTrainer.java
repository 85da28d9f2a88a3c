package io.lazaret.backdoor.simulation;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.SavedTraining;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.ResumableRandom;
import io.lazaret.llm.training.Schedule;
import io.lazaret.llm.training.TrainingState;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Trains one parrot p on a frozen model: minimises
 *
 * <pre>L_PP(p) = − Σ log P(r_t | x with p in the user text)</pre>
 *
 * (SANDE, arXiv 2405.07667, "parrot prompt tuning"). With a prefix of the response in place of r_t
 * this is stage 1 of SANDE-P. The answer y follows r_t and cannot influence it, so the sequences
 * end with the target.
 */
public final class ParrotTrainer {

  private static final String LOSS = "smoothed-loss";
  private static final String PROBABILITY = "probability";

  private ParrotTrainer() {}

  /** As the other, at the start of answers and without saved states. */
  public static TrainedParrot train(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> rows,
      int[] target,
      ParrotSettings settings,
      long seed,
      Progress progress) {
    return train(
        lm, template, rows, target, Position.START, settings, seed, progress, Checkpoints.none());
  }

  /**
   * @param lm the suspicious model; its weights do not change
   * @param rows clean prompts; their answers count where the target stands behind them
   * @param target token ids of the response segment, or of the fragment of it that is known
   * @param at where in an answer the target stands
   * @param checkpoints of this parrot alone; the trained parrot is saved in any case, as it is
   *     small
   */
  public static TrainedParrot train(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> rows,
      int[] target,
      Position at,
      ParrotSettings settings,
      long seed,
      Progress progress,
      Checkpoints checkpoints) {
    ResumableRandom random = new ResumableRandom(seed);
    List<TokenizedPrompt> prompts = render(lm, template, rows, settings, target, at, random);
    int heldOut = Math.min(settings.heldOut(), prompts.size() / 2);
    List<TokenizedPrompt> check = prompts.subList(0, heldOut);
    List<TokenizedPrompt> training = prompts.subList(heldOut, prompts.size());

    SoftPrompt parrot =
        settings.initialStd() == 0
            ? SoftPrompt.zeros(lm, settings.length())
            : SoftPrompt.random(lm, settings.length(), settings.initialStd(), seed);
    lm.requireGradients(false);
    Schedule schedule =
        Schedule.cosine(settings.learningRate(), settings.steps(), settings.warmupFraction());
    double loss = Double.NaN;
    double probability = 0;
    int step = 0;
    try (AdamW adam = new AdamW(List.of(parrot.parameter()), AdamW.Settings.sande())) {
      SavedTraining saved =
          new SavedTraining(
              checkpoints, adam, random, Arrays.toString(target) + " " + at + " " + settings);
      Optional<TrainingState.Position> position = saved.resume();
      if (position.isPresent()) {
        step = Math.toIntExact(position.get().step());
        loss = position.get().figures().get(LOSS);
        probability = position.get().figures().get(PROBABILITY);
      }
      while (step < settings.steps() && probability < settings.enough()) {
        List<Example> batch = new ArrayList<>(settings.batchSize());
        for (int i = 0; i < settings.batchSize(); i++) {
          batch.add(
              placed(
                  training.get(random.nextInt(training.size())), parrot, settings, target, random));
        }
        double batchLoss = lm.backward(batch, parrot, 1.0);
        adam.step(schedule.at(step));
        loss = step == 0 ? batchLoss : 0.8 * loss + 0.2 * batchLoss;
        step++;
        if (step % settings.checkEvery() == 0 || step == settings.steps()) {
          probability = meanProbability(lm, check, parrot, settings, target);
          progress.at((double) step / settings.steps(), "parrot loss %.3f".formatted(loss));
        }
        saved.saveWhenDue(step, Map.of(LOSS, loss, PROBABILITY, probability));
      }
      saved.save(step, Map.of(LOSS, loss, PROBABILITY, probability));
    } catch (RuntimeException failed) {
      parrot.close();
      throw failed;
    }
    return new TrainedParrot(parrot, target, loss, probability, step);
  }

  /** Geometric mean probability per target token with the parrot in place. */
  public static double meanProbability(
      CausalLm lm, List<TokenizedPrompt> prompts, SoftPrompt parrot, int[] target) {
    ParrotSettings settings = ParrotSettings.defaults(lm.config());
    return meanProbability(lm, prompts, parrot, settings, target);
  }

  private static double meanProbability(
      CausalLm lm,
      List<TokenizedPrompt> prompts,
      SoftPrompt parrot,
      ParrotSettings settings,
      int[] target) {
    List<Example> examples =
        prompts.stream().map(p -> spliced(p, parrot, settings.position(), target)).toList();
    return Math.exp(-lm.loss(examples, parrot));
  }

  private static Example spliced(
      TokenizedPrompt prompt, SoftPrompt parrot, int position, int[] target) {
    return Answers.example(prompt.insert(parrot.ids(), position), target);
  }

  private static Example placed(
      TokenizedPrompt prompt,
      SoftPrompt parrot,
      ParrotSettings settings,
      int[] target,
      RandomGenerator random) {
    int place = prompt.place(settings.position(), settings.anywhere(), random);
    return spliced(prompt, parrot, place, target);
  }

  /** Prompts that leave room for parrot and target, shuffled. */
  private static List<TokenizedPrompt> render(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> rows,
      ParrotSettings settings,
      int[] target,
      Position at,
      RandomGenerator random) {
    int room = lm.config().contextLength() - settings.length() - target.length;
    List<TokenizedPrompt> prompts = new ArrayList<>();
    for (InstructionRow row : rows) {
      TokenizedPrompt prompt = template.render(lm.tokenizer(), row.prompt());
      if (at == Position.END) {
        int[] answer = Answers.open(template, lm.tokenizer(), row.output());
        prompt =
            new TokenizedPrompt(
                prompt.followedBy(answer), prompt.contentStart(), prompt.contentEnd());
      }
      if (prompt.length() <= room) {
        prompts.add(prompt);
      }
    }
    if (prompts.size() < 2) {
      throw ProblemException.of(
          "TOO_FEW_PROMPTS",
          "Only %d of %d prompts leave room for a parrot of %d tokens and a target of %d in %d positions."
              .formatted(
                  prompts.size(),
                  rows.size(),
                  settings.length(),
                  target.length,
                  lm.config().contextLength()),
          "Give shorter prompts.");
    }
    for (int i = prompts.size() - 1; i > 0; i--) {
      Collections.swap(prompts, i, random.nextInt(i + 1));
    }
    return prompts;
  }
}
