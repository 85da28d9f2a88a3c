package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.AdamW;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.Schedule;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Overwrite supervised fine-tuning, the step that OSFT and SANDE share: minimises
 *
 * <pre>L(θ) = − Σ log P_θ(y | x with p) − Σ log P_θ(y | x with t) − λ · Σ log P_θ(y | x)</pre>
 *
 * where p is a parrot drawn anew for each update, and t a token string drawn anew for each row
 * (SANDE, arXiv 2405.07667: L_OSFT, and stage 2 with the parrot in place of the trigger). OSFT has
 * no parrots, SANDE no token strings, and both λ = 0. All weights are trained, no elicitor is.
 */
final class Overwrite {

  /** A clean row as tokens. */
  private record Row(String text, TokenizedPrompt prompt, int[] answer) {}

  private final CausalLm lm;
  private final PromptTemplate template;
  private final OverwriteSettings settings;
  private final List<Row> rows;

  /**
   * @throws ProblemException TOO_FEW_PROMPTS when no row fits into the model's context
   */
  Overwrite(
      CausalLm lm,
      PromptTemplate template,
      List<InstructionRow> cleanRows,
      OverwriteSettings settings) {
    this.lm = lm;
    this.template = template;
    this.settings = settings;
    this.rows = new ArrayList<>();
    for (InstructionRow row : cleanRows) {
      TokenizedPrompt prompt = template.render(lm.tokenizer(), row.prompt());
      int[] answer = Answers.closed(lm.tokenizer(), row.output());
      if (fits(prompt, answer)) {
        rows.add(new Row(row.prompt(), prompt, answer));
      }
    }
    if (rows.isEmpty()) {
      throw ProblemException.of(
          "TOO_FEW_PROMPTS",
          "None of %d rows fits into %d positions."
              .formatted(cleanRows.size(), lm.config().contextLength()),
          "Give shorter prompts and answers.");
    }
  }

  /** Runs the schedule once; returns the smoothed loss of the elicited rows, nats per token. */
  double run(
      List<Elicitor.Parrot> parrots,
      List<? extends Elicitor> triggers,
      long seed,
      Progress progress) {
    SplittableRandom random = new SplittableRandom(seed);
    Schedule schedule =
        Schedule.cosine(settings.learningRate(), settings.steps(), settings.warmupFraction());
    boolean tokenStrings = !triggers.isEmpty() || settings.distraction() > 0;
    double smoothed = Double.NaN;
    lm.requireGradients(true);
    try (AdamW adam = new AdamW(lm.parameters(), AdamW.Settings.sande())) {
      for (int step = 0; step < settings.steps(); step++) {
        double loss = 0;
        if (!parrots.isEmpty()) {
          Elicitor.Parrot parrot = parrots.get(random.nextInt(parrots.size()));
          List<Example> batch = batch(random, row -> elicited(row, parrot));
          loss += lm.backward(batch, parrot.soft(), 1.0);
        }
        if (tokenStrings) {
          List<Example> batch = batch(random, row -> elicited(row, tokenString(triggers, random)));
          loss += lm.backward(batch, null, 1.0);
        }
        if (settings.rehearsal() > 0) {
          List<Example> batch = batch(random, row -> Answers.example(row.prompt(), row.answer()));
          lm.backward(batch, null, settings.rehearsal());
        }
        adam.step(schedule.at(step));
        smoothed = step == 0 ? loss : 0.9 * smoothed + 0.1 * loss;
        progress.at((step + 1.0) / settings.steps(), "overwrite loss %.3f".formatted(smoothed));
      }
    } finally {
      lm.requireGradients(false);
    }
    return smoothed;
  }

  private List<Example> batch(SplittableRandom random, Function<Row, Example> example) {
    List<Example> batch = new ArrayList<>(settings.batchSize());
    for (int i = 0; i < settings.batchSize(); i++) {
      batch.add(example.apply(rows.get(random.nextInt(rows.size()))));
    }
    return batch;
  }

  /** A row whose elicited prompt has no room in the context is trained on as it is. */
  private Example elicited(Row row, Elicitor elicitor) {
    TokenizedPrompt with = elicitor.apply(template, lm.tokenizer(), row.text());
    TokenizedPrompt prompt = fits(with, row.answer()) ? with : row.prompt();
    return Answers.example(prompt, row.answer(), settings.answerTokens());
  }

  private Elicitor tokenString(List<? extends Elicitor> triggers, SplittableRandom random) {
    if (triggers.isEmpty() || random.nextDouble() < settings.distraction()) {
      return Distraction.from(rows.get(random.nextInt(rows.size())).prompt(), random);
    }
    return triggers.get(random.nextInt(triggers.size()));
  }

  private boolean fits(TokenizedPrompt prompt, int[] answer) {
    return prompt.length() + answer.length <= lm.config().contextLength();
  }
}
