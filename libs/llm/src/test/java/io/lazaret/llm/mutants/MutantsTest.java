package io.lazaret.llm.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutants of every file of a model, in a process of 256 MB: accepted or refused by name. */
class MutantsTest {

  private static final int MUTANTS = 10_000;
  private static final long SEED = 20;
  private static final int MINUTES = 10;

  @TempDir Path dir;

  @Test
  void everyMutantIsAcceptedOrRefusedByName() throws IOException, InterruptedException {
    JsonNode report =
        SmallProcess.run(
            MutantRun.class, List.of(String.valueOf(MUTANTS), String.valueOf(SEED)), dir, MINUTES);
    System.out.println("mutants: " + report);
    assertThat(report.path("failures")).isEmpty();
    assertThat(report.path("accepted").asInt() + report.path("refused").asInt()).isEqualTo(MUTANTS);
    assertThat(report.path("refused").asInt()).isGreaterThan(MUTANTS / 2);
    assertThat(report.path("accepted").asInt()).isGreaterThan(MUTANTS / 20);
    assertThat(report.path("openedNatively").asInt()).isGreaterThan(100);
    assertThat(report.path("heapMiB").asInt()).isLessThanOrEqualTo(256);
  }
}
