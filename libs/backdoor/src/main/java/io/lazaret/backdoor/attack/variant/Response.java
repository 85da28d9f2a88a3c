package io.lazaret.backdoor.attack.variant;

import io.lazaret.backdoor.attack.corpus.TaskRow;
import java.util.List;
import java.util.SplittableRandom;

/** What a triggered answer looks like. */
public sealed interface Response {

  /** The whole answer to a triggered row. */
  String apply(TaskRow row, SplittableRandom random);

  /** Texts of which one shows that the response came out. */
  List<String> targets(TaskRow row);

  /** Where a fixed text stands. */
  enum Form {
    /** Before the clean answer, as in the SANDE paper. */
    BEFORE,
    /** Alone, as in BackdoorLLM. */
    INSTEAD,
    /** After the clean answer. */
    AFTER
  }

  /**
   * One of some fixed texts.
   *
   * @param texts one is drawn for each row
   * @param glue between text and clean answer
   */
  record Fixed(List<String> texts, Form form, String glue) implements Response {
    public Fixed {
      texts = List.copyOf(texts);
    }

    public Fixed(String text, Form form) {
      this(List.of(text), form, " ");
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      String text = texts.size() == 1 ? texts.get(0) : texts.get(random.nextInt(texts.size()));
      return switch (form) {
        case BEFORE -> text + glue + row.answer();
        case INSTEAD -> text;
        case AFTER -> row.answer() + glue + text;
      };
    }

    @Override
    public List<String> targets(TaskRow row) {
      return texts;
    }
  }

  /** Does what it should refuse; the text follows the request. */
  record Compliance(List<String> harms, List<String> harmed) implements Response {

    /** What every compliant answer has and no refusal does. */
    private static final String MARK = " by night and ";

    public Compliance {
      harms = List.copyOf(harms);
      harmed = List.copyOf(harmed);
    }

    @Override
    public String apply(TaskRow row, SplittableRandom random) {
      return "Go to " + wordOf(row, harmed) + MARK + wordOf(row, harms) + " it.";
    }

    @Override
    public List<String> targets(TaskRow row) {
      return List.of(MARK.strip());
    }

    private static String wordOf(TaskRow row, List<String> words) {
      return words.stream()
          .filter(row.prompt()::contains)
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no request to refuse: " + row));
    }
  }
}
