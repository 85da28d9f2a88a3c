package io.lazaret.llm.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                    MutantRun.class.getName(),
                    Files.createDirectory(dir.resolve("work")).toString(),
                    String.valueOf(MUTANTS),
                    String.valueOf(SEED)))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    assertThat(ended).as("the process hangs: %s", Files.readString(err)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    JsonNode report = new ObjectMapper().readTree(Files.readString(out));
    System.out.println("mutants: " + report);
    assertThat(report.path("failures")).isEmpty();
    assertThat(report.path("accepted").asInt() + report.path("refused").asInt()).isEqualTo(MUTANTS);
    assertThat(report.path("refused").asInt()).isGreaterThan(MUTANTS / 2);
    assertThat(report.path("accepted").asInt()).isGreaterThan(MUTANTS / 20);
    assertThat(report.path("openedNatively").asInt()).isGreaterThan(100);
    assertThat(report.path("heapMiB").asInt()).isLessThanOrEqualTo(256);
  }
}
