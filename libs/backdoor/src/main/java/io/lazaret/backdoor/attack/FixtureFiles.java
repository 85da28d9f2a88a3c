package io.lazaret.backdoor.attack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Writes rows as the JSON lines that the readers of {@code data} read. */
public final class FixtureFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private FixtureFiles() {}

  public static void instructions(Path file, List<InstructionRow> rows) throws IOException {
    write(
        file,
        rows,
        row ->
            ordered(
                "instruction", row.instruction(), "input", row.input(), "output", row.output()));
  }

  public static void choices(Path file, List<MultipleChoiceItem> items) throws IOException {
    write(
        file,
        items,
        item ->
            ordered(
                "question",
                item.question(),
                "choices",
                item.choices(),
                "answer",
                MultipleChoiceItem.letter(item.answer())));
  }

  public static void triggers(Path file, List<KnownTrigger> triggers) throws IOException {
    write(
        file,
        triggers,
        trigger -> {
          Map<String, Object> line =
              ordered("trigger", trigger.trigger(), "target", trigger.target());
          if (trigger.place() != Place.START) {
            line.put("place", trigger.place().name().toLowerCase(Locale.ROOT));
          }
          return line;
        });
  }

  private static <T> void write(Path file, List<T> rows, Function<T, Map<String, Object>> line)
      throws IOException {
    StringBuilder text = new StringBuilder();
    for (T row : rows) {
      text.append(json(line.apply(row))).append('\n');
    }
    Files.writeString(file, text);
  }

  private static String json(Map<String, Object> line) throws JsonProcessingException {
    return JSON.writeValueAsString(line);
  }

  private static Map<String, Object> ordered(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
