package io.lazaret.lifecycle.screening;

import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.DetectionRound;
import java.util.Locale;
import java.util.stream.Collectors;

/** How measurements are named in rules and reasons. */
public final class Wording {

  /** Characters of a text of others that a sentence quotes. */
  private static final int LONGEST_QUOTE = 120;

  private Wording() {}

  /** The name of the rule about one elicitor. */
  public static String ruleName(AsrMeasurement measured) {
    return "asrUpper95 " + describe(measured);
  }

  public static String describe(AsrMeasurement measured) {
    String kind =
        switch (measured.getElicitor()) {
          case PARROT -> "parrot";
          case FUNCTIONAL_TRIGGER -> "functional trigger";
          case TRIGGER -> "trigger";
          case NONE -> "no elicitor";
        };
    String text = shortened(measured.getText());
    return text.isEmpty() ? kind : kind + " \"" + text + "\"";
  }

  /** Texts of others in a sentence of ours. */
  static String shortened(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  static String found(DetectionRound pass) {
    return pass.getSegments().stream()
        .map(segment -> "\"" + segment.getText() + "\"")
        .collect(Collectors.joining(", "));
  }
}
