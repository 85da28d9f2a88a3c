package io.lazaret.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * The examples of help texts. They stand in one file, one command line each, so that a test can
 * hold them against the commands.
 *
 * @param ofCommand command lines by the name of the command, e.g. {@code lazaret dlq list}
 */
record Examples(Map<String, List<String>> ofCommand) {

  private static final String RESOURCE = "examples.txt";

  /** Reads the resource: a line in brackets names a command, the lines below are its examples. */
  static Examples ofResource() {
    try (InputStream in = Examples.class.getResourceAsStream(RESOURCE)) {
      Map<String, List<String>> examples = new TreeMap<>();
      String command = "";
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (line.startsWith("[")) {
          command = line.substring(1, line.indexOf(']'));
        } else if (!line.isBlank()) {
          examples.computeIfAbsent(command, name -> new ArrayList<>()).add(line.strip());
        }
      }
      return new Examples(examples);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts them below the help of a command and of all commands below it. */
  void addTo(CommandLine line) {
    List<String> examples =
        ofCommand.getOrDefault(line.getCommandSpec().qualifiedName(), List.of());
    if (!examples.isEmpty()) {
      var usage = line.getCommandSpec().usageMessage();
      Stream<String> own = Stream.concat(Stream.of("", "Examples:"), lines(examples));
      usage.footer(Stream.concat(Arrays.stream(usage.footer()), own).toArray(String[]::new));
    }
    line.getSubcommands().values().forEach(this::addTo);
  }

  /** An at sign and a percent sign mean something to the formatter of help texts. */
  private static Stream<String> lines(List<String> examples) {
    return examples.stream().map(example -> "  " + example.replace("%", "%%"));
  }
}
