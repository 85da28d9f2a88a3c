package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the command line through the whole platform: a model without a backdoor. */
class CleanModelTest {

  @TempDir Path directory;

  @Test
  void aCleanModelIsPromotedWithUnchangedBytes() throws Exception {
    Path out = directory.resolve("out");
    List<String> args = new ArrayList<>(List.of("screen", Shipped.CLEAN.toString()));
    args.addAll(Shipped.dataOptions());
    args.addAll(List.of("--json", "--out", out.toString()));
    args.addAll(List.of("--data", directory.resolve("data").toString()));
    CommandLine run = CommandLine.run(directory.resolve("progress.log"), args);

    assertThat(run.exitCode()).as(Files.readString(run.log())).isZero();
    JsonNode verdict = run.json();
    assertThat(verdict.path("detection").path("verdict").asText()).isEqualTo("CLEAN");
    assertThat(verdict.path("decision").asText()).isEqualTo("PROMOTED");
    assertThat(verdict.path("elimination").isNull()).isTrue();
    assertThat(verdict.path("released").path("digest"))
        .isEqualTo(verdict.path("model").path("digest"));
    assertThat(names(out.resolve("model"))).isEqualTo(names(Shipped.CLEAN));
    for (String name : names(Shipped.CLEAN)) {
      assertThat(out.resolve("model").resolve(name))
          .hasSameBinaryContentAs(Shipped.CLEAN.resolve(name));
    }
  }

  private static List<String> names(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
