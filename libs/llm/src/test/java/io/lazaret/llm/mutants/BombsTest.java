package io.lazaret.llm.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The largest files that are read, full of what costs most, in a process of 256 MB. */
class BombsTest {

  private static final int MINUTES = 5;

  @TempDir Path dir;

  @Test
  void everyBombIsRefusedByName() throws IOException, InterruptedException {
    JsonNode results = SmallProcess.run(BombRun.class, List.of(), dir, MINUTES);
    System.out.println("bombs: " + results);
    assertThat(results).hasSize(19);
    for (Map.Entry<String, JsonNode> result : results.properties()) {
      assertThat(result.getValue().asText())
          .as(result.getKey())
          .matches("(SAFETENSORS|TOKENIZER|MODEL)_[A-Z_]+");
    }
  }
}
