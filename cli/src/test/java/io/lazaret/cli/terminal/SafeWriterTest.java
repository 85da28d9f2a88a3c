package io.lazaret.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class SafeWriterTest {

  private final StringWriter out = new StringWriter();
  private final PrintWriter writer = new PrintWriter(new SafeWriter(out), true);

  @Test
  void aJsonDocumentStaysTheSameDocumentAndMovesNoCursor() throws Exception {
    JsonNode document =
        JsonNodeFactory.instance.objectNode().put("name", "a\u009b2J\u202eb\u2028\u001b[2Jü😀");
    writer.println(document);
    assertThat(out.toString()).doesNotContain("\u009b", "\u202e", "\u2028", "\u001b");
    assertThat(new ObjectMapper().readTree(out.toString())).isEqualTo(document);
  }

  @Test
  void coloursAndLettersPass() {
    writer.print("\u001b[1mänd 漢字\u001b[0m\n");
    writer.print('\u009b');
    writer.flush();
    assertThat(out).hasToString("\u001b[1mänd 漢字\u001b[0m\n\\u009B");
  }
}
