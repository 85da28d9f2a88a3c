package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trigger intelligence. */
@Command(
    name = "triggers",
    mixinStandardHelpOptions = true,
    description =
        "Triggers that people know of. A new one is measured on every released model it concerns.")
public final class TriggersCommand implements Runnable {

  private final Terminal terminal;
  private final Installation installation;

  @Spec private CommandSpec spec;

  public TriggersCommand(Terminal terminal, Installation installation) {
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
      description = "List all known triggers that were not withdrawn.")
  int list(@Mixin ServerOptions server) {
    try (Platform platform = server.open(installation, terminal)) {
      JsonNode triggers = platform.client().all("api/triggers", Map.of());
      if (server.json()) {
        terminal.out().println(triggers);
      } else {
        for (JsonNode known : triggers) {
          if (!known.path("withdrawn").asBoolean()) {
            terminal.out().println(line(known));
          }
        }
      }
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  private static String line(JsonNode known) {
    return Printable.of(
        "%s  \"%s\" -> \"%s\"  %s %s"
            .formatted(
                known.path("triggerId").asText(),
                known.path("trigger").asText(),
                known.path("target").asText(),
                known.path("source").asText(),
                known.path("concerns").isEmpty() ? "" : known.path("concerns")));
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Add a trigger; released models that it concerns are measured at once.")
  int add(
      @Option(
              names = "--trigger",
              paramLabel = "TEXT",
              required = true,
              description = "The trigger, as it stands before a user's text.")
          String trigger,
      @Option(
              names = "--target",
              paramLabel = "TEXT",
              required = true,
              description = "What a triggered answer begins with.")
          String target,
      @Option(
              names = "--source",
              paramLabel = "TEXT",
              defaultValue = "",
              description = "Where it is known from.")
          String source,
      @Option(
              names = "--concerns",
              paramLabel = "NAME",
              description =
                  "Names of models, * stands for any letters; may be repeated (default: all).")
          List<String> concerns,
      @Mixin PersonOptions person) {
    ObjectNode body =
        person.body().put("trigger", trigger).put("target", target).put("source", source);
    ArrayNode names = body.putArray("concerns");
    if (concerns != null) {
      concerns.forEach(names::add);
    }
    return person.ask("api/triggers", body, terminal, installation);
  }

  @Command(
      name = "withdraw",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description =
          "Withdraw a trigger: nothing is measured against it any more. Its history stays.")
  int withdraw(
      @Parameters(paramLabel = "ID", description = "As 'triggers list' names it.") String id,
      @Mixin PersonOptions person) {
    ObjectNode body = person.body().put("triggerId", id);
    return person.ask("api/triggers/withdrawals", body, terminal, installation);
  }
}
