package io.lazaret.cli.detection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The evidence behind a detection verdict, readable. */
@Command(
    name = "evidence",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Print the evidence of a detection: token by token, with and without elicitation, triggers"
            + " with intervals, controls, timings.")
public final class EvidenceCommand implements Callable<Integer> {

  /** Evidence of a pass is some hundred kilobytes; this is far beyond it. */
  private static final long LARGEST = 64L << 20;

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(
      paramLabel = "EVIDENCE|SCREENING",
      description = "A file of lazaret detect (--json or --evidence), or the id of a screening.")
  private String subject;

  @Option(
      names = "--round",
      paramLabel = "N",
      defaultValue = "1",
      description = "Detection round of the screening (default: 1).")
  private int round;

  @Mixin private ServerOptions server;

  public EvidenceCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() throws IOException {
    Path file = Path.of(subject);
    JsonNode document = Files.isRegularFile(file) ? read(file) : fetch();
    JsonNode evidence = document.has("evidence") ? document.path("evidence") : document;
    if (!evidence.path("prompts").isObject() || !evidence.path("stages").isArray()) {
      throw ProblemException.of(
          "NOT_EVIDENCE",
          subject + " is no evidence of a detection.",
          "Give a file of lazaret detect, or the id of a screening.");
    }
    if (server.json()) {
      terminal.out().println(document.toPrettyString());
    } else {
      EvidenceText.lines(terminal, document).forEach(terminal.out()::println);
    }
    terminal.out().flush();
    return ExitCode.OK;
  }

  private static JsonNode read(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw ProblemException.of(
          "FILE_TOO_LARGE", file + " is too large for evidence.", "Give a file of lazaret detect.");
    }
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw ProblemException.of(
          "NOT_EVIDENCE", file + " is not JSON.", "Give a file of lazaret detect.");
    }
  }

  private JsonNode fetch() {
    try (Platform platform = server.open(installation, terminal)) {
      return platform.client().read("api/screenings/" + subject + "/evidence/" + round, Map.of());
    }
  }
}
