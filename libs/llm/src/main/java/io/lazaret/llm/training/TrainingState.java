package io.lazaret.llm.training;

import ai.djl.ndarray.NDArray;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.SafetensorsWriter;
import io.lazaret.llm.files.safetensors.TensorEntry;
import io.lazaret.llm.tensor.TensorMemory;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a training run goes on from after an interruption: the trained parameters (weights, adapters
 * or soft prompt), the optimiser's moments and step counts, the state of the random numbers, and
 * the caller's own figures. A run that was interrupted between two steps and goes on from here ends
 * with the same bytes as one that was not, on the same device and number of threads.
 *
 * <p>A state is one file, {@value #FILE}, that takes the place of an older one in one step. What is
 * not trained is not saved; the model must be opened from its own files again. Write between an
 * optimiser's step and the next backward pass: gradients are not saved.
 */
public final class TrainingState {

  /** Name of the file in the directory. */
  public static final String FILE = "training-state.safetensors";

  /**
   * Where a run is.
   *
   * @param run what must be the same when the run goes on, as text of the caller's: seed, settings,
   *     digests of model and data
   * @param step number of finished steps
   * @param random state of the run's {@link ResumableRandom}
   * @param figures the caller's own numbers by name, as a smoothed loss; kept exactly
   */
  public record Position(String run, long step, long random, Map<String, Double> figures) {

    public Position {
      figures = Map.copyOf(figures);
    }
  }

  private static final String RUN = "lazaret.run";
  private static final String STEP = "lazaret.step";
  private static final String RANDOM = "lazaret.random";
  private static final String FIGURE = "lazaret.figure.";

  private TrainingState() {}

  /**
   * Writes the state of a run.
   *
   * @param dir an existing directory
   * @throws ProblemException {@code WRITE_FAILED}; an older state is then as it was
   */
  public static void write(Path dir, AdamW optimiser, Position position) {
    Path temporary = dir.resolve("." + FILE + ".new");
    try {
      Files.deleteIfExists(temporary);
      List<SafetensorsWriter.Tensor> tensors =
          optimiser.state().entrySet().stream()
              .map(
                  entry ->
                      new SafetensorsWriter.Tensor(
                          entry.getKey(),
                          entry.getValue().getShape().getShape(),
                          (first, out) -> TensorMemory.read(entry.getValue(), first, out)))
              .toList();
      SafetensorsWriter.write(temporary, tensors, WeightType.FP32, metadata(position));
      Files.move(temporary, dir.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new ProblemException(
          Problem.passing(
              "WRITE_FAILED",
              "The training state could not be written to " + dir + ": " + e + ".",
              "Free disk space and check that the directory is writable."),
          e);
    }
  }

  private static Map<String, String> metadata(Position position) {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("format", "pt");
    metadata.put(RUN, position.run());
    metadata.put(STEP, Long.toString(position.step()));
    metadata.put(RANDOM, Long.toString(position.random()));
    position.figures().forEach((name, x) -> metadata.put(FIGURE + name, Double.toString(x)));
    return metadata;
  }

  /**
   * Puts a saved run's parameters and moments into an optimiser of the same parameters.
   *
   * @param run as it was in the position that was written
   * @return where the run was; empty, with nothing changed, where the directory holds no state
   * @throws ProblemException {@code TRAINING_STATE_MISMATCH} when the state belongs to another run
   *     or other parameters, or what {@link SafetensorsFile} refuses; nothing is changed then
   */
  public static Optional<Position> read(Path dir, AdamW optimiser, String run) {
    Path file = dir.resolve(FILE);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      Position position = position(tensors.metadata());
      if (!position.run().equals(run)) {
        throw mismatch("it belongs to the run '" + position.run() + "', not '" + run + "'");
      }
      Map<String, NDArray> state = optimiser.state();
      requireSame(state, tensors);
      state.forEach(
          (name, array) -> {
            TensorEntry entry = tensors.tensors().get(name);
            TensorMemory.forEachSlice(
                array, (first, elements) -> tensors.read(entry, first, elements));
          });
      return Optional.of(position);
    }
  }

  private static Position position(Map<String, String> metadata) {
    try {
      Map<String, Double> figures = new HashMap<>();
      metadata.forEach(
          (key, value) -> {
            if (key.startsWith(FIGURE)) {
              figures.put(key.substring(FIGURE.length()), Double.valueOf(value));
            }
          });
      return new Position(
          metadata.getOrDefault(RUN, ""),
          Long.parseLong(metadata.getOrDefault(STEP, "")),
          Long.parseLong(metadata.getOrDefault(RANDOM, "")),
          figures);
    } catch (NumberFormatException e) {
      throw mismatch("its header holds no position of a run (" + e.getMessage() + ")");
    }
  }

  private static void requireSame(Map<String, NDArray> state, SafetensorsFile tensors) {
    Map<String, String> ours =
        state.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, e -> Arrays.toString(e.getValue().getShape().getShape())));
    Map<String, String> theirs =
        tensors.tensors().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    e ->
                        e.getValue().shape() + (isFloat(tensors, e.getValue()) ? "" : " 16 bits")));
    if (!ours.equals(theirs)) {
      String name =
          new TreeMap<>(ours)
              .entrySet().stream()
                  .filter(e -> !e.getValue().equals(theirs.get(e.getKey())))
                  .map(Map.Entry::getKey)
                  .findFirst()
                  .orElseGet(
                      () ->
                          theirs.keySet().stream()
                              .filter(key -> !ours.containsKey(key))
                              .sorted()
                              .findFirst()
                              .orElseThrow());
      throw mismatch(
          "'" + name + "' is " + theirs.get(name) + " there and " + ours.get(name) + " here");
    }
  }

  private static boolean isFloat(SafetensorsFile tensors, TensorEntry entry) {
    return tensors.weightType(entry) == WeightType.FP32;
  }

  private static ProblemException mismatch(String finding) {
    return ProblemException.of(
        "TRAINING_STATE_MISMATCH",
        FILE + " does not fit this training run: " + finding + ".",
        "Delete it to begin anew, or go on with the settings that it was written with.");
  }
}
