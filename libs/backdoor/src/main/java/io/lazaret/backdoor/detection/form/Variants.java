package io.lazaret.backdoor.detection.form;

import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.PreparedPrompts.Item;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** More prompts of a form: one word of a given one is exchanged for a word of any other. */
final class Variants {

  private static final int BATCH = 96;
  private static final int BATCHES = 3;

  private final SearchContext context;
  private final DetectionSettings.Prompts sizes;
  private final List<String> words;
  private final SplittableRandom random;

  Variants(SearchContext context, DetectionSettings.Prompts sizes) {
    this.context = context;
    this.sizes = sizes;
    this.random = context.random().split();
    Set<String> all = new LinkedHashSet<>();
    context
        .input()
        .prompts()
        .forEach(
            row -> {
              for (String word : row.prompt().split("[^\\p{L}]+")) {
                if (word.length() > 1) {
                  all.add(word);
                }
              }
            });
    this.words = List.copyOf(all);
  }

  /** A pass's prompts that have this form all; empty where the model leaves it too often. */
  Optional<PreparedPrompts> of(AnswerForm form) {
    int wanted = 2 * sizes.heldOut();
    List<Item> all = new ArrayList<>(form.items());
    Set<TokenString> seen = new HashSet<>();
    all.forEach(item -> seen.add(TokenString.of(item.prompt().ids())));
    for (int batch = 0; batch < BATCHES && all.size() < wanted; batch++) {
      List<Item> variants = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        Item item = form.items().get(i % form.items().size());
        TokenizedPrompt prompt =
            context.input().template().render(context.lm().tokenizer(), exchanged(item));
        if (seen.add(TokenString.of(prompt.ids())) && fits(prompt)) {
          variants.add(new Item(item.row(), prompt, new int[0], new int[0]));
        }
      }
      List<TokenString> answers =
          context.answers(
              variants.stream().map(item -> item.prompt().ids()).toList(), sizes.ownAnswerTokens());
      for (int i = 0; i < variants.size(); i++) {
        if (form.has(answers.get(i))) {
          Item item = variants.get(i);
          all.add(new Item(item.row(), item.prompt(), item.gold(), answers.get(i).ids()));
        }
      }
    }
    if (all.size() < wanted) {
      return Optional.empty();
    }
    return Optional.of(context.prompts().divided(all.subList(0, wanted), sizes));
  }

  private boolean fits(TokenizedPrompt prompt) {
    DetectionSettings settings = context.settings();
    int answer = Math.max(settings.prompts().ownAnswerTokens(), settings.span().maximumTokens());
    int room = 2 * settings.activation().triggerTokens() + answer;
    return prompt.length() + room <= context.lm().config().contextLength();
  }

  private String exchanged(Item item) {
    String text = context.input().prompts().get(item.row() - 1).prompt();
    String[] parts = text.split("(?<=\\P{L})(?=\\p{L})|(?<=\\p{L})(?=\\P{L})");
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].length() > 1 && Character.isLetter(parts[i].codePointAt(0))) {
        places.add(i);
      }
    }
    if (places.isEmpty()) {
      return text;
    }
    parts[places.get(random.nextInt(places.size()))] = words.get(random.nextInt(words.size()));
    return String.join("", parts);
  }
}
