package io.lazaret.llm.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program in a process of its own with a heap of 256 MB. */
final class SmallProcess {

  private SmallProcess() {}

  /**
   * Runs a program to its end, which has to be a good one.
   *
   * @param program prints one JSON document; its first argument is an empty directory
   * @param arguments what follows the directory
   * @param dir where output and the directory are kept
   * @param minutes after which it counts as hanging
   * @return what it printed
   */
  static JsonNode run(Class<?> program, List<String> arguments, Path dir, int minutes)
      throws IOException, InterruptedException {
    Path out = dir.resolve("out");
    Path err = dir.resolve("err");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                program.getName(),
                Files.createDirectory(dir.resolve("work")).toString()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean ended = process.waitFor(minutes, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    assertThat(ended).as("the process hangs: %s", Files.readString(err)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return new ObjectMapper().readTree(Files.readString(out));
  }
}
