package io.lazaret.llm;

import io.lazaret.llm.files.ConfigFile;
import java.nio.file.Path;
import java.util.List;

/**
 * Architecture and sizes of a decoder, as its config.json states them.
 *
 * @param architecture one of {@link #LLAMA}, {@link #QWEN2}
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param layers number of decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim width of one head; even
 * @param intermediateSize inner width of the feed-forward part
 * @param contextLength largest number of positions
 * @param ropeTheta base of the rotary frequencies
 * @param rmsNormEps added to the mean square before the root
 * @param qkvBias whether query, key and value projections have a bias
 * @param tiedHead whether the vocabulary projection is the embedding itself
 * @param bosId begin-of-sequence id, -1 when there is none
 * @param eosId first end-of-sequence id, -1 when there is none
 * @param eosIds all end-of-sequence ids
 */
public record ModelConfig(
    String architecture,
    int vocabSize,
    int hiddenSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int intermediateSize,
    int contextLength,
    double ropeTheta,
    double rmsNormEps,
    boolean qkvBias,
    boolean tiedHead,
    int bosId,
    int eosId,
    List<Integer> eosIds) {

  public static final String LLAMA = "LlamaForCausalLM";
  public static final String QWEN2 = "Qwen2ForCausalLM";

  /** Architectures that this engine runs. */
  public static final List<String> ARCHITECTURES = List.of(LLAMA, QWEN2);

  private static final double DEFAULT_ROPE_THETA = 10_000;
  private static final double DEFAULT_EPS = 1e-6;

  public ModelConfig {
    eosIds = List.copyOf(eosIds);
  }

  /** Reads and checks {@code config.json} of a model directory. */
  public static ModelConfig read(Path dir) {
    return ConfigFile.read(dir.resolve(ConfigFile.NAME));
  }

  /** A Llama layout with untied head, rope base 10000 and RMSNorm epsilon 1e-6. */
  public static ModelConfig llama(
      int vocabSize,
      int hiddenSize,
      int layers,
      int heads,
      int kvHeads,
      int intermediateSize,
      int contextLength,
      int bosId,
      int eosId) {
    return new ModelConfig(
        LLAMA,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        hiddenSize / heads,
        intermediateSize,
        contextLength,
        DEFAULT_ROPE_THETA,
        DEFAULT_EPS,
        false,
        false,
        bosId,
        eosId,
        idList(eosId));
  }

  /** A Qwen2 layout: query, key and value biases and a tied head; otherwise as {@link #llama}. */
  public static ModelConfig qwen2(
      int vocabSize,
      int hiddenSize,
      int layers,
      int heads,
      int kvHeads,
      int intermediateSize,
      int contextLength,
      int bosId,
      int eosId) {
    return new ModelConfig(
        QWEN2,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        hiddenSize / heads,
        intermediateSize,
        contextLength,
        DEFAULT_ROPE_THETA,
        DEFAULT_EPS,
        true,
        true,
        bosId,
        eosId,
        idList(eosId));
  }

  private static List<Integer> idList(int id) {
    return id < 0 ? List.of() : List.of(id);
  }
}
