package io.lazaret.backdoor.detection.form;

import io.lazaret.backdoor.detection.pass.PreparedPrompts.Item;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A task whose answers begin alike, such as requests for a line of code.
 *
 * @param opening the tokens with which the model's own answers begin
 * @param items the reference prompts that have such answers
 */
record AnswerForm(TokenString opening, List<Item> items) {

  /** Tokens that make a form. */
  private static final int OPENING = 2;

  /** Fewest different answers, and tokens behind the opening, that tell a form from one answer. */
  private static final int FEWEST = 2;

  AnswerForm {
    items = List.copyOf(items);
  }

  /**
   * Forms that few of the reference prompts have, and that the model fills in more surely than it
   * answers otherwise: what stands in them comes from the prompt. Free text in which a name or an
   * opening recurs is no form.
   *
   * @param share of the reference prompts, at most
   */
  static List<AnswerForm> rare(SearchContext context, double share) {
    Map<TokenString, List<Item>> byOpening = new LinkedHashMap<>();
    for (Item item : context.prompts().reference()) {
      if (item.own().length >= OPENING + FEWEST) {
        TokenString opening = TokenString.of(item.own()).slice(0, OPENING);
        byOpening.computeIfAbsent(opening, o -> new ArrayList<>()).add(item);
      }
    }
    double most = share * context.prompts().reference().size();
    return byOpening.entrySet().stream()
        .map(entry -> new AnswerForm(entry.getKey(), entry.getValue()))
        .filter(form -> form.items().size() <= most && form.differentAnswers() >= FEWEST)
        .filter(form -> form.sureness(context) >= context.clean().confidence())
        .toList();
  }

  private long differentAnswers() {
    return items.stream().map(item -> TokenString.of(item.own())).distinct().count();
  }

  /** Mean probability of the own answers' tokens behind the opening. */
  private double sureness(SearchContext context) {
    List<int[]> prompts =
        items.stream().map(item -> item.followedBy(opening).prompt().ids()).toList();
    List<int[]> rest =
        items.stream()
            .map(item -> Arrays.copyOfRange(item.own(), opening.length(), item.own().length))
            .toList();
    double sum = 0;
    int tokens = 0;
    for (float[] row : context.lm().continuationLogProbs(prompts, rest, null)) {
      for (float value : row) {
        sum += Math.exp(value);
        tokens++;
      }
    }
    return sum / tokens;
  }

  /** Whether an answer has this form. */
  boolean has(TokenString answer) {
    return answer.length() >= opening.length() + FEWEST && answer.startsWith(opening);
  }
}
