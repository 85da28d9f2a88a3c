package io.lazaret.backdoor.elimination.training;

import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** The defender's clean pairs as tokens, without those that do not fit into the context. */
public final class CleanRows {

  /**
   * One clean pair.
   *
   * @param text what the user asks
   * @param answer token ids, closed by the end-of-sequence token
   */
  public record Row(String text, TokenizedPrompt prompt, int[] answer) {}

  private final CausalLm lm;
  private final PromptTemplate template;
  private final List<Row> rows;

  private CleanRows(CausalLm lm, PromptTemplate template, List<Row> rows) {
    this.lm = lm;
    this.template = template;
    this.rows = rows;
  }

  /**
   * Renders the rows.
   *
   * @throws ProblemException TOO_FEW_PROMPTS when no row fits into the model's context
   */
  public static CleanRows of(CausalLm lm, PromptTemplate template, List<InstructionRow> given) {
    List<Row> rows = new ArrayList<>();
    for (InstructionRow row : given) {
      TokenizedPrompt prompt = template.render(lm.tokenizer(), row.prompt());
      int[] answer = Answers.closed(template, lm.tokenizer(), row.output());
      if (prompt.length() + answer.length <= lm.config().contextLength()) {
        rows.add(new Row(row.prompt(), prompt, answer));
      }
    }
    if (rows.isEmpty()) {
      throw ProblemException.of(
          "TOO_FEW_PROMPTS",
          "None of %d rows fits into %d positions."
              .formatted(given.size(), lm.config().contextLength()),
          "Give shorter prompts and answers.");
    }
    return new CleanRows(lm, template, List.copyOf(rows));
  }

  /** All rows that fit, in the order given. */
  public List<Row> all() {
    return rows;
  }

  /** At most so many of the first rows. */
  public CleanRows first(int count) {
    return new CleanRows(lm, template, rows.subList(0, Math.min(count, rows.size())));
  }

  /** One row at random. */
  public Row one(RandomGenerator random) {
    return rows.get(random.nextInt(rows.size()));
  }

  /** Examples of rows at random, with replacement. */
  public List<Example> draw(RandomGenerator random, int count, Function<Row, Example> example) {
    List<Example> drawn = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      drawn.add(example.apply(one(random)));
    }
    return drawn;
  }

  /** Rows at random, with replacement. */
  public List<Row> draw(RandomGenerator random, int count) {
    List<Row> drawn = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      drawn.add(one(random));
    }
    return drawn;
  }

  /** The clean prompt and its whole answer, which is supervised. */
  public static Example clean(Row row) {
    return Answers.example(row.prompt(), row.answer());
  }

  /** As {@link #clean(Row)} for several rows. */
  public static List<Example> clean(List<Row> rows) {
    return rows.stream().map(CleanRows::clean).toList();
  }

  /**
   * The prompt with an elicitor, and the first answer tokens, which are supervised. A row whose
   * elicited prompt has no room in the context is taken as it is.
   */
  public Example elicited(Row row, Elicitor elicitor, int answerTokens) {
    return Answers.example(elicitedPrompt(row, elicitor, 0), row.answer(), answerTokens);
  }

  /** The prompt with an elicitor, or as it is where that leaves no room for answer and spare. */
  public TokenizedPrompt elicitedPrompt(Row row, Elicitor elicitor, int spare) {
    TokenizedPrompt with = elicitor.apply(template, lm.tokenizer(), row.text());
    int length = with.length() + row.answer().length + spare;
    return length <= lm.config().contextLength() ? with : row.prompt();
  }

  /** Positions that a prompt leaves for its answer, at least 1. */
  public int room(TokenizedPrompt prompt) {
    return Math.max(1, lm.config().contextLength() - prompt.length());
  }

  /** Mean cross-entropy of the clean answers of some rows, nats per token. */
  public double cleanLoss(List<Row> some) {
    return lm.loss(clean(some), null);
  }
}
