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
import io.lazaret.llm.SoftPrompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Overwrite supervised fine-tuning, the step that OSFT and SANDE share: minimises
 *
 * <pre>L_OSFT(θ) = − Σ log P_θ(y | x with e) + λ · − Σ log P_θ(y | x)</pre>
 *
 * where e is a trigger, or a parrot in its place, drawn anew for each update (SANDE, arXiv
 * 2405.07667, OSFT and stage 2). All weights are trained, no elicitor is.
 */
final class Overwrite {

  private final CausalLm lm;
  private final PromptTemplate template;
  private final OverwriteSettings settings;
  private final Random random;

  Overwrite(CausalLm lm, PromptTemplate template, OverwriteSettings settings, long seed) {
    this.lm = lm;
    this.template = template;
    this.settings = settings;
    this.random = new Random(seed);
  }

  /** Runs the schedule once over {@code rows}; returns the smoothed final loss. */
  double run(List<InstructionRow> rows, List<? extends Elicitor> elicitors, Progress progress) {
    Schedule schedule =
        Schedule.cosine(settings.learningRate(), settings.steps(), settings.warmupFraction());
    lm.requireGradients(true);
    double smoothed = Double.NaN;
    try (AdamW adam = new AdamW(lm.parameters(), AdamW.Settings.sande())) {
      for (int step = 0; step < settings.steps(); step++) {
        Elicitor elicitor = elicitors.get(random.nextInt(elicitors.size()));
        List<Example> elicited = new ArrayList<>(settings.batchSize());
        List<Example> clean = new ArrayList<>(settings.batchSize());
        for (int i = 0; i < settings.batchSize(); i++) {
          InstructionRow row = rows.get(random.nextInt(rows.size()));
          int[] answer = Answers.closed(lm.tokenizer(), row.output());
          TokenizedPrompt with = elicitor.apply(template, lm.tokenizer(), row.prompt());
          elicited.add(Answers.example(with, answer, settings.answerTokens()));
          clean.add(Answers.example(template.render(lm.tokenizer(), row.prompt()), answer));
        }
        SoftPrompt soft = elicitor.softPrompt();
        double loss = lm.backward(elicited, soft, 1.0);
        if (settings.rehearsal() > 0) {
          lm.backward(clean, null, settings.rehearsal());
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
}
