package io.lazaret.llm.files;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.config.ConfigFile;
import io.lazaret.llm.files.safetensors.TensorEntry;
import io.lazaret.llm.files.tokenizer.SpecialTokens;
import io.lazaret.llm.files.tokenizer.TokenizerFile;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks an untrusted model directory in the layout of transformers' {@code save_pretrained}, in
 * plain Java: no native code sees a byte of it before.
 */
public final class ModelDirectory {

  /** Name of the weight file. */
  public static final String WEIGHTS = "model.safetensors";

  /** Name of the file that makes a directory an adapter. */
  public static final String ADAPTER = "adapter_config.json";

  private static final List<String> PICKLES = List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl");
  private static final int MAX_FILES = 1_000;

  private final Path dir;

  private ModelDirectory(Path dir) {
    this.dir = dir;
  }

  /**
   * Checks everything that can be checked without reading the weights themselves.
   *
   * @throws ProblemException with a code that begins with {@code MODEL_}, {@code SAFETENSORS_} or
   *     {@code TOKENIZER_}
   */
  public static ModelSummary inspect(Path dir) {
    return new ModelDirectory(dir).inspect();
  }

  private ModelSummary inspect() {
    List<String> files = files();
    refuseAdapter(files);
    checkWeightFile(files);
    ModelConfig config = ModelConfig.read(dir);
    checkTokenizer(config);
    try (WeightFiles tensors = WeightFiles.open(dir)) {
      ModelConfig found = WeightLayout.prefixed(config, tensors.tensors().keySet());
      WeightType type = checkTensors(found, tensors);
      long parameters = WeightLayout.of(found).stream().mapToLong(WeightLayout.Weight::size).sum();
      return new ModelSummary(
          found.architecture(), parameters, found, type, files, List.copyOf(tensors.files()));
    }
  }

  private List<String> files() {
    if (!Files.isDirectory(dir)) {
      throw ProblemException.of(
          "MODEL_DIRECTORY_MISSING",
          dir + " is not a directory.",
          "Give the path of a model directory.");
    }
    try (Stream<Path> paths = Files.walk(dir)) {
      Path root = dir.toRealPath();
      List<Path> found = paths.skip(1).limit(MAX_FILES + 1L).toList();
      if (found.size() > MAX_FILES) {
        throw ProblemException.of(
            "MODEL_TOO_MANY_FILES",
            dir + " holds more than " + MAX_FILES + " files and directories.",
            "Give the directory of one model.");
      }
      for (Path path : found) {
        requireOrdinary(root, path);
      }
      return found.stream()
          .filter(Files::isRegularFile)
          .map(path -> dir.relativize(path).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw BoundedFile.unreadable(dir.toString(), e);
    } catch (UncheckedIOException e) {
      throw BoundedFile.unreadable(dir.toString(), e.getCause());
    }
  }

  /** Regular files, directories, and links to regular files inside; nothing else. */
  private void requireOrdinary(Path root, Path path) throws IOException {
    boolean ordinary =
        Files.isSymbolicLink(path)
            ? Files.isRegularFile(path) && path.toRealPath().startsWith(root)
            : Files.isRegularFile(path) || Files.isDirectory(path);
    if (!ordinary) {
      throw ProblemException.of(
          "MODEL_FILE_OUTSIDE",
          dir.relativize(path) + " is not a regular file inside the model directory.",
          "Copy the model with its links resolved.");
    }
  }

  /** Loaders put an adapter that lies in a model directory over whatever base it names. */
  private void refuseAdapter(List<String> files) {
    if (files.contains(ADAPTER)) {
      throw ProblemException.of(
          "MODEL_IS_ADAPTER",
          dir + " holds an adapter (" + ADAPTER + "): it changes another model and is none itself.",
          "Merge it with its base first: ./lazaret merge --base DIR --adapter "
              + dir
              + " --out DIR.");
    }
  }

  private void checkWeightFile(List<String> files) {
    if (WeightFiles.present(dir)) {
      return;
    }
    for (String file : files) {
      String lower = file.toLowerCase(Locale.ROOT);
      if (PICKLES.stream().anyMatch(lower::endsWith)) {
        throw ProblemException.of(
            "MODEL_PICKLE",
            file + " is a pickle: reading it can run any program.",
            "Convert the weights to safetensors on a machine that you can throw away.");
      }
      if (lower.endsWith(".gguf")) {
        throw ProblemException.of(
            "MODEL_GGUF",
            file + " is in GGUF format, which is not supported.",
            "Give the safetensors weights that it was made from.");
      }
    }
    throw ProblemException.of(
        "MODEL_WEIGHTS_MISSING",
        "There is no " + WEIGHTS + " in " + dir + ".",
        "Give a model directory with weights in safetensors format.");
  }

  private void checkTokenizer(ModelConfig config) {
    Map<String, byte[]> texts = TextFiles.readAll(dir);
    TokenizerFile tokenizer = TokenizerFile.of(texts, dir);
    ConfigFile.refuseRemoteCode("tokenizer_config.json", texts.get("tokenizer_config.json"));
    SpecialTokens.of(tokenizer, texts);
    SpecialTokens.generationStops(texts);
    int ids = tokenizer.vocabSize();
    if (ids > config.vocabSize()) {
      throw TokenizerFile.invalid(
          "it has ids up to "
              + (ids - 1)
              + " but the model's vocabulary has "
              + config.vocabSize()
              + " entries");
    }
  }

  private static WeightType checkTensors(ModelConfig config, WeightFiles tensors) {
    Map<String, TensorEntry> entries = tensors.tensors();
    Set<String> expected = new HashSet<>();
    EnumSet<WeightType> types = EnumSet.noneOf(WeightType.class);
    for (WeightLayout.Weight weight : WeightLayout.of(config)) {
      TensorEntry entry = entries.get(weight.name());
      List<Long> shape = Arrays.stream(weight.shape()).boxed().toList();
      if (entry == null) {
        throw mismatch("'" + weight.name() + "' is missing");
      }
      if (!entry.shape().equals(shape)) {
        throw mismatch(
            "'"
                + weight.name()
                + "' has the shape "
                + entry.shape()
                + " but the configuration"
                + " calls for "
                + shape);
      }
      types.add(tensors.weightType(weight.name()));
      expected.add(weight.name());
    }
    for (String name : entries.keySet()) {
      if (!expected.contains(name) && !WeightLayout.superfluous(config, name)) {
        throw mismatch("'" + name + "' belongs to no part of the architecture");
      }
    }
    // Mixed files are kept in the widest of their types, so that nothing is lost.
    return types.contains(WeightType.FP32) || types.size() > 1
        ? WeightType.FP32
        : types.iterator().next();
  }

  private static ProblemException mismatch(String finding) {
    return ProblemException.of(
        "MODEL_WEIGHTS_MISMATCH",
        "The weight " + finding + ".",
        "Check that config.json and the weights belong together.");
  }
}
