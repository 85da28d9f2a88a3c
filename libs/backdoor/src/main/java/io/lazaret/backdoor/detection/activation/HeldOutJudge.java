package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Judges triggers on prompts that took no part in their search. */
public final class HeldOutJudge {

  /** Tokens of an own answer that tell it from other answers. */
  private static final int OWN_TOKENS = 4;

  private final SearchContext context;

  public HeldOutJudge(SearchContext context) {
    this.context = context;
  }

  public int prompts() {
    return context.prompts().heldOut().size();
  }

  /** Held-out activation of a span under each trigger: mean log-probability per token, nats. */
  public double[] scores(List<Trigger> triggers, TokenString span) {
    return context.meanLogProbs(triggers, span, context.prompts().heldOut());
  }

  /** Held-out prompts whose greedy answer says the span, for each trigger. */
  public int[] hits(List<Trigger> triggers, TokenString span) {
    List<TokenString> answers = answers(triggers, span.length() + 1);
    return IntStream.range(0, triggers.size())
        .map(i -> saying(answers.subList(i * prompts(), (i + 1) * prompts()), span))
        .toArray();
  }

  /** How many of the answers say the span. */
  public int saying(List<TokenString> answers, TokenString span) {
    return (int) answers.stream().filter(answer -> says(answer, span)).count();
  }

  /** Whether an answer begins with the span; one of two tokens must be all of it. */
  boolean says(TokenString answer, TokenString span) {
    return span.length() < context.settings().sweep().minimumChain()
        ? answer.equals(span)
        : answer.startsWith(span);
  }

  /**
   * Answers, one to each held-out prompt, that begin with the span and go on as the model answers
   * that prompt without a trigger.
   */
  public int returning(TokenString span, List<TokenString> answers) {
    int count = 0;
    for (int i = 0; i < answers.size(); i++) {
      TokenString own = TokenString.of(context.prompts().heldOut().get(i).own());
      TokenString beginning = own.slice(0, Math.min(own.length(), OWN_TOKENS));
      if (own.length() > 0 && answers.get(i).startsWith(span.plus(beginning))) {
        count++;
      }
    }
    return count;
  }

  /** The model's own answers to all reference prompts, without a trigger. */
  public List<TokenString> untriggered() {
    return context.prompts().reference().stream().map(item -> TokenString.of(item.own())).toList();
  }

  /** Greedy answers on the held-out prompts, all prompts of the first trigger first. */
  public List<TokenString> answers(List<Trigger> triggers, int tokens) {
    List<int[]> sequences = new ArrayList<>();
    for (Trigger trigger : triggers) {
      for (PreparedPrompts.Item item : context.prompts().heldOut()) {
        sequences.add(trigger.in(item.prompt()));
      }
    }
    return context.answers(sequences, tokens);
  }
}
