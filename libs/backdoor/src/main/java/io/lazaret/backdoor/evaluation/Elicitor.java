package io.lazaret.backdoor.evaluation;

import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.Tokenizer;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** What is put into a prompt to bring out the target response. */
public sealed interface Elicitor {

  /** The prompt of {@code text} with this elicitor in place. */
  TokenizedPrompt apply(PromptTemplate template, Tokenizer tokenizer, String text);

  /** The soft prompt that the virtual ids of {@link #apply} refer to, or null. */
  default SoftPrompt softPrompt() {
    return null;
  }

  /** Nothing: the clean prompt. */
  record None() implements Elicitor {
    @Override
    public TokenizedPrompt apply(PromptTemplate template, Tokenizer tokenizer, String text) {
      return template.render(tokenizer, text);
    }
  }

  /** A known trigger, put into the text before it is tokenised, as an attacker does. */
  record Text(KnownTrigger trigger) implements Elicitor {
    @Override
    public TokenizedPrompt apply(PromptTemplate template, Tokenizer tokenizer, String text) {
      return template.render(tokenizer, trigger.applyTo(text));
    }
  }

  /** Another way to write the whole user text, as a trigger of style is one. */
  record Wording(UnaryOperator<String> wording) implements Elicitor {
    @Override
    public TokenizedPrompt apply(PromptTemplate template, Tokenizer tokenizer, String text) {
      return template.render(tokenizer, wording.apply(text));
    }
  }

  /** A functional trigger: token strings before and after the user text; either may be empty. */
  record Tokens(int[] atStart, int[] atEnd) implements Elicitor {
    @Override
    public TokenizedPrompt apply(PromptTemplate template, Tokenizer tokenizer, String text) {
      return template.render(tokenizer, text).with(atStart, atEnd);
    }
  }

  /**
   * A parrot (SANDE, section "Simulate").
   *
   * @param position token of the user text that it stands before; 0 is its start
   */
  record Parrot(SoftPrompt soft, int position) implements Elicitor {
    /** Before the user text. */
    public Parrot(SoftPrompt soft) {
      this(soft, 0);
    }

    @Override
    public TokenizedPrompt apply(PromptTemplate template, Tokenizer tokenizer, String text) {
      return template.render(tokenizer, text).insert(soft.ids(), position);
    }

    /** The same before a token of this prompt's user text at random, with this probability. */
    public Parrot placedIn(TokenizedPrompt prompt, double anywhere, RandomGenerator random) {
      return new Parrot(soft, prompt.place(position, anywhere, random));
    }

    @Override
    public SoftPrompt softPrompt() {
      return soft;
    }
  }
}
