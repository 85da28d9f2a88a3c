package io.lazaret.cli;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.cli.terminal.ProgressView;
import io.lazaret.llm.CausalLm;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands that run one stage without a platform take. */
final class StageOptions {

  @Parameters(
      index = "0",
      paramLabel = "MODEL_DIR",
      description = "Hugging Face directory: config.json, tokenizer.json, safetensors.")
  Path model;

  @Option(
      names = "--prompts",
      paramLabel = "P.jsonl",
      required = true,
      description = "Clean prompts with answers, of the kind the model is used for.")
  Path prompts;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description =
          "How a user text becomes a prompt, with {prompt} in its place"
              + " (default: the model's chat template, else"
              + " \"Human: {prompt}\\nAssistant:\"; \\n is a line break).")
  String pattern;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of everything random (default: 7).")
  long seed;

  @Mixin private DeviceOption device;
  @Mixin JsonOption output;

  List<InstructionRow> rows() {
    return PromptFile.read(prompts);
  }

  PromptTemplate template(CausalLm lm) {
    return PromptTemplate.of(pattern == null ? null : pattern.replace("\\n", "\n"), lm.tokenizer());
  }

  /** Progress of a stage on a view. */
  static Progress progress(ProgressView view, String stage) {
    Instant started = Instant.now();
    return (fraction, message) -> {
      double elapsed = Duration.between(started, Instant.now()).toMillis() / 1e3;
      double eta = fraction > 0 ? elapsed * (1 - fraction) / fraction : -1;
      view.show(new ProgressView.Step(stage, fraction, eta, message));
    };
  }
}
