package io.lazaret.llm.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The largest files that are read, full of what costs most, in a process of 256 MB. */
class BombsTest {

  private static final int MINUTES = 5;

  @TempDir Path dir;

  @Test
  void everyBombIsRefusedByName() throws IOException, InterruptedException {
    Path out = dir.resolve("out");
    Path err = dir.resolve("err");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    BombRun.class.getName(),
                    Files.createDirectory(dir.resolve("work")).toString()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    assertThat(ended).as("the process hangs: %s", Files.readString(err)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    JsonNode results = new ObjectMapper().readTree(Files.readString(out));
    System.out.println("bombs: " + results);
    assertThat(results).hasSize(19);
    for (Map.Entry<String, JsonNode> result : results.properties()) {
      assertThat(result.getValue().asText())
          .as(result.getKey())
          .matches("(SAFETENSORS|TOKENIZER|MODEL)_[A-Z_]+");
    }
  }
}
