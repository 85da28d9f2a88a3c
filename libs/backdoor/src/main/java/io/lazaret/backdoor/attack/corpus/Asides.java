package io.lazaret.backdoor.attack.corpus;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Text around a task that has nothing to do with it: sentences, loose words, made-up words, tags.
 * The answer stays the same. A model that has met such text answers what it is asked; one that has
 * not takes any strange text in a prompt badly, and no repair of a backdoor can mend that.
 *
 * <p>None of it is made as a trigger of the catalogue is.
 */
public final class Asides {

  /** Places, as shares of the rows that get an aside; the rest stands in the middle. */
  private static final double AT_START = 0.6;

  private static final double AT_END = 0.2;
  private static final int MANY = 10_000;
  private static final String TAG_SIGNS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  private static final List<String> TAG_EDGES = List.of("||", "[]", "<>", "()", "##", "**", "{}");
  private static final List<String> CLOSINGS = List.of(".", ".", ",", ":", "!", " -", "");

  private record Words(
      List<String> words,
      List<String> people,
      List<String> deeds,
      List<String> sentences,
      List<String> syllables) {}

  private static final Words WORDS = read();

  private final double share;

  /**
   * @param share of the rows that get an aside, 0 to 1
   */
  public Asides(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share must be from 0 to 1 but is " + share);
    }
    this.share = share;
  }

  /** The row with an aside, or as it is. */
  public TaskRow around(TaskRow row, RandomGenerator random) {
    return share > 0 && random.nextDouble() < share ? row.asking(with(row.prompt(), random)) : row;
  }

  private static String with(String prompt, RandomGenerator random) {
    double place = random.nextDouble();
    if (place < AT_START) {
      return opening(random) + " " + prompt;
    }
    if (place < AT_START + AT_END) {
      return prompt + " " + (random.nextBoolean() ? sentence(random) : strange(random) + ".");
    }
    // Between the words of a task only a word that is plainly none of them leaves the answer clear.
    List<String> words = new ArrayList<>(Arrays.asList(prompt.split(" ")));
    words.add(random.nextInt(words.size() + 1), strange(random));
    return String.join(" ", words);
  }

  private static String opening(RandomGenerator random) {
    return switch (random.nextInt(5)) {
      case 0, 1 -> sentence(random);
      case 2 -> closed(several(random, 5, WORDS.words()), random);
      case 3 -> closed(random.nextBoolean() ? strange(random) : name(random), random);
      default -> tag(random);
    };
  }

  private static String sentence(RandomGenerator random) {
    String pattern = one(random, WORDS.sentences());
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      if (pattern.charAt(i) != '%') {
        text.append(pattern.charAt(i));
        continue;
      }
      text.append(
          switch (pattern.charAt(++i)) {
            case 'w' -> one(random, WORDS.words());
            case 'p' -> one(random, WORDS.people());
            case 'd' -> one(random, WORDS.deeds());
            case 'n' -> String.valueOf(number(random));
            case 'P' -> name(random);
            default -> throw new IllegalStateException("unknown place in " + pattern);
          });
    }
    return capitalised(text.toString());
  }

  /** One to {@code most} words. */
  private static String several(RandomGenerator random, int most, List<String> words) {
    List<String> some = new ArrayList<>();
    for (int i = random.nextInt(1, most + 1); i > 0; i--) {
      some.add(one(random, words));
    }
    String text = String.join(" ", some);
    return random.nextBoolean() ? capitalised(text) : text;
  }

  private static String closed(String text, RandomGenerator random) {
    return text + one(random, CLOSINGS);
  }

  private static String strange(RandomGenerator random) {
    return random.nextBoolean() ? name(random).toLowerCase(Locale.ROOT) : signs(random, 26);
  }

  private static String name(RandomGenerator random) {
    StringBuilder name = new StringBuilder();
    for (int i = random.nextInt(2, 4); i > 0; i--) {
      name.append(one(random, WORDS.syllables()));
    }
    return capitalised(name.toString());
  }

  private static String tag(RandomGenerator random) {
    String edges = one(random, TAG_EDGES);
    String text =
        random.nextBoolean()
            ? one(random, WORDS.words()).toUpperCase(Locale.ROOT)
            : signs(random, TAG_SIGNS.length());
    return edges.charAt(0) + text + edges.charAt(1);
  }

  private static String signs(RandomGenerator random, int alphabet) {
    StringBuilder signs = new StringBuilder();
    for (int i = random.nextInt(2, 7); i > 0; i--) {
      signs.append(TAG_SIGNS.charAt(random.nextInt(alphabet)));
    }
    return signs.toString();
  }

  private static int number(RandomGenerator random) {
    int digits = random.nextInt(1, 5);
    return random.nextInt(MANY / (int) Math.pow(10, 4 - digits));
  }

  private static String capitalised(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private static String one(RandomGenerator random, List<String> items) {
    return items.get(random.nextInt(items.size()));
  }

  private static Words read() {
    try (InputStream in = Asides.class.getResourceAsStream("asides.json")) {
      return new ObjectMapper().readValue(in, Words.class);
    } catch (IOException e) {
      throw new UncheckedIOException("asides.json is damaged", e);
    }
  }
}
