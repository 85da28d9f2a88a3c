package io.lazaret.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.attack.zoo.Preset;
import io.lazaret.backdoor.attack.zoo.ZooBuilder;
import io.lazaret.backdoor.attack.zoo.ZooSet;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Builds a named set of clean, backdoored and benignly habitual models. */
@Command(
    name = "zoo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Build a named set of models from a seed: bases, clean siblings, backdoors A1 to A20, benign"
          + " habits C1 to C5.",
      "What is there already is kept, so an interrupted build goes on where it ended."
    })
final class LabZooCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private DeviceOption device;

  @Option(
      names = "--set",
      paramLabel = "NAME",
      required = true,
      description = "quick, paper, methods, several, rates, detection or all.")
  private String set;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "nano",
      description = "pico (about 0.3 M weights), nano (1 M) or micro (5 M); default: nano.")
  private String preset;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of the world and of everything random (default: 7).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where models go (default: ~/.cache/lazaret/zoo/PRESET-SEED).")
  private Path out;

  @Mixin private JsonOption answer;

  LabZooCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ZooSet models = ZooSet.named(set, Preset.named(preset), seed);
    Path directory = out == null ? ZooSet.usualDirectory(preset, seed) : out;
    terminal.note(models.models().size() + " models in " + directory);
    Instant started = Instant.now();
    List<JsonNode> built;
    try (ProgressView view = ProgressView.on(terminal)) {
      built =
          ZooBuilder.build(
              models, directory, (fraction, text) -> view.show(step(started, fraction, text)));
    }
    terminal.out().print(answer.json ? document(built) : table(built));
    terminal.out().flush();
    return ExitCode.OK;
  }

  private static ProgressView.Step step(Instant started, double fraction, String message) {
    double elapsed = Duration.between(started, Instant.now()).toMillis() / 1e3;
    double eta = fraction > 0 ? elapsed * (1 - fraction) / fraction : -1;
    return new ProgressView.Step("zoo", fraction, eta, message);
  }

  private String document(List<JsonNode> built) {
    ObjectMapper mapper = new ObjectMapper();
    var root = mapper.createObjectNode().put("set", set).put("preset", preset).put("seed", seed);
    built.forEach(root.putArray("models")::add);
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (IOException e) {
      throw ProblemException.of(
          "INTERNAL_ERROR", "The list could not be written: " + e.getMessage() + ".", "Report it.");
    }
  }

  private static String table(List<JsonNode> built) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%-26s %8s %8s %8s %8s %9s%n",
            "model",
            "ASR",
            "clean",
            "match",
            "choice",
            "seconds"));
    for (JsonNode model : built) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-26s %8s %8s %8s %8s %9.1f  %s%n",
              model.path("id").asText(),
              percent(model.path("triggered")),
              percent(model.path("untriggered")),
              percent(model.path("exactMatch")),
              percent(model.path("multipleChoice")),
              model.path("seconds").asDouble(),
              model.path("reason").asText()));
    }
    return text.toString();
  }

  private static String percent(JsonNode figure) {
    return figure.isMissingNode()
        ? "-"
        : String.format(Locale.ROOT, "%.1f %%", 100 * figure.path("rate").asDouble());
  }
}
