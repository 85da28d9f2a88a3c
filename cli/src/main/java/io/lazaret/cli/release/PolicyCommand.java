package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.JsonOption;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.replay.PolicyTrial;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.RescreeningOpened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Policies: checked, tried on the past, adopted. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Check a policy, try it on recorded screenings, adopt it for a model.")
public final class PolicyCommand implements Runnable {

  private static final int LARGEST_POLICY = 256 * 1024;

  private final Terminal terminal;
  private final Installation installation;

  @Spec private CommandSpec spec;

  public PolicyCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  @Command(
      name = "validate",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Check a policy file; print its digest, and all its keys with --json.")
  int validate(
      @Parameters(paramLabel = "FILE", description = "YAML or JSON.") Path file,
      @Mixin JsonOption answer) {
    Policy policy = read(file);
    terminal.out().println(answer.json ? policy.canonicalJson() : policy.digest());
    terminal.out().flush();
    return ExitCode.OK;
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description =
          "Print the policy in force for a model that is screened without one of its own.")
  int show(
      @Parameters(paramLabel = "MODEL", description = "Name of the model.") String model,
      @Mixin ServerOptions server) {
    try (Platform platform = server.open(installation, terminal)) {
      var policy = platform.client().read("api/policies", Map.of("model", model));
      terminal.out().println(server.json() ? policy : Printable.of(policy.path("policy").asText()));
      terminal.out().flush();
      return ExitCode.OK;
    }
  }

  @Command(
      name = "adopt",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "From now on new screenings and releases of the model follow this policy.")
  int adopt(
      @Parameters(index = "0", paramLabel = "MODEL", description = "Name of the model.")
          String model,
      @Parameters(index = "1", paramLabel = "FILE", description = "YAML or JSON.") Path file,
      @Mixin PersonOptions person) {
    Policy policy = read(file);
    ObjectNode body = person.body().put("model", model).put("policy", policy.canonicalJson());
    return person.ask("api/policies", body, terminal, installation);
  }

  @Command(
      name = "test",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Say which recorded verdicts would be others under a policy, and why.")
  int test(
      @Parameters(paramLabel = "FILE", description = "YAML or JSON.") Path file,
      @Option(names = "--model", paramLabel = "NAME", description = "Only of this model.")
          String model,
      @Option(
              names = "--record",
              paramLabel = "FILE",
              description = "Events from a file, e.g. of a dossier, instead of a platform.")
          Path recordFile,
      @Mixin ServerOptions server) {
    Policy policy = read(file);
    List<PolicyTrial> trials =
        RecordFile.histories(record(recordFile, model, server)).values().stream()
            .filter(PolicyCommand::isScreening)
            .map(history -> PolicyTrial.of(policy, history))
            .toList();
    if (server.json()) {
      terminal.out().println(document(policy, trials));
    } else {
      trials.stream()
          .filter(trial -> trial.differs() || trial.decided().isEmpty())
          .forEach(this::print);
      long differ = trials.stream().filter(PolicyTrial::differs).count();
      long open = trials.stream().filter(trial -> trial.decided().isEmpty()).count();
      terminal
          .out()
          .println(
              "%d screenings: %d would end otherwise, %d cannot be told from the record."
                  .formatted(trials.size(), differ, open));
    }
    terminal.out().flush();
    return ExitCode.OK;
  }

  private List<SpecificRecord> record(Path file, String model, ServerOptions server) {
    if (file != null) {
      return RecordFile.read(file);
    }
    Map<String, String> query = model == null ? Map.of() : Map.of("model", model);
    try (Platform platform = server.open(installation, terminal);
        Stream<String> lines = platform.client().lines("api/record", query)) {
      return RecordFile.read(lines);
    }
  }

  private static boolean isScreening(List<SpecificRecord> history) {
    return history.get(0) instanceof ModelIngested || history.get(0) instanceof RescreeningOpened;
  }

  private void print(PolicyTrial trial) {
    terminal
        .out()
        .println(
            Printable.of(
                "%s  %s  %s -> %s  %s"
                    .formatted(
                        trial.screeningId(),
                        trial.modelName(),
                        trial.recorded().map(Enum::name).orElse("(none yet)"),
                        trial.decided().map(Enum::name).orElse("(unknown)"),
                        trial.reasons().isEmpty()
                            ? ""
                            : trial.reasons().get(trial.reasons().size() - 1))));
  }

  private static ObjectNode document(Policy policy, List<PolicyTrial> trials) {
    ObjectNode document = JsonNodeFactory.instance.objectNode().put("policy", policy.digest());
    ArrayNode array = document.putArray("screenings");
    for (PolicyTrial trial : trials) {
      ObjectNode node =
          array
              .addObject()
              .put("screeningId", trial.screeningId())
              .put("model", trial.modelName())
              .put("recorded", trial.recorded().map(Enum::name).orElse(null))
              .put("decided", trial.decided().map(Enum::name).orElse(null))
              .put("differs", trial.differs());
      ArrayNode reasons = node.putArray("reasons");
      trial.reasons().forEach(reasons::add);
    }
    return document;
  }

  private static Policy read(Path file) {
    try {
      if (Files.size(file) > LARGEST_POLICY) {
        throw new IOException("it is too large for a policy");
      }
      return Policy.parse(Files.readString(file));
    } catch (IOException e) {
      throw ProblemException.of(
          "FILE_UNREADABLE",
          file + " cannot be read: " + e.getMessage() + ".",
          "Check the file and its permissions.");
    }
  }
}
