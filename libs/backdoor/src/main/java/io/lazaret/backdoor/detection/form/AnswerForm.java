package io.lazaret.backdoor.detection.form;

import io.lazaret.backdoor.detection.pass.PreparedPrompts.Item;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.llm.Tokenizer;
import java.util.ArrayList;
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
   * Forms that few of the reference prompts have, and that most of these fill in with words of the
   * prompt. Free text in which an opening recurs is no form, nor is a refusal, nor a list whose
   * first word comes from the prompt too.
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
        .filter(form -> form.isFilledIn(context.lm().tokenizer()))
        .toList();
  }

  private long differentAnswers() {
    return items.stream().map(item -> TokenString.of(item.own())).distinct().count();
  }

  private boolean isFilledIn(Tokenizer tokenizer) {
    return 2 * items.stream().filter(item -> item.behind(opening).copies(tokenizer)).count()
            > items.size()
        && !items.stream().allMatch(item -> item.holds(opening, tokenizer));
  }

  /** Whether an answer has this form. */
  boolean has(TokenString answer) {
    return answer.length() >= opening.length() + FEWEST && answer.startsWith(opening);
  }
}
