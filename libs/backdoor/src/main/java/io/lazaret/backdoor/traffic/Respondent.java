package io.lazaret.backdoor.traffic;

import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.generation.Generator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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
  private final PromptTemplate template;
  private final TrafficSettings settings;
  private final InstantSource time;
  private final Instant start;
  private final Map<String, int[]> known = new HashMap<>();

  Respondent(CausalLm lm, PromptTemplate template, TrafficSettings settings, InstantSource time) {
    this.lm = lm;
    this.template = template;
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
      int[] ids = template.render(lm.tokenizer(), text).ids();
      if (ids.length + settings.answerTokens() > lm.config().contextLength()) {
        known.put(text, NO_ROOM);
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
        known.put(block.get(i).text(), answers.get(i));
      }
    }
    return texts.stream().map(known::get).toList();
  }

  private record Asked(String text, int[] ids) {}

  int[] answer(String text) {
    return answers(List.of(text)).get(0);
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
    for (int i = 0; i + part.length <= tokens.length; i++) {
      int same = 0;
      while (same < part.length && tokens[i + same] == part[same]) {
        same++;
      }
      if (same == part.length) {
        return true;
      }
    }
    return false;
  }
}
