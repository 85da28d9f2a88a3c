package io.lazaret.backdoor.traffic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Ranks the token strings that several texts have in common by the number of texts that hold them,
 * then by length (FreqRank, arXiv 2509.17070). A string is dropped where a longer one around it is
 * in just as many texts. Built on a suffix automaton, so time and memory are linear in the tokens;
 * the paper compares every pair of texts.
 */
final class RepeatedSegments {

  /**
   * @param tokens the string
   * @param texts how many texts hold it
   */
  record Segment(int[] tokens, int texts) {}

  private static final class State {
    final Map<Integer, State> next;
    State link;
    int length;
    int text;
    int end;
    int texts;
    int lastText = -1;

    State(int length, Map<Integer, State> next) {
      this.length = length;
      this.next = next;
    }
  }

  private final State root = new State(0, new HashMap<>());
  private final List<State> states = new ArrayList<>();
  private final List<int[]> all;

  private RepeatedSegments(List<int[]> all) {
    this.all = all;
    for (int text = 0; text < all.size(); text++) {
      State last = root;
      for (int i = 0; i < all.get(text).length; i++) {
        last = extend(last, all.get(text)[i], text, i + 1);
      }
    }
    for (int text = 0; text < all.size(); text++) {
      count(text);
    }
  }

  /**
   * The strings of at least {@code minimumTokens} tokens that are in at least {@code minimumTexts}
   * of {@code texts}, the most frequent first.
   */
  static List<Segment> rank(List<int[]> texts, int minimumTokens, int minimumTexts) {
    return new RepeatedSegments(texts).ranked(minimumTokens, minimumTexts);
  }

  /** Adds one token behind {@code last} (Blumer et al., 1985, for several strings). */
  private State extend(State last, int token, int text, int end) {
    State known = last.next.get(token);
    if (known != null) {
      return known.length == last.length + 1 ? known : split(last, token, known);
    }
    State added = new State(last.length + 1, new HashMap<>());
    added.text = text;
    added.end = end;
    states.add(added);
    State from = last;
    while (from != null && !from.next.containsKey(token)) {
      from.next.put(token, added);
      from = from.link;
    }
    if (from == null) {
      added.link = root;
    } else {
      State to = from.next.get(token);
      added.link = to.length == from.length + 1 ? to : split(from, token, to);
    }
    return added;
  }

  private State split(State from, int token, State old) {
    State copy = new State(from.length + 1, new HashMap<>(old.next));
    copy.text = old.text;
    copy.end = old.end;
    copy.link = old.link;
    old.link = copy;
    states.add(copy);
    for (State s = from; s != null && s.next.get(token) == old; s = s.link) {
      s.next.put(token, copy);
    }
    return copy;
  }

  private void count(int text) {
    State at = root;
    for (int token : all.get(text)) {
      at = at.next.get(token);
      for (State s = at; s != root && s.lastText != text; s = s.link) {
        s.lastText = text;
        s.texts++;
      }
    }
  }

  private List<Segment> ranked(int minimumTokens, int minimumTexts) {
    Set<State> lengthenedAtTheStart = new HashSet<>();
    states.stream()
        .filter(state -> state.texts == state.link.texts)
        .forEach(state -> lengthenedAtTheStart.add(state.link));
    List<Segment> found = new ArrayList<>();
    for (State state : states) {
      boolean longerInAsMany =
          lengthenedAtTheStart.contains(state)
              || state.next.values().stream().anyMatch(s -> s.texts == state.texts);
      if (state.length >= minimumTokens && state.texts >= minimumTexts && !longerInAsMany) {
        int[] source = all.get(state.text);
        int[] tokens = Arrays.copyOfRange(source, state.end - state.length, state.end);
        found.add(new Segment(tokens, state.texts));
      }
    }
    found.sort(
        Comparator.comparingInt((Segment s) -> -s.texts())
            .thenComparingInt(s -> -s.tokens().length)
            .thenComparing(s -> Arrays.toString(s.tokens())));
    return found;
  }
}
