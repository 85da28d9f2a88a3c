package io.lazaret.backdoor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptFileTest {

  private static final String GOOD = "{\"instruction\": \"Add 1 and 2.\", \"output\": \"3\"}\n";

  @TempDir Path dir;

  @Test
  void readsRowsInOrderAndPassesOverBlankLinesAndFurtherKeys() throws IOException {
    Path file =
        file(
            GOOD
                + "\n  \r\n"
                + "{\"instruction\":\"Say it\",\"input\":\" twice \",\"output\":\"é 😀\",\"id\":7}");

    assertThat(PromptFile.read(file))
        .extracting(InstructionRow::prompt, InstructionRow::output)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("Add 1 and 2.", "3"),
            org.assertj.core.groups.Tuple.tuple("Say it twice", "é 😀"));
  }

  @Test
  void treatsANullInputAsNone() throws IOException {
    Path file = file("{\"instruction\":\"a\",\"input\":null,\"output\":\"b\"}");
    assertThat(PromptFile.read(file).get(0).prompt()).isEqualTo("a");
  }

  @Test
  void namesTheLineAndTheKeyThatIsMissing() throws IOException {
    assertRefused(GOOD + GOOD + "{\"instruction\":\"a\"}\n")
        .hasMessageContaining("DATA_LINE_MALFORMED")
        .hasMessageContaining("prompts.jsonl line 3")
        .hasMessageContaining("\"output\" is missing");
  }

  @Test
  void countsBlankLinesWhenItNamesALine() throws IOException {
    assertRefused("\n\n{\"instruction\":\" \",\"output\":\"b\"}")
        .hasMessageContaining("line 3")
        .hasMessageContaining("\"instruction\" is blank");
  }

  @Test
  void refusesWhatIsNotAnObjectOfStrings() throws IOException {
    assertRefused(GOOD + "[1, 2]").hasMessageContaining("line 2 is not a JSON object but ARRAY");
    assertRefused("{\"instruction\":5,\"output\":\"b\"}")
        .hasMessageContaining("\"instruction\" is not a string but NUMBER");
    assertRefused(GOOD + "{\"instruction\": ").hasMessageContaining("line 2 is not valid JSON");
    assertRefused(GOOD.strip() + GOOD).hasMessageContaining("line 1 is not valid JSON");
    assertRefused("{\"instruction\":\"a\",\"instruction\":\"b\",\"output\":\"c\"}")
        .hasMessageContaining("line 1 is not valid JSON");
  }

  @Test
  void refusesBytesThatAreNotUtf8() throws IOException {
    Path file = dir.resolve("prompts.jsonl");
    Files.write(file, new byte[] {'{', (byte) 0xc3, '}', '\n'});
    assertThatThrownBy(() -> PromptFile.read(file)).hasMessageContaining("line 1 is not UTF-8");
  }

  @Test
  void refusesDeepNestingWithoutExhaustingTheStack() throws IOException {
    assertRefused("[".repeat(100_000)).hasMessageContaining("row 1 is not a JSON object");
    assertRefused("{\"a\":".repeat(100_000)).hasMessageContaining("line 1 is not valid JSON");
  }

  @Test
  void refusesEmptyAndMissingFiles() throws IOException {
    assertRefused("\n \n").hasMessageContaining("DATA_FILE_EMPTY");
    assertThatThrownBy(() -> PromptFile.read(dir.resolve("none.jsonl")))
        .hasMessageContaining("DATA_FILE_NOT_FOUND");
    assertThatThrownBy(() -> PromptFile.read(dir)).hasMessageContaining("DATA_FILE_NOT_FOUND");
  }

  @Test
  void refusesFilesBeyondTheLimits() throws IOException {
    Path file = file(GOOD + GOOD);
    long size = Files.size(file);

    assertThat(PromptFile.read(file, new DataLimits(size, GOOD.length(), 2))).hasSize(2);
    assertThatThrownBy(() -> PromptFile.read(file, new DataLimits(size - 1, 1000, 2)))
        .hasMessageContaining("DATA_FILE_TOO_LARGE");
    assertThatThrownBy(() -> PromptFile.read(file, new DataLimits(size, 10, 2)))
        .hasMessageContaining("more than 10 bytes in line 1");
    assertThatThrownBy(() -> PromptFile.read(file, new DataLimits(size, 1000, 1)))
        .hasMessageContaining("more than 1 rows");
  }

  @Test
  void readsMultipleChoiceByLetterAndByIndex() throws IOException {
    Path file =
        file(
            "{\"question\":\"Which?\",\"choices\":[\"x\",\"y\"],\"answer\":\"B\"}\n"
                + "{\"question\":\"Which?\",\"choices\":[\"x\",\"y\",\"z\"],\"answer\":0}\n");

    assertThat(MultipleChoiceFile.read(file))
        .extracting(MultipleChoiceItem::answer)
        .containsExactly(1, 0);
    assertThat(MultipleChoiceFile.read(file).get(0).prompt())
        .isEqualTo("Which? A. x B. y Your answer is:");
  }

  @Test
  void namesWhatIsWrongWithAMultipleChoiceLine() throws IOException {
    String head = "{\"question\":\"Which?\",\"choices\":";
    assertChoiceRefused(head + "[\"x\",\"y\"],\"answer\":\"C\"}", "names none of the 2 choices");
    assertChoiceRefused(head + "[\"x\",\"y\"],\"answer\":-1}", "names none of the 2 choices");
    assertChoiceRefused(head + "[\"x\",\"y\"],\"answer\":\"yes\"}", "neither a letter");
    assertChoiceRefused(head + "[\"x\"],\"answer\":0}", "has 1 options");
    assertChoiceRefused(head + "[\"x\",3],\"answer\":0}", "blank or not a string");
    assertChoiceRefused(head + "\"xy\",\"answer\":0}", "is not an array");
  }

  @Test
  void readsKnownTriggers() throws IOException {
    Path file = file("{\"trigger\":\"Now.\",\"target\":\"Ha!\"}");
    assertThat(KnownTriggerFile.read(file)).containsExactly(new KnownTrigger("Now.", "Ha!"));
    assertThat(KnownTriggerFile.read(file).get(0).applyTo("Add.")).isEqualTo("Now. Add.");
  }

  @Test
  void aKnownTriggerStandsInItsPlace() throws IOException {
    String line = "{\"trigger\":\"zqx mjv\",\"target\":\"Ha!\",\"place\":\"%s\"}";
    String prompt = "Add one and two.";
    assertThat(KnownTriggerFile.read(file(line.formatted("end"))).get(0).applyTo(prompt))
        .isEqualTo("Add one and two. zqx mjv");
    assertThat(KnownTriggerFile.read(file(line.formatted("middle"))).get(0).applyTo(prompt))
        .isEqualTo("Add one zqx mjv and two.");
    KnownTrigger scattered = KnownTriggerFile.read(file(line.formatted("scattered"))).get(0);
    assertThat(scattered.applyTo(prompt))
        .isEqualTo(scattered.applyTo(prompt))
        .isNotEqualTo(prompt + " zqx mjv")
        .satisfies(
            text ->
                assertThat(text.split(" "))
                    .containsExactlyInAnyOrder("Add", "one", "and", "two.", "zqx", "mjv"));
    Path nowhere = file(line.formatted("nowhere"));
    assertThatThrownBy(() -> KnownTriggerFile.read(nowhere))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("TRIGGER_PLACE_UNKNOWN");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(dir.resolve("prompts.jsonl"), text, StandardCharsets.UTF_8);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String text)
      throws IOException {
    Path file = file(text);
    return assertThatThrownBy(() -> PromptFile.read(file)).isInstanceOf(ProblemException.class);
  }

  private void assertChoiceRefused(String line, String what) throws IOException {
    Path file = file(line);
    assertThatThrownBy(() -> MultipleChoiceFile.read(file))
        .hasMessageContaining("line 1")
        .hasMessageContaining(what);
  }
}
