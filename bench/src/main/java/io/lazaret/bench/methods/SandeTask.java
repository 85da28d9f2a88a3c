package io.lazaret.bench.methods;

import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.elimination.overwrite.OverwriteSettings;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Tokenizer;
import java.nio.file.Path;
import java.util.List;

/**
 * One repair by SANDE as both sides of the comparison do it: rows as tokens, steps and rates.
 *
 * @param trimmed whether the peer's sequences end with the last supervised token, as ours do
 */
record SandeTask(
    String model,
    List<Row> rows,
    int[] target,
    int pad,
    int parrotLength,
    int parrotSteps,
    int parrotBatch,
    double parrotRate,
    int steps,
    int batch,
    double rate,
    double warmup,
    int answerTokens,
    long seed,
    boolean trimmed) {

  private static final PromptTemplate TEMPLATE = PromptTemplate.humanAssistant();

  /** Prompt, place of the user text, and clean answer with its end. */
  record Row(int[] prompt, int contentStart, int[] answer) {}

  static SandeTask of(
      Path model,
      Tokenizer tokenizer,
      ModelConfig config,
      List<InstructionRow> rows,
      String target,
      long seed,
      boolean trimmed) {
    ParrotSettings parrot = ParrotSettings.defaults(config);
    OverwriteSettings overwrite = OverwriteSettings.defaults(config);
    List<Row> tokens =
        rows.stream()
            .map(
                row -> {
                  TokenizedPrompt prompt = TEMPLATE.render(tokenizer, row.prompt());
                  return new Row(
                      prompt.ids(),
                      prompt.contentStart(),
                      Answers.closed(TEMPLATE, tokenizer, row.output()));
                })
            .toList();
    return new SandeTask(
        model.toString(),
        tokens,
        Answers.open(TEMPLATE, tokenizer, target),
        Math.max(0, tokenizer.eosId()),
        parrot.length(),
        parrot.steps(),
        parrot.batchSize(),
        parrot.learningRate(),
        overwrite.steps(),
        overwrite.batchSize(),
        overwrite.learningRate(),
        overwrite.warmupFraction(),
        overwrite.answerTokens(),
        seed,
        trimmed);
  }
}
