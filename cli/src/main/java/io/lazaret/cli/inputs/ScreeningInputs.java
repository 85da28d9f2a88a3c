package io.lazaret.cli.inputs;

import io.lazaret.llm.files.ModelSummary;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is handed to the platform for one screening, after the local check.
 *
 * @param name name of the model on the platform
 * @param directory the model directory
 * @param model what the check found in it
 * @param prompts clean prompts with answers
 * @param evaluation held-out prompts; null: the platform holds out a part of the prompts
 * @param multipleChoice questions; null when there are none
 * @param scoringTriggers known triggers, read by the final measurement only; null when there are
 *     none
 * @param template prompt template; null for the default
 * @param policy policy text; null for the default
 */
public record ScreeningInputs(
    String name,
    Path directory,
    ModelSummary model,
    Path prompts,
    Path evaluation,
    Path multipleChoice,
    Path scoringTriggers,
    String template,
    String policy,
    long seed) {

  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final List<String> OTHER_WEIGHTS =
      List.of(
          ".safetensors",
          ".bin",
          ".pt",
          ".pth",
          ".ckpt",
          ".pkl",
          ".gguf",
          ".h5",
          ".msgpack",
          ".onnx");

  /**
   * The files of the model directory that the platform gets: plain names at the top, without hidden
   * files and without other copies of the weights, which nothing here reads.
   */
  public List<String> uploadedFiles() {
    return model.files().stream()
        .filter(file -> PLAIN_NAME.matcher(file).matches())
        .filter(
            file ->
                model.weightFiles().contains(file)
                    || OTHER_WEIGHTS.stream().noneMatch(file.toLowerCase(Locale.ROOT)::endsWith))
        .toList();
  }

  /** The data files that are given, by the names that the platform knows them under. */
  public Map<String, Path> dataFiles() {
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("prompts", prompts);
    files.put("evaluation", evaluation);
    files.put("multipleChoice", multipleChoice);
    files.put("scoringTriggers", scoringTriggers);
    files.values().removeIf(path -> path == null);
    return files;
  }
}
