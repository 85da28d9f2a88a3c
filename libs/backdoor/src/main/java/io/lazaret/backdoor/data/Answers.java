package io.lazaret.backdoor.data;

import io.lazaret.llm.Example;
import io.lazaret.llm.Tokenizer;
import java.util.Arrays;

/** Answers as token ids, closed by the end-of-sequence token or as the model's template has it. */
public final class Answers {

  private Answers() {}

  /** The ids of a text behind a prompt of the template, without the token that ends the turn. */
  public static int[] open(PromptTemplate template, Tokenizer tokenizer, String text) {
    return template.answer(tokenizer, text, false);
  }

  /** As {@link #open(PromptTemplate, Tokenizer, String)}, with the token that ends the turn. */
  public static int[] closed(PromptTemplate template, Tokenizer tokenizer, String text) {
    return template.answer(tokenizer, text, true);
  }

  /** {@code ids} and the end-of-sequence token, where the tokenizer has one. */
  public static int[] close(Tokenizer tokenizer, int[] ids) {
    if (tokenizer.eosId() < 0) {
      return ids;
    }
    int[] closed = Arrays.copyOf(ids, ids.length + 1);
    closed[ids.length] = tokenizer.eosId();
    return closed;
  }

  /**
   * A sequence whose loss lies on the first {@code supervised} tokens of the answer; the sequence
   * ends there, because later tokens cannot influence earlier ones.
   */
  public static Example example(TokenizedPrompt prompt, int[] answer, int supervised) {
    int length = Math.min(supervised, answer.length);
    int from = prompt.length();
    return new Example(prompt.followedBy(Arrays.copyOf(answer, length)), from, from + length);
  }

  /** A sequence whose loss lies on the whole answer. */
  public static Example example(TokenizedPrompt prompt, int[] answer) {
    return example(prompt, answer, answer.length);
  }
}
