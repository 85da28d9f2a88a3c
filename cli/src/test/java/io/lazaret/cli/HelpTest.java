package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.lazaret.cli.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Help texts are those of the golden files, one for each command. They are written anew by:
 *
 * <pre>mvn -pl cli test -Dtest=HelpTest -Dlazaret.golden.update=true</pre>
 */
class HelpTest {

  private static final Path GOLDEN =
      Path.of(System.getProperty("lazaret.root"), "cli/src/test/resources/help");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  @TempDir Path root;

  static Stream<String> commands() {
    return names(line()).stream();
  }

  static Stream<String> commandsThatDoSomething() {
    return leaves(line()).stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpIsThatOfTheGoldenFile(String command) throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            CommandLineRun.unbuilt(root), (below(command) + " --help").strip().split(" "));
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    Path golden = GOLDEN.resolve(file(command));
    if (Boolean.getBoolean("lazaret.golden.update")) {
      Files.writeString(golden, run.out());
    }
    assertThat(run.out()).isEqualTo(Files.readString(golden));
  }

  @Test
  void everyGoldenFileIsThatOfACommand() throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      assertThat(files.map(golden -> golden.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(commands().map(HelpTest::file).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("commandsThatDoSomething")
  void aCommandHasExamplesAndTheyAreCommandLines(String command) {
    List<String> examples = Examples.ofResource().ofCommand().get(command);
    assertThat(examples).as("examples of " + command).isNotEmpty();
    for (String example : examples) {
      if (example.startsWith("lazaret ")) {
        String[] words = words(example.split(" > ")[0]);
        assertThatCode(() -> line().parseArgs(words)).as(example).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void everyExampleIsOfACommand() {
    assertThat(commands()).containsAll(Examples.ofResource().ofCommand().keySet());
  }

  @Test
  void aMissingCommandIsBadUsage() {
    CommandLineRun run = CommandLineRun.of(CommandLineRun.unbuilt(root));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Missing command", "[USAGE]", "lazaret --help");
  }

  @Test
  void anUnknownOptionIsBadUsage() {
    CommandLineRun run = CommandLineRun.of(CommandLineRun.unbuilt(root), "demo", "--fast");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--fast", "[USAGE]", "lazaret demo --help");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void badUsageIsOneDocumentWhenJsonIsAskedFor() {
    CommandLineRun run =
        CommandLineRun.of(CommandLineRun.unbuilt(root), "demo", "--json", "--fast");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.json().path("code").asText()).isEqualTo("USAGE");
  }

  private static CommandLine line() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return Lazaret.commandLine(
        new Terminal(nowhere, nowhere, false, false, 80),
        CommandLineRun.unbuilt(Path.of("nowhere")));
  }

  private static List<String> names(CommandLine line) {
    List<String> names = new ArrayList<>(List.of(line.getCommandSpec().qualifiedName()));
    line.getSubcommands().values().forEach(each -> names.addAll(names(each)));
    return names;
  }

  private static List<String> leaves(CommandLine line) {
    if (line.getSubcommands().isEmpty()) {
      return List.of(line.getCommandSpec().qualifiedName());
    }
    return line.getSubcommands().values().stream().flatMap(each -> leaves(each).stream()).toList();
  }

  private static String[] words(String example) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(below(example));
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words.toArray(String[]::new);
  }

  private static String below(String command) {
    return command.substring("lazaret".length()).strip();
  }

  private static String file(String command) {
    return (command.equals("lazaret") ? command : below(command).replace(' ', '-')) + ".txt";
  }
}
