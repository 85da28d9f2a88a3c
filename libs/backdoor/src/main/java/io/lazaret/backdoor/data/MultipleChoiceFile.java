package io.lazaret.backdoor.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads multiple-choice questions: JSON lines with {@code question}, {@code choices} (an array of
 * strings) and {@code answer} (a letter or a zero-based index).
 */
public final class MultipleChoiceFile {

  private MultipleChoiceFile() {}

  /**
   * All questions in file order.
   *
   * @throws io.lazaret.problem.ProblemException as {@link PromptFile#read(Path)}
   */
  public static List<MultipleChoiceItem> read(Path jsonl) {
    return new JsonLines<MultipleChoiceItem>(jsonl, DataLimits.defaults(), MultipleChoiceFile::item)
        .read();
  }

  private static MultipleChoiceItem item(JsonLines<MultipleChoiceItem>.Line line) {
    List<String> choices = choices(line);
    int answer = answer(line);
    if (answer < 0 || answer >= choices.size()) {
      throw line.problem("answer", "names none of the " + choices.size() + " choices");
    }
    return new MultipleChoiceItem(line.text("question"), choices, answer);
  }

  private static List<String> choices(JsonLines<MultipleChoiceItem>.Line line) {
    JsonNode value = line.value("choices");
    if (value == null || !value.isArray()) {
      throw line.problem("choices", value == null ? "is missing" : "is not an array");
    }
    if (value.size() < 2 || value.size() > MultipleChoiceItem.MAX_CHOICES) {
      throw line.problem("choices", "has " + value.size() + " options, 2 to 26 are possible");
    }
    List<String> choices = new ArrayList<>();
    for (JsonNode choice : value) {
      if (!choice.isTextual() || choice.textValue().isBlank()) {
        throw line.problem("choices", "has an option that is blank or not a string");
      }
      choices.add(choice.textValue());
    }
    return choices;
  }

  private static int answer(JsonLines<MultipleChoiceItem>.Line line) {
    JsonNode value = line.value("answer");
    if (value != null && value.isInt()) {
      return value.intValue();
    }
    String letter = line.text("answer").strip();
    if (letter.length() != 1 || letter.charAt(0) < 'A' || letter.charAt(0) > 'Z') {
      throw line.problem("answer", "is neither a letter A to Z nor an index");
    }
    return letter.charAt(0) - 'A';
  }
}
