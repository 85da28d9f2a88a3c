package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.SafetensorsWriter;
import io.lazaret.llm.files.safetensors.TensorEntry;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.NativeRuntime;
import io.lazaret.llm.tensor.TensorMemory;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/**
 * A trainable soft prompt: k rows that take the place of token embeddings wherever a sequence holds
 * one of the virtual ids V to V+k-1.
 */
public final class SoftPrompt implements AutoCloseable {

  private static final String TENSOR = "soft_prompt";

  /** Largest number of rows that a file may hold. */
  private static final int MAX_ROWS = 4_096;

  private final int vocabSize;
  private final NDManager manager;
  private final NativeParameter parameter;

  private SoftPrompt(CausalLm lm, int rows, DoubleSupplier values) {
    if (rows < 1) {
      throw new IllegalArgumentException("a soft prompt needs at least one row");
    }
    this.vocabSize = lm.config().vocabSize();
    this.manager = NativeRuntime.newManager();
    NDArray array = manager.create(new Shape(rows, lm.config().hiddenSize()), DataType.FLOAT32);
    TensorMemory.forEachSlice(
        array,
        (first, buffer) -> {
          while (buffer.hasRemaining()) {
            buffer.put((float) values.getAsDouble());
          }
        });
    array.setRequiresGradient(true);
    this.parameter = new NativeParameter(TENSOR, array);
    this.parameter.gradient();
  }

  /** {@code k} rows of zeros. */
  public static SoftPrompt zeros(CausalLm lm, int k) {
    return new SoftPrompt(lm, k, () -> 0);
  }

  /** {@code k} rows drawn from N(0, std^2). */
  public static SoftPrompt random(CausalLm lm, int k, double std, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new SoftPrompt(lm, k, () -> std * random.nextGaussian());
  }

  /** A soft prompt with given rows, each as wide as the model. */
  public static SoftPrompt of(CausalLm lm, float[][] rows) {
    int width = lm.config().hiddenSize();
    for (float[] row : rows) {
      if (row.length != width) {
        throw new IllegalArgumentException("a row has " + row.length + " values, not " + width);
      }
    }
    int[] next = {0};
    return new SoftPrompt(lm, rows.length, () -> rows[next[0] / width][next[0]++ % width]);
  }

  /**
   * Reads a soft prompt that {@link #save} wrote.
   *
   * @throws ProblemException {@code SOFT_PROMPT_MISMATCH} when it does not fit the model, or a
   *     safetensors problem
   */
  public static SoftPrompt load(CausalLm lm, Path file) {
    int width = lm.config().hiddenSize();
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      TensorEntry entry = tensors.tensors().get(TENSOR);
      List<Long> shape = entry == null ? List.of() : entry.shape();
      boolean fits = shape.size() == 2 && shape.get(0) >= 1 && shape.get(0) <= MAX_ROWS;
      if (!fits || shape.get(1) != width) {
        throw ProblemException.of(
            "SOFT_PROMPT_MISMATCH",
            file.getFileName()
                + " holds '"
                + TENSOR
                + "' of shape "
                + shape
                + "; expected [k, "
                + width
                + "].",
            "Use a soft prompt that was trained on this model.");
      }
      float[] values = new float[Math.toIntExact(entry.size())];
      tensors.read(entry, 0, FloatBuffer.wrap(values));
      int[] next = {0};
      return new SoftPrompt(lm, shape.get(0).intValue(), () -> values[next[0]++]);
    }
  }

  /** Writes the rows as a safetensors file; the file must not exist yet. */
  public void save(Path file) {
    SafetensorsWriter.FloatSource source =
        (first, out) -> TensorMemory.read(parameter.array(), first, out);
    try {
      SafetensorsWriter.write(
          file,
          List.of(new SafetensorsWriter.Tensor(TENSOR, parameter.shape(), source)),
          WeightType.FP32,
          Map.of("format", "pt"));
    } catch (IOException e) {
      throw new ProblemException(
          Problem.passing(
              "WRITE_FAILED",
              "The soft prompt could not be written: " + e.getMessage() + ".",
              "Free disk space and check that the directory is writable."),
          e);
    }
  }

  /** The virtual ids V to V+k-1. */
  public int[] ids() {
    return IntStream.range(vocabSize, vocabSize + length()).toArray();
  }

  /** Number of rows k. */
  public int length() {
    return (int) parameter.shape()[0];
  }

  /** The rows as a parameter [k, d]. */
  public Parameter parameter() {
    return parameter;
  }

  /** Mean Euclidean norm of the rows. */
  public double meanNorm() {
    float[] values = parameter.values();
    int width = (int) parameter.shape()[1];
    return IntStream.range(0, length())
        .mapToDouble(
            row ->
                Math.sqrt(
                    IntStream.range(row * width, (row + 1) * width)
                        .mapToDouble(i -> (double) values[i] * values[i])
                        .sum()))
        .average()
        .orElse(0);
  }

  @Override
  public void close() {
    manager.close();
  }
}
