package io.lazaret.llm;

import io.lazaret.llm.arch.Activation;
import io.lazaret.llm.arch.Attention;
import io.lazaret.llm.arch.FeedForward;
import io.lazaret.llm.arch.Norm;
import io.lazaret.llm.arch.Rope;
import io.lazaret.llm.files.config.ConfigFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/**
 * Architecture and sizes of a decoder, as its config.json states them.
 *
 * @param architecture one of {@link #ARCHITECTURES}
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param layers number of decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim width of one head
 * @param intermediateSize inner width of the feed-forward part
 * @param contextLength largest number of positions
 * @param rope rotary positions, or {@link Rope#NONE}
 * @param norm normalisation
 * @param attention attention
 * @param feedForward feed-forward part
 * @param embeddingScale factor of the embeddings (Gemma), else 1
 * @param logitCap c of c * tanh(logit / c); 0 for none (Gemma 2)
 * @param tiedHead whether the vocabulary projection is the embedding itself
 * @param bosId begin-of-sequence id, -1 when there is none
 * @param eosId first end-of-sequence id, -1 when there is none
 * @param eosIds all end-of-sequence ids
 * @param prefix what the names of the decoder's tensors begin with, all but the head's
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
    Rope rope,
    Norm norm,
    Attention attention,
    FeedForward feedForward,
    double embeddingScale,
    double logitCap,
    boolean tiedHead,
    int bosId,
    int eosId,
    List<Integer> eosIds,
    String prefix) {

  public static final String LLAMA = "LlamaForCausalLM";
  public static final String MISTRAL = "MistralForCausalLM";
  public static final String QWEN2 = "Qwen2ForCausalLM";
  public static final String QWEN3 = "Qwen3ForCausalLM";
  public static final String GEMMA = "GemmaForCausalLM";
  public static final String GEMMA2 = "Gemma2ForCausalLM";
  public static final String PHI3 = "Phi3ForCausalLM";
  public static final String GPT2 = "GPT2LMHeadModel";
  public static final String GPT_NEOX = "GPTNeoXForCausalLM";

  /** Architectures that this engine runs. */
  public static final List<String> ARCHITECTURES =
      List.of(LLAMA, MISTRAL, QWEN2, QWEN3, GEMMA, GEMMA2, PHI3, GPT2, GPT_NEOX);

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
    return gated(
        LLAMA,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        intermediateSize,
        contextLength,
        bosId,
        eosId);
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
    return gated(
        QWEN2,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        intermediateSize,
        contextLength,
        bosId,
        eosId);
  }

  private static ModelConfig gated(
      String architecture,
      int vocabSize,
      int hiddenSize,
      int layers,
      int heads,
      int kvHeads,
      int intermediateSize,
      int contextLength,
      int bosId,
      int eosId) {
    boolean qwen = architecture.equals(QWEN2);
    int headDim = hiddenSize / heads;
    return new ModelConfig(
        architecture,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        headDim,
        intermediateSize,
        contextLength,
        Rope.plain(DEFAULT_ROPE_THETA, headDim),
        new Norm(Norm.Kind.RMS, DEFAULT_EPS, false),
        new Attention(
            Attention.Layout.SEPARATE,
            qwen,
            false,
            false,
            1 / Math.sqrt(headDim),
            0,
            Collections.nCopies(layers, 0)),
        new FeedForward(Activation.SILU, FeedForward.Gate.SEPARATE, false, false),
        1,
        0,
        qwen,
        bosId,
        eosId,
        eosId < 0 ? List.of() : List.of(eosId),
        usualPrefix(architecture));
  }

  /** Whether the matrices of the layers are stored as [in, out] (GPT-2), not as [out, in]. */
  public boolean transposed() {
    return architecture.equals(GPT2);
  }

  /** What {@link #prefix} is in files of whole models; files of a bare decoder have none. */
  public static String usualPrefix(String architecture) {
    return switch (architecture) {
      case GPT2 -> "transformer.";
      case GPT_NEOX -> "gpt_neox.";
      default -> "model.";
    };
  }

  /** The same with another {@link #prefix}. */
  public ModelConfig withPrefix(String other) {
    return new ModelConfig(
        architecture,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        headDim,
        intermediateSize,
        contextLength,
        rope,
        norm,
        attention,
        feedForward,
        embeddingScale,
        logitCap,
        tiedHead,
        bosId,
        eosId,
        eosIds,
        other);
  }
}
