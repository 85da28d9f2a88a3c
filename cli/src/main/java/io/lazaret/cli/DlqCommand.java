package io.lazaret.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Dead letters: records that nobody could read. */
@Command(
    name = "dlq",
    mixinStandardHelpOptions = true,
    description = "Show records that nobody could read, and put them back once the cause is gone.")
final class DlqCommand implements Runnable {

  private final Terminal terminal;
  private final Installation installation;

  @Spec private CommandSpec spec;

  DlqCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "List dead letters, newest first within each topic.")
  int list(
      @Mixin ServerOptions server,
      @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those of this topic.")
          String topic,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "20",
              description = "At most so many of each topic (default: 20).")
          int limit) {
    try (Platform platform = server.open(installation, terminal)) {
      JsonNode letters = platform.client().deadLetters(topic, limit);
      if (server.json()) {
        terminal.out().println(letters);
      } else {
        letters.forEach(this::print);
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  private void print(JsonNode letter) {
    terminal
        .out()
        .println(
            Printable.of(
                "%s %s%s  %s  model %s, %s bytes: %s"
                    .formatted(
                        letter.path("topic").asText(),
                        letter.path("offset").asText(),
                        letter.path("replayed").asBoolean() ? " (replayed)" : "",
                        letter.path("code").asText(),
                        letter.path("key").asText(),
                        letter.path("bytes").asText(),
                        letter.path("reason").asText())));
  }

  @Command(
      name = "replay",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Put dead letters back on the topic that they came from.")
  int replay(
      @Mixin ServerOptions server,
      @Parameters(paramLabel = "TOPIC", description = "e.g. lazaret.inbox") String topic,
      @Option(
              names = "--offset",
              paramLabel = "N",
              description = "Only this one (default: all that were not replayed yet).")
          Long offset) {
    try (Platform platform = server.open(installation, terminal)) {
      int replayed = platform.client().replayDeadLetters(topic, offset);
      terminal
          .out()
          .println(
              server.json()
                  ? JsonNodeFactory.instance.objectNode().put("replayed", replayed)
                  : replayed);
      terminal.out().flush();
      terminal.note(replayed + " dead letters of " + topic + " were put back.");
      return ExitCode.OK;
    }
  }
}
