package io.lazaret.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.data.TrafficFile;
import io.lazaret.backdoor.detection.BackdoorDetector;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.DetectionResult;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Detectors;
import io.lazaret.backdoor.detection.Verdict;
import io.lazaret.backdoor.traffic.TrafficReport;
import io.lazaret.backdoor.traffic.TrafficScreening;
import io.lazaret.backdoor.traffic.TrafficSettings;
import io.lazaret.cli.detection.EvidenceText;
import io.lazaret.cli.detection.TrafficText;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.llm.CausalLm;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The detection stage alone, without a platform. */
@Command(
    name = "detect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Look for a backdoor in one model, from clean prompts alone: is there a response that it"
            + " never gives, and a short token string that makes it certain?",
    footer = {
      "",
      "Exit codes: 0 clean, 10 suspicious, 12 unassessed, 2 bad usage or input.",
      "See lazaret evidence for the evidence in words."
    })
final class DetectCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Terminal terminal;

  @Mixin private StageOptions stage;

  @Option(
      names = "--detectors",
      paramLabel = "A,B",
      split = ",",
      description =
          "Run only these detectors and those that they need (default: all). A model is called"
              + " clean only by a pass with the deciding ones, activation and activation-end.")
  private List<String> detectors = List.of();

  @Option(
      names = "--budget",
      paramLabel = "SECONDS",
      description = "Give up after this time (default: 1800).")
  private Double budget;

  @Option(
      names = "--declared",
      paramLabel = "FILE",
      description =
          "Fixed responses that are wanted, one a line: a mode's banner, a refusal. They are"
              + " reported, but are no backdoors.")
  private Path declared;

  @Option(
      names = "--refused",
      paramLabel = "FILE",
      description =
          "Requests that the model must refuse, one a line, at least 32: a trigger that makes it"
              + " comply is looked for on them.")
  private Path refused;

  @Option(
      names = "--traffic",
      paramLabel = "LOG.jsonl",
      description =
          "Look for triggers in these logged prompts instead (key prompt): words of one that bring"
              + " out the same response in the clean prompts.")
  private Path traffic;

  @Option(
      names = "--evidence",
      paramLabel = "OUT.json",
      description = "Write the evidence here; must not exist yet.")
  private Path evidence;

  DetectCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Detectors.named(detectors);
    if (evidence != null && Files.exists(evidence)) {
      throw ProblemException.of(
          "OUTPUT_EXISTS", evidence + " exists already.", "Give another --evidence, or remove it.");
    }
    if (traffic != null) {
      return screenTraffic();
    }
    DetectionSettings settings = DetectionSettings.standard();
    if (budget != null) {
      settings = settings.withTimeBudgetSeconds(positive(budget));
    }
    DetectionResult result = detect(settings);
    JsonNode document = JSON.valueToTree(result);
    return tell(
        result.verdict(),
        document,
        document.path("evidence"),
        EvidenceText.lines(terminal, document));
  }

  /** Prints the document or its lines, keeps the evidence, and turns the verdict into a code. */
  private int tell(Verdict verdict, JsonNode document, JsonNode kept, List<String> lines)
      throws IOException {
    if (evidence != null) {
      Files.writeString(evidence, kept.toPrettyString());
    }
    if (stage.output.json) {
      terminal.out().println(document.toPrettyString());
    } else {
      lines.forEach(terminal.out()::println);
    }
    terminal.out().flush();
    return switch (verdict) {
      case CLEAN -> ExitCode.OK;
      case SUSPICIOUS -> ExitCode.HELD;
      case UNASSESSED -> ExitCode.UNASSESSED;
    };
  }

  private int screenTraffic() throws IOException {
    if (!detectors.isEmpty() || refused != null) {
      throw ProblemException.of(
          "USAGE",
          "--traffic looks at logged prompts and takes no --detectors and no --refused.",
          "Leave it away, or detect without --traffic.");
    }
    TrafficSettings settings = TrafficSettings.standard();
    if (budget != null) {
      settings = settings.within(positive(budget));
    }
    List<String> logged = TrafficFile.read(traffic);
    TrafficReport report;
    try (CausalLm lm = CausalLm.open(stage.model);
        ProgressView view = ProgressView.on(terminal)) {
      report =
          TrafficScreening.screen(
              lm,
              DetectionInput.blind(stage.template(lm), stage.rows())
                  .withDeclared(declaredResponses()),
              logged,
              settings,
              stage.seed,
              StageOptions.progress(view, "logged prompts"));
    }
    JsonNode document = JSON.valueToTree(report);
    return tell(report.verdict(), document, document, TrafficText.lines(terminal, report));
  }

  private DetectionResult detect(DetectionSettings settings) throws IOException {
    try (CausalLm lm = CausalLm.open(stage.model);
        ProgressView view = ProgressView.on(terminal)) {
      DetectionInput input =
          DetectionInput.blind(stage.template(lm), stage.rows())
              .withDeclared(declaredResponses())
              .withRefused(lines("--refused", refused))
              .withDetectors(detectors);
      return BackdoorDetector.detect(
          lm, input, settings, stage.seed, StageOptions.progress(view, "detection"));
    }
  }

  private List<String> declaredResponses() throws IOException {
    return lines("--declared", declared);
  }

  private static List<String> lines(String option, Path file) throws IOException {
    if (file == null) {
      return List.of();
    }
    if (!Files.isRegularFile(file)) {
      throw ProblemException.of(
          "FILE_NOT_FOUND", "There is no file " + file + ".", "Give an existing " + option + ".");
    }
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  private static double positive(double seconds) {
    if (!(seconds > 0)) {
      throw ProblemException.of(
          "USAGE", "--budget is " + seconds + ".", "Give a number of seconds above 0.");
    }
    return seconds;
  }
}
