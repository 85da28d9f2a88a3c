package io.lazaret.backdoor.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads multiple-choice questions as they are published:
 *
 * <ul>
 *   <li>JSON lines with {@code question}, {@code choices} (an array of strings) and {@code answer}
 *       (a letter or a zero-based index): MMLU as JSON;
 *   <li>JSON lines of ARC, both as AI2 publishes them ({@code question.stem}, {@code
 *       question.choices}, {@code answerKey}) and as the data hub does ({@code choices.text},
 *       {@code choices.label}, {@code answerKey});
 *   <li>CSV files of MMLU (question, four options, letter; no header), one or a directory of them.
 * </ul>
 */
public final class MultipleChoiceFile {

  private MultipleChoiceFile() {}

  /**
   * All questions in file order; files of a directory in the order of their names.
   *
   * @throws io.lazaret.problem.ProblemException as {@link PromptFile#read(Path)}
   */
  public static List<MultipleChoiceItem> read(Path file) {
    if (Files.isDirectory(file) || file.toString().endsWith(".csv")) {
      return MmluCsv.read(file, DataLimits.defaults());
    }
    return new JsonLines<MultipleChoiceItem>(file, DataLimits.defaults(), MultipleChoiceFile::item)
        .read();
  }

  private static MultipleChoiceItem item(JsonLines<MultipleChoiceItem>.Line line) {
    if (line.value("answerKey") != null) {
      return arc(line);
    }
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

  private static MultipleChoiceItem arc(JsonLines<MultipleChoiceItem>.Line line) {
    JsonNode question = line.value("question");
    boolean nested = question != null && question.isObject();
    JsonNode options = nested ? question.path("choices") : line.value("choices");
    String stem = nested ? question.path("stem").asText() : line.text("question");
    List<String> texts = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    if (nested) {
      for (JsonNode option : options) {
        texts.add(option.path("text").asText());
        labels.add(option.path("label").asText());
      }
    } else if (options != null) {
      options.path("text").forEach(text -> texts.add(text.asText()));
      options.path("label").forEach(label -> labels.add(label.asText()));
    }
    int answer = labels.indexOf(line.text("answerKey"));
    boolean possible = texts.size() >= 2 && texts.size() <= MultipleChoiceItem.MAX_CHOICES;
    if (!possible || texts.size() != labels.size() || stem.isBlank()) {
      throw line.problem(
          "choices", "has " + texts.size() + " options, " + labels.size() + " labels");
    }
    if (answer < 0) {
      throw line.problem("answerKey", "names none of the labels " + labels);
    }
    boolean letters = Character.isLetter(labels.get(answer).charAt(0));
    return new MultipleChoiceItem(stem, texts, answer, letters);
  }
}
