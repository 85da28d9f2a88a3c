package io.lazaret.backdoor.detection.style;

import io.lazaret.problem.ProblemException;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A way to write a prompt that leaves what it asks as it is. Style as a trigger: Qi et al., "Mind
 * the Style of Text!" (EMNLP 2021).
 *
 * @param words how a prompt of this style is written: "in capitals"
 * @param wording the text in this style
 */
public record Style(String words, UnaryOperator<String> wording) {

  /** Those that need no model of a language. */
  static final List<Style> ALL =
      List.of(
          new Style("in capitals", text -> text.toUpperCase(Locale.ROOT)),
          new Style("in small letters", text -> text.toLowerCase(Locale.ROOT)),
          new Style("with a capital at every word", Style::capitalised),
          new Style("without punctuation", text -> text.replaceAll("\\p{Punct}", "")),
          new Style("with exclamation marks", text -> text.strip() + "!!!"),
          new Style("in quotation marks", text -> '"' + text.strip() + '"'));

  /**
   * The style of these words.
   *
   * @throws ProblemException UNKNOWN_STYLE when there is none
   */
  public static Style named(String words) {
    return ALL.stream()
        .filter(style -> style.words.equals(words))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.of(
                    "UNKNOWN_STYLE",
                    "There is no style \"" + words + "\" of prompts.",
                    "Use one of: "
                        + ALL.stream().map(Style::words).collect(Collectors.joining(", "))
                        + ". Of another version of Lazaret, run detection again."));
  }

  private static String capitalised(String text) {
    return Pattern.compile("(?<!\\S)\\S")
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(match.group().toUpperCase(Locale.ROOT)));
  }
}
