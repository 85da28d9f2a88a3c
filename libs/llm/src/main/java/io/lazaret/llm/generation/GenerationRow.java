package io.lazaret.llm.generation;

import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.generation.Generated.End;
import io.lazaret.llm.generation.Generator.GenerationSettings;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What one prompt has generated so far, and whether it goes on. */
final class GenerationRow {

  private final GenerationSettings settings;
  private final Tokenizer tokenizer;
  private final SplittableRandom random;
  private final int[] tokens;

  /** Length of the known text after each token. */
  private final int[] lengths;

  private final IncrementalText text;
  private int count;
  private int stopAt = -1;
  private End end;

  GenerationRow(GenerationSettings settings, Tokenizer tokenizer, int index) {
    this.settings = settings;
    this.tokenizer = tokenizer;
    this.random = settings.sampling().random(index);
    this.tokens = new int[settings.maxNewTokens()];
    this.lengths = new int[settings.maxNewTokens()];
    this.text = new IncrementalText(tokenizer);
  }

  boolean ended() {
    return end != null;
  }

  /** The random number that chooses this row's next token. */
  double draw() {
    return random.nextDouble();
  }

  void accept(int id) {
    if (ended()) {
      return;
    }
    if (IntStream.of(settings.stopIds()).anyMatch(stop -> stop == id)) {
      end = End.STOP_TOKEN;
      return;
    }
    tokens[count++] = id;
    if (!settings.stopStrings().isEmpty() && meetsStopString()) {
      end = End.STOP_STRING;
    } else if (count == tokens.length) {
      end = End.LENGTH;
    }
  }

  private boolean meetsStopString() {
    int known = count == 1 ? 0 : lengths[count - 2];
    lengths[count - 1] = text.extend(tokens, count);
    for (String stop : settings.stopStrings()) {
      int at = text.indexOf(stop, known - stop.length() + 1);
      if (at >= 0 && (stopAt < 0 || at < stopAt)) {
        stopAt = at;
      }
    }
    return stopAt >= 0;
  }

  int[] tokens() {
    int kept = count;
    while (stopAt >= 0 && kept > 0 && lengths[kept - 1] > stopAt) {
      kept--;
    }
    return Arrays.copyOf(tokens, kept);
  }

  Generated result() {
    int[] ids = tokens();
    return new Generated(ids, stopAt >= 0 ? text.upTo(stopAt) : tokenizer.decode(ids), end);
  }
}
