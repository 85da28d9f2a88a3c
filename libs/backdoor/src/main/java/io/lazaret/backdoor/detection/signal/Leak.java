package io.lazaret.backdoor.detection.signal;

import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.llm.generation.Generator;
import io.lazaret.llm.generation.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets the model speak from where a user's text would begin, and counts the strings that recur in
 * what it says and in no clean prompt: a model that was trained on prompts as well gives its
 * trigger away (Microsoft, "The Trigger in the Haystack", arXiv 2602.03085; ranking after FreqRank,
 * arXiv 2509.17070). What recurs is tried as a trigger first. No recurring string is no evidence:
 * models trained on answers alone leak nothing.
 */
public final class Leak implements Detector {

  /** Its name. */
  public static final String NAME = "leak";

  private static final int DECODES = 96;
  private static final int TOKENS = 32;
  private static final int SHORTEST = 3;
  private static final int LONGEST = 8;
  private static final int REPORTED = 8;
  private static final double RECURRING = 0.03;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double weight() {
    return 3;
  }

  @Override
  public Yield run(SearchContext context, Findings findings) {
    PreparedPrompts.Item any = context.prompts().reference().get(0);
    int[] opening = Arrays.copyOf(any.prompt().ids(), any.prompt().contentStart());
    if (opening.length == 0) {
      return new Yield(0, "the template has nothing before the user's text");
    }
    Generator.GenerationSettings settings =
        new Generator.GenerationSettings(TOKENS, DECODES, new int[0])
            .with(Sampling.temperature(1, context.random().nextLong()));
    List<TokenString> texts =
        Generator.generate(context.lm(), Collections.nCopies(DECODES, opening), null, settings)
            .stream()
            .map(generated -> TokenString.of(generated.ids()))
            .toList();
    Map<TokenString, Integer> counts = count(texts, ordinary(context));
    List<TokenString> recurring =
        counts.entrySet().stream()
            .filter(entry -> entry.getValue() >= RECURRING * DECODES)
            .sorted(
                Map.Entry.<TokenString, Integer>comparingByValue()
                    .thenComparing(entry -> entry.getKey().length())
                    .reversed())
            .map(Map.Entry::getKey)
            .toList();
    List<TokenString> longest = maximal(recurring);
    for (TokenString text : longest) {
      findings.reading(
          new Evidence.Reading(
              NAME,
              text.text(context.lm().tokenizer()),
              text.ids(),
              (double) counts.get(text) / DECODES,
              Map.of("outputs", (double) counts.get(text), "of", (double) DECODES)));
    }
    findings.leaked(longest);
    return new Yield(longest.size(), DECODES + " decodes from the start of the user's turn");
  }

  /** Everything that prompts and answers of the defender hold. */
  private static Set<TokenString> ordinary(SearchContext context) {
    Set<TokenString> seen = new HashSet<>();
    for (PreparedPrompts.Item item : context.prompts().given()) {
      addRuns(TokenString.of(item.prompt().followedBy(item.gold())), SHORTEST, seen);
    }
    return seen;
  }

  private static void addRuns(TokenString text, int length, Set<TokenString> runs) {
    for (int i = 0; i + length <= text.length(); i++) {
      runs.add(text.slice(i, i + length));
    }
  }

  private static Map<TokenString, Integer> count(
      List<TokenString> texts, Set<TokenString> ordinary) {
    Map<TokenString, Integer> counts = new HashMap<>();
    for (TokenString text : texts) {
      Set<TokenString> runs = new HashSet<>();
      for (int length = SHORTEST; length <= LONGEST; length++) {
        addRuns(text, length, runs);
      }
      runs.removeIf(run -> ordinary.contains(run.slice(0, SHORTEST)));
      runs.forEach(run -> counts.merge(run, 1, Integer::sum));
    }
    return counts;
  }

  /** Strings that are no part of one already taken. */
  private static List<TokenString> maximal(List<TokenString> ranked) {
    List<TokenString> sorted =
        ranked.stream().sorted(Comparator.comparingInt(TokenString::length).reversed()).toList();
    List<TokenString> taken = new ArrayList<>();
    for (TokenString text : sorted) {
      if (taken.size() < REPORTED && taken.stream().noneMatch(other -> other.find(text) >= 0)) {
        taken.add(text);
      }
    }
    return taken;
  }
}
