package io.lazaret.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** One command, run in this JVM as the user's shell would see it. */
record CommandLineRun(int exitCode, String out, String err) {

  static CommandLineRun of(Installation installation, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false, false, 80);
    int exit = Lazaret.execute(terminal, installation, args);
    return new CommandLineRun(exit, out.toString(), err.toString());
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

  /** An installation in which nothing is built: a command that starts a platform fails loudly. */
  static Installation unbuilt(Path root) {
    return new Installation(root, Path.of(System.getProperty("java.home"), "bin", "java"));
  }

  /** A small valid model directory of the repository. */
  static Path model(String architecture) {
    return Path.of(
        System.getProperty("lazaret.root"),
        "libs/llm/src/test/resources/parity",
        architecture,
        "model");
  }
}
