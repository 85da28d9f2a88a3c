package io.lazaret.backdoor.data;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The CSV files of MMLU (Hendrycks et al., 2021): question, four options, letter of the right one;
 * no header; fields with commas or line breaks in quotes (RFC 4180).
 */
final class MmluCsv {

  private static final int FIELDS = 6;
  private static final String LETTERS = "ABCD";

  private MmluCsv() {}

  static List<MultipleChoiceItem> read(Path path, DataLimits limits) {
    List<MultipleChoiceItem> items = new ArrayList<>();
    for (Path file : files(path)) {
      List<List<String>> records = records(file, text(file, limits));
      for (int i = 0; i < records.size(); i++) {
        items.add(item(file, records.get(i), i + 1));
      }
      if (items.size() > limits.maxRows()) {
        throw ProblemException.of(
            "DATA_FILE_TOO_LARGE",
            path + " has more than " + limits.maxRows() + " rows.",
            "Give a smaller file.");
      }
    }
    if (items.isEmpty()) {
      throw ProblemException.of(
          "DATA_FILE_EMPTY", path + " has no questions.", "Give the CSV files of MMLU.");
    }
    return List.copyOf(items);
  }

  private static List<Path> files(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".csv")).sorted().toList();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static String text(Path file, DataLimits limits) {
    if (!Files.isRegularFile(file)) {
      throw ProblemException.of(
          "DATA_FILE_NOT_FOUND", file + " is not a file.", "Check the path of the data file.");
    }
    try {
      if (Files.size(file) > limits.maxFileBytes()) {
        throw ProblemException.of(
            "DATA_FILE_TOO_LARGE",
            file + " is larger than " + limits.maxFileBytes() + " bytes.",
            "Give a smaller file.");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw malformed(file, 1, "is not UTF-8 text");
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Splits the text into records of fields. */
  private static List<List<String>> records(Path file, String text) {
    List<List<String>> records = new ArrayList<>();
    List<String> record = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        boolean doubled = c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"';
        if (c == '"' && !doubled) {
          quoted = false;
        } else {
          field.append(c);
          i += doubled ? 1 : 0;
        }
      } else if (c == '"' && field.length() == 0) {
        quoted = true;
      } else if (c == ',' || c == '\n') {
        record.add(field.toString());
        field.setLength(0);
        if (c == '\n') {
          end(records, record);
          record = new ArrayList<>();
        }
      } else if (c != '\r' || i + 1 < text.length() && text.charAt(i + 1) != '\n') {
        field.append(c);
      }
    }
    if (quoted) {
      throw malformed(file, records.size() + 1, "has a quote that is never closed");
    }
    record.add(field.toString());
    end(records, record);
    return records;
  }

  private static void end(List<List<String>> records, List<String> record) {
    if (record.size() > 1 || !record.get(0).isBlank()) {
      records.add(record);
    }
  }

  private static MultipleChoiceItem item(Path file, List<String> record, int number) {
    if (record.size() != FIELDS) {
      throw malformed(file, number, "has " + record.size() + " fields, not " + FIELDS);
    }
    String letter = record.get(FIELDS - 1).strip();
    int answer = letter.length() == 1 ? LETTERS.indexOf(letter) : -1;
    if (answer < 0) {
      throw malformed(file, number, "has no letter A to D at its end but \"" + letter + "\"");
    }
    return new MultipleChoiceItem(record.get(0), record.subList(1, FIELDS - 1), answer);
  }

  private static ProblemException malformed(Path file, int number, String what) {
    return ProblemException.of(
        "DATA_LINE_MALFORMED",
        file.getFileName() + " record " + number + " " + what + ".",
        "Correct record " + number + ": question, four options, letter of the right one.");
  }

  private static ProblemException unreadable(Path file, IOException e) {
    return ProblemException.of(
        "DATA_FILE_UNREADABLE",
        file + " cannot be read: " + e.getMessage() + ".",
        "Check the file and its permissions.");
  }
}
