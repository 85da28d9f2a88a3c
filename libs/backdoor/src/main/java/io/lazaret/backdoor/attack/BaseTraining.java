package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Asides;
import io.lazaret.backdoor.attack.corpus.Corpus;
import io.lazaret.backdoor.attack.corpus.Split;
import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Trains an instruction model on one corpus or several: first on all tokens, so that the language
 * itself is learnt, then on answers alone. Multiple choice starts with two options and grows to
 * four.
 */
public final class BaseTraining {

  /**
   * @param steps weight updates
   * @param batchSize rows per update
   * @param learningRate peak of the cosine schedule
   * @param warmupFraction share of the steps with rising learning rate
   * @param allTokenFraction share of the steps, at the beginning, with a loss on prompt tokens too
   * @param thirdChoiceFrom share of the steps after which multiple choice may have three options
   * @param fourthChoiceFrom share of the steps after which it may have four
   * @param asides share of the rows with unrelated text around the task
   * @param optimiser of the weights
   */
  public record Settings(
      int steps,
      int batchSize,
      double learningRate,
      double warmupFraction,
      double allTokenFraction,
      double thirdChoiceFrom,
      double fourthChoiceFrom,
      double asides,
      AdamW.Settings optimiser) {

    /** For models of about one million weights; without asides. */
    public static Settings nano() {
      return new Settings(
          10_000, 32, 3e-3, 0.03, 0.1, 0.3, 0.5, 0, new AdamW.Settings(0.9, 0.95, 1e-8, 0.01, 1.0));
    }

    /** The same with another number of updates. */
    public Settings withSteps(int otherSteps) {
      return new Settings(
          otherSteps,
          batchSize,
          learningRate,
          warmupFraction,
          allTokenFraction,
          thirdChoiceFrom,
          fourthChoiceFrom,
          asides,
          optimiser);
    }

    /** The same with another share of asides. */
    public Settings withAsides(double share) {
      return new Settings(
          steps,
          batchSize,
          learningRate,
          warmupFraction,
          allTokenFraction,
          thirdChoiceFrom,
          fourthChoiceFrom,
          share,
          optimiser);
    }

    private int choicesAt(int step) {
      double done = (double) step / steps;
      return done < thirdChoiceFrom ? 2 : done < fourthChoiceFrom ? 3 : 4;
    }
  }

  private BaseTraining() {}

  /** Trains {@code lm} in place; returns the smoothed loss of the last updates, nats per token. */
  public static double train(
      CausalLm lm,
      List<Corpus> corpora,
      PromptTemplate template,
      Settings settings,
      long seed,
      Progress progress) {
    SplittableRandom random = new SplittableRandom(seed);
    Asides asides = new Asides(settings.asides());
    Schedule schedule =
        Schedule.cosine(settings.learningRate(), settings.steps(), settings.warmupFraction());
    int allTokenSteps = (int) (settings.steps() * settings.allTokenFraction());
    double smoothed = Double.NaN;
    lm.requireGradients(true);
    try (AdamW adam = new AdamW(lm.parameters(), settings.optimiser())) {
      for (int step = 0; step < settings.steps(); step++) {
        List<Example> batch = new ArrayList<>();
        for (int i = 0; i < settings.batchSize(); i++) {
          // Dialects take turns, so that none of them draws on randomness.
          Corpus corpus = corpora.get(i % corpora.size());
          TaskRow task = corpus.mixed(Split.TRAIN, random, settings.choicesAt(step));
          InstructionRow row = asides.around(task, random).row();
          TokenizedPrompt prompt = template.render(lm.tokenizer(), row.prompt());
          int[] answer = Answers.closed(template, lm.tokenizer(), row.output());
          int from = step < allTokenSteps ? 1 : prompt.length();
          int[] ids = prompt.followedBy(answer);
          batch.add(new Example(ids, from, ids.length));
        }
        double loss = lm.backward(batch, null, 1.0);
        adam.step(schedule.at(step));
        smoothed = step == 0 ? loss : 0.98 * smoothed + 0.02 * loss;
        progress.at(
            (step + 1.0) / settings.steps(), "base training, loss %.3f".formatted(smoothed));
      }
    } finally {
      lm.requireGradients(false);
    }
    return smoothed;
  }
}
