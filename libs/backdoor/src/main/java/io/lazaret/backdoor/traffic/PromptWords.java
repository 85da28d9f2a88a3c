package io.lazaret.backdoor.traffic;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The words of a prompt, and the texts that are made from it by keeping, leaving out, and replacing
 * some of them.
 */
final class PromptWords {

  /** Ways to say the same request that work for any request. */
  private static final List<String> PHRASINGS =
      List.of("Please. %s", "%s Thank you.", "I have a question. %s", "Hello. %s", "%s Be brief.");

  private final List<String> words;

  PromptWords(String prompt) {
    this.words = List.of(prompt.strip().split("\\s+"));
  }

  int count() {
    return words.size();
  }

  List<String> words(BitSet kept) {
    return kept.stream().mapToObj(words::get).toList();
  }

  /** The words whose index is set, joined by single spaces. */
  String keep(BitSet kept) {
    return String.join(" ", words(kept));
  }

  /** The words without the given ones, each taken out once, in order. */
  String without(List<String> others) {
    List<String> rest = new ArrayList<>(words);
    others.forEach(rest::remove);
    return String.join(" ", rest);
  }

  BitSet all() {
    BitSet set = new BitSet();
    set.set(0, words.size());
    return set;
  }

  /**
   * What the paper does by hand (SANDE, section 3.3): parts left out, words replaced, other
   * phrasings.
   *
   * @param number how many, about half of them with a part left out
   * @param lexicon words of other prompts, as frequent as they are there
   */
  List<String> variants(int number, List<String> lexicon, SplittableRandom random) {
    List<String> variants = new ArrayList<>(leftOut(number / 2));
    for (int i = 0; i < PHRASINGS.size() && variants.size() < number * 3 / 4; i++) {
      variants.add(PHRASINGS.get(i).formatted(String.join(" ", words)));
    }
    while (variants.size() < number) {
      variants.add(replaced(lexicon, random));
    }
    return variants;
  }

  /** Every word is missing in one of the texts, neighbours together. */
  private List<String> leftOut(int texts) {
    List<String> variants = new ArrayList<>();
    int parts = Math.min(texts, words.size());
    for (int part = 0; part < parts && words.size() > 1; part++) {
      BitSet kept = all();
      kept.clear(part * words.size() / parts, (part + 1) * words.size() / parts);
      variants.add(keep(kept));
    }
    return variants;
  }

  /** A run of 30 to 50 % of the words gives way to words of other prompts. */
  private String replaced(List<String> lexicon, SplittableRandom random) {
    int run = (int) Math.ceil(words.size() * (0.3 + 0.2 * random.nextDouble()));
    int from = random.nextInt(words.size() - run + 1);
    List<String> text = new ArrayList<>(words);
    for (int i = from; i < from + run; i++) {
      text.set(i, lexicon.get(random.nextInt(lexicon.size())));
    }
    return String.join(" ", text);
  }
}
