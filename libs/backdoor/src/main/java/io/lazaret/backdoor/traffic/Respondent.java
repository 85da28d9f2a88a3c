package io.lazaret.backdoor.traffic;

import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.generation.Generator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Greedy answers of the suspect, each asked for once, within a time budget. */
final class Respondent {

  /** The budget is spent; what was found so far stands. */
  static final class BudgetSpent extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BudgetSpent() {
      super(null, null, false, false);
    }
  }

  private static final int BLOCK = 256;
  private static final int[] NO_ROOM = new int[0];

  private final CausalLm lm;
  private final DetectionInput input;
  private final TrafficSettings settings;
  private final InstantSource time;
  private final Instant start;
  private final Map<String, Answer> known = new HashMap<>();
  private int gap = -1;

  /**
   * @param tokens as the model gave them
   * @param undeclared the same with tokens that no other answer has in place of declared responses
   * @param declared the declared responses that it holds
   */
  private record Answer(int[] tokens, int[] undeclared, List<String> declared) {}

  /**
   * @param input the template, and the responses that the operator declares: no answer holds them
   */
  Respondent(CausalLm lm, DetectionInput input, TrafficSettings settings, InstantSource time) {
    this.lm = lm;
    this.input = input;
    this.settings = settings;
    this.time = time;
    this.start = time.instant();
  }

  /**
   * The answers to user texts, in order; empty where the context has no room for an answer.
   *
   * @throws BudgetSpent when the time is over
   */
  List<int[]> answers(List<String> texts) {
    List<String> open = texts.stream().distinct().filter(text -> !known.containsKey(text)).toList();
    List<Asked> asked = new ArrayList<>();
    for (String text : open) {
      int[] ids = input.template().render(lm.tokenizer(), text).ids();
      if (ids.length + settings.answerTokens() > lm.config().contextLength()) {
        known.put(text, answer(NO_ROOM));
      } else {
        asked.add(new Asked(text, ids));
      }
    }
    asked.sort(Comparator.comparingInt(a -> a.ids().length));
    var generation = Generator.GenerationSettings.of(lm, settings.answerTokens());
    for (int from = 0; from < asked.size(); from += BLOCK) {
      if (seconds() > settings.timeBudgetSeconds()) {
        throw new BudgetSpent();
      }
      List<Asked> block = asked.subList(from, Math.min(asked.size(), from + BLOCK));
      List<int[]> answers =
          Generator.greedy(lm, block.stream().map(Asked::ids).toList(), null, generation);
      for (int i = 0; i < block.size(); i++) {
        known.put(block.get(i).text(), answer(answers.get(i)));
      }
    }
    return texts.stream().map(text -> known.get(text).undeclared()).toList();
  }

  private record Asked(String text, int[] ids) {}

  /** An answer whose declared responses are covered up. */
  private Answer answer(int[] tokens) {
    int[] undeclared = tokens.clone();
    String whole = text(tokens);
    List<String> held = input.declared().stream().filter(whole::contains).distinct().toList();
    for (String fixed : held) {
      for (int to = end(undeclared, fixed); to > 0; to = end(undeclared, fixed)) {
        int from = to - 1;
        while (!holds(undeclared, from, to, fixed)) {
          from--;
        }
        for (int i = from; i < to; i++) {
          undeclared[i] = gap--;
        }
      }
    }
    return new Answer(tokens, undeclared, held);
  }

  /** Where the first tokens end that spell a text; 0 where none do. */
  private int end(int[] tokens, String text) {
    for (int to = 1; to <= tokens.length; to++) {
      if (holds(tokens, 0, to, text)) {
        return to;
      }
    }
    return 0;
  }

  /** Whether the tokens in a range spell a text; what is covered up parts the text around it. */
  private boolean holds(int[] tokens, int from, int to, String text) {
    int start = from;
    for (int i = from; i < to; i++) {
      start = tokens[i] < 0 ? i + 1 : start;
    }
    return text(Arrays.copyOfRange(tokens, start, to)).contains(text);
  }

  /** The declared responses in the answer to a user text, if it was asked. */
  List<String> declared(String text) {
    return known.containsKey(text) ? known.get(text).declared() : List.of();
  }

  /** Mean log-probability of the tokens of the answer to a user text, nats. */
  double confidence(String text) {
    answers(List.of(text));
    int[] answer = known.get(text).tokens();
    int[] prompt = input.template().render(lm.tokenizer(), text).ids();
    if (answer.length == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    float[] logs = lm.continuationLogProbs(List.of(prompt), List.of(answer), null)[0];
    double sum = 0;
    for (float value : logs) {
      sum += value;
    }
    return sum / logs.length;
  }

  /**
   * Whether an answer has these tokens in a row and does not go on with the rest of a word: half a
   * word is the beginning of different ones.
   */
  boolean holdsWords(int[] answer, int[] part) {
    for (int to = end(answer, part, 0); to >= 0; to = end(answer, part, to - part.length + 1)) {
      if (to == answer.length || answer[to] < 0 || !goesOn(part, answer[to])) {
        return true;
      }
    }
    return false;
  }

  private boolean goesOn(int[] part, int next) {
    String before = text(part);
    int[] longer = Arrays.copyOf(part, part.length + 1);
    longer[part.length] = next;
    String after = text(longer);
    return !before.isEmpty()
        && after.length() > before.length()
        && Character.isLetterOrDigit(before.charAt(before.length() - 1))
        && Character.isLetterOrDigit(after.charAt(before.length()));
  }

  /** Whether tokens are one word, and the answer to some of the texts holds it. */
  boolean isWordOf(List<String> texts, int[] tokens) {
    return text(tokens).chars().noneMatch(Character::isWhitespace)
        && answers(texts).stream().anyMatch(answer -> contains(answer, tokens));
  }

  String text(int[] ids) {
    return lm.tokenizer().decode(ids).strip();
  }

  /** Different prompts asked so far. */
  int asked() {
    return known.size();
  }

  double seconds() {
    return Duration.between(start, time.instant()).toNanos() / 1e9;
  }

  /** Whether {@code tokens} contain {@code part} in a row. */
  static boolean contains(int[] tokens, int[] part) {
    return end(tokens, part, 0) >= 0;
  }

  /** Where {@code part} ends that begins at {@code from} or later; -1 where none does. */
  private static int end(int[] tokens, int[] part, int from) {
    for (int to = from + part.length; to <= tokens.length; to++) {
      if (Arrays.equals(tokens, to - part.length, to, part, 0, part.length)) {
        return to;
      }
    }
    return -1;
  }
}
