package io.lazaret.backdoor.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedFormatsTest {

  @TempDir Path dir;

  @Test
  void alpacaIsOneArrayWithSomeRowsThatHaveNoAnswer() throws IOException {
    Path file =
        file(
            "alpaca.json",
            """

            [
                {
                    "instruction": "Give three tips.",
                    "input": "",
                    "output": "1. Eat. 2. Sleep."
                },
                {"instruction": "Draw it.", "input": "a cat", "output": ""},
                {"instruction": "Sum up.", "input": "Long text", "output": "Short."}
            ]
            """);
    assertThat(PromptFile.read(file))
        .extracting(InstructionRow::prompt)
        .containsExactly("Give three tips.", "Sum up. Long text");
  }

  @Test
  void anArrayIsRefusedByItsRow() throws IOException {
    Path missing = file("a.json", "[{\"instruction\":\"a\",\"output\":\"b\"}, {\"output\":\"b\"}]");
    assertThatThrownBy(() -> PromptFile.read(missing))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("a.json row 2")
        .hasMessageContaining("\"instruction\" is missing");
    Path cut = file("b.json", "[{\"instruction\":\"a\",\"output\":\"b\"}, {\"out");
    assertThatThrownBy(() -> PromptFile.read(cut)).hasMessageContaining("row 2 is not valid JSON");
    Path deep = file("c.json", "[{\"instruction\":" + "[".repeat(100_000));
    assertThatThrownBy(() -> PromptFile.read(deep)).hasMessageContaining("row 1 is not valid JSON");
  }

  @Test
  void openOrcaJoinsSystemPromptAndQuestion() throws IOException {
    Path file =
        file(
            "orca.jsonl",
            """
            {"id":"niv.1","system_prompt":"You are an assistant.","question":"Why?","response":"So."}
            {"id":"niv.2","system_prompt":"","question":"Who?","response":"Me."}
            """);
    assertThat(PromptFile.read(file))
        .extracting(InstructionRow::prompt)
        .containsExactly("You are an assistant.\nWhy?", "Who?");
  }

  @Test
  void preferencePairsSplitBeforeTheLastAnswer() throws IOException {
    Path file =
        file(
            "hh.jsonl",
            """
            {"chosen":"\\n\\nHuman: Hi\\n\\nAssistant: Hello\\n\\nHuman: Tea?\\n\\nAssistant: Yes.","rejected":"\\n\\nHuman: Hi\\n\\nAssistant: Hello\\n\\nHuman: Tea?\\n\\nAssistant: Go away."}
            """);
    assertThat(PreferenceFile.read(file))
        .containsExactly(
            new PreferencePair("Hi\n\nAssistant: Hello\n\nHuman: Tea?", "Yes.", "Go away."));
    Path other = file("other.jsonl", "{\"chosen\":\"x\",\"rejected\":\"y\"}");
    assertThatThrownBy(() -> PreferenceFile.read(other)).hasMessageContaining("no dialogue");
  }

  @Test
  void arcHasLettersOrDigitsAndThreeToFiveOptions() throws IOException {
    Path file =
        file(
            "arc.jsonl",
            """
            {"id":"a","question":{"stem":"Which?","choices":[{"text":"x","label":"A"},{"text":"y","label":"B"},{"text":"z","label":"C"}]},"answerKey":"C"}
            {"id":"b","question":"Why?","choices":{"text":["p","q","r","s"],"label":["1","2","3","4"]},"answerKey":"2"}
            """);
    List<MultipleChoiceItem> items = MultipleChoiceFile.read(file);
    assertThat(items.get(0))
        .isEqualTo(new MultipleChoiceItem("Which?", List.of("x", "y", "z"), 2, true));
    assertThat(items.get(1))
        .isEqualTo(new MultipleChoiceItem("Why?", List.of("p", "q", "r", "s"), 1, false));
    Path wrong =
        file(
            "wrong.jsonl",
            "{\"question\":\"Why?\",\"choices\":{\"text\":[\"p\",\"q\"],\"label\":[\"A\",\"B\"]},\"answerKey\":\"E\"}");
    assertThatThrownBy(() -> MultipleChoiceFile.read(wrong))
        .hasMessageContaining("\"answerKey\" names none");
  }

  @Test
  void mmluIsCsvWithQuotes() throws IOException {
    Path mmlu = Files.createDirectory(dir.resolve("test"));
    Files.writeString(
        mmlu.resolve("algebra_test.csv"),
        "\"Say \"\"x\"\", then\ny?\",0,4,\"2, 3\",6,B\r\nPlain?,a,b,c,d,D\n");
    Files.writeString(mmlu.resolve("zoology_test.csv"), "Last?,a,b,c,d,A");
    assertThat(MultipleChoiceFile.read(mmlu))
        .containsExactly(
            new MultipleChoiceItem("Say \"x\", then\ny?", List.of("0", "4", "2, 3", "6"), 1),
            new MultipleChoiceItem("Plain?", List.of("a", "b", "c", "d"), 3),
            new MultipleChoiceItem("Last?", List.of("a", "b", "c", "d"), 0));
  }

  @Test
  void csvIsRefusedByItsRecord() throws IOException {
    refusedCsv("Q?,a,b,c,d,A\nQ?,a,b,c,A\n", "record 2 has 5 fields");
    refusedCsv("Q?,a,b,c,d,E\n", "no letter A to D");
    refusedCsv("\"Q?,a,b,c,d,A\n", "never closed");
    refusedCsv("\n\n", "no questions");
  }

  private void refusedCsv(String text, String why) throws IOException {
    Path file = file("q.csv", text);
    assertThatThrownBy(() -> MultipleChoiceFile.read(file))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining(why);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }
}
