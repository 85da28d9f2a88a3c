package io.lazaret.llm;

import io.lazaret.llm.files.ConfigFile;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.StoredTensor;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** Writes a model directory beside its final place and moves it there in one step. */
final class CheckpointWriter {

  private final ModelConfig config;
  private final List<Parameter> parameters;
  private final Map<String, WeightType> storedTypes;
  private final WeightType modelType;
  private final Map<String, byte[]> files;

  /**
   * @param storedTypes number formats that weights were read in, by name
   * @param modelType number format of weights that are not among them, and of config.json
   * @param files text files by name that travel with the weights; may hold the config.json that the
   *     model was read from
   */
  CheckpointWriter(
      ModelConfig config,
      List<Parameter> parameters,
      Map<String, WeightType> storedTypes,
      WeightType modelType,
      Map<String, byte[]> files) {
    this.config = config;
    this.parameters = parameters;
    this.storedTypes = storedTypes;
    this.modelType = modelType;
    this.files = files;
  }

  void write(Path dir, SaveSettings settings) {
    Path target = dir.toAbsolutePath().normalize();
    Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
    try {
      requireFree(target);
      Files.createDirectories(target.getParent());
      Files.createDirectory(temporary);
      writeFiles(temporary, settings);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      remove(temporary);
      throw new ProblemException(
          Problem.passing(
              "WRITE_FAILED",
              "The model could not be written to " + dir + ": " + e + ".",
              "Free disk space and check that the directory is writable."),
          e);
    } catch (RuntimeException | Error e) {
      remove(temporary);
      throw e;
    }
  }

  private static void requireFree(Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> entries = Files.list(target)) {
        if (entries.findAny().isEmpty()) {
          return;
        }
      }
    }
    throw ProblemException.of(
        "OUTPUT_EXISTS",
        target + " exists already and is not an empty directory.",
        "Name a directory that does not exist yet.");
  }

  private void writeFiles(Path dir, SaveSettings settings) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (!file.getKey().equals(ConfigFile.NAME)) {
        Files.write(dir.resolve(file.getKey()), file.getValue());
      }
    }
    WeightType stated = settings.type() == null ? modelType : settings.type();
    Files.write(
        dir.resolve(ConfigFile.NAME), ConfigFile.bytes(config, stated, files.get(ConfigFile.NAME)));
    List<StoredTensor> tensors = new ArrayList<>();
    for (Parameter parameter : parameters) {
      WeightType type =
          settings.type() == null
              ? storedTypes.getOrDefault(parameter.name(), modelType)
              : settings.type();
      tensors.add(
          StoredTensor.of(
              parameter.name(),
              parameter.shape(),
              type,
              (first, out) -> TensorMemory.read(parameter.array(), first, out)));
    }
    ShardWriter.write(dir, tensors, settings.shardBytes());
  }

  private static void remove(Path dir) {
    if (!Files.exists(dir)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(dir)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // The first failure is the one to report; a leftover dot directory harms nobody.
      return;
    }
  }
}
