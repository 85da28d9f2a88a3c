package io.lazaret.tests;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The packaged command line in a process of its own, as the start script runs it. */
record CommandLine(int exitCode, String out, Path log) {

  private static final String JAR = "cli/target/lazaret-cli-0.1.0-SNAPSHOT.jar";

  /** Runs one command to its end; progress goes to {@code log}. */
  static CommandLine run(Path log, List<String> args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dlazaret.root=" + Shipped.ROOT);
    command.add("-jar");
    command.add(Shipped.ROOT.resolve(JAR).toString());
    command.addAll(args);
    Path out = Files.createTempFile(log.getParent(), "stdout", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(log.toFile())
            .start();
    try {
      return new CommandLine(process.waitFor(), Files.readString(out), log);
    } finally {
      process.destroy();
    }
  }

  /** stdout as exactly one JSON document. */
  JsonNode json() {
    try {
      return JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readTree(out);
    } catch (IOException e) {
      throw new UncheckedIOException(out, e);
    }
  }
}
