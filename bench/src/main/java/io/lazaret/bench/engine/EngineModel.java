package io.lazaret.bench.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.WeightType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Llama with random weights, made once and kept in the work directory.
 *
 * @param name also the directory's name
 * @param kvHeads key and value heads; fewer than heads is grouped-query attention
 */
record EngineModel(
    String name, int vocab, int hidden, int layers, int heads, int kvHeads, int feedForward) {

  private static final long SEED = 20_251;
  private static final double SOFT_STD = 0.02;
  private static final int CONTEXT = 512;
  private static final int BOS = 0;
  private static final int EOS = 1;

  /** 1 million parameters, for watching memory over many steps. */
  static final EngineModel M1 = new EngineModel("m1", 1_024, 128, 4, 4, 2, 352);

  /** 5.4 million parameters. */
  static final EngineModel M5 = new EngineModel("m5", 2_048, 256, 6, 8, 4, 688);

  /** 5 million parameters in the layers, and the vocabulary of Llama 2. */
  static final EngineModel M5_WIDE =
      new EngineModel("m5-vocabulary32000", 32_000, 256, 6, 8, 4, 688);

  /** 52 million parameters. */
  static final EngineModel M50 = new EngineModel("m50", 16_000, 512, 12, 8, 4, 1_408);

  /** 460 million parameters. */
  static final EngineModel M450 = new EngineModel("m450", 32_000, 1_280, 22, 20, 4, 3_456);

  /** A file of 2 GB. */
  static final EngineModel CHECKPOINT =
      new EngineModel("checkpoint", 32_000, 1_280, 25, 20, 4, 3_456);

  /** The model's directory; made if it is not there. */
  Path in(Path work) {
    Path directory = work.resolve("models").resolve(name);
    if (Files.exists(directory.resolve("model.safetensors"))) {
      return directory;
    }
    try {
      Path parts = Files.createDirectories(work.resolve("models").resolve(name + ".tokenizer"));
      writeTokenizer(parts);
      ModelConfig config =
          ModelConfig.llama(vocab, hidden, layers, heads, kvHeads, feedForward, CONTEXT, BOS, EOS);
      try (Tokenizer tokenizer = Tokenizer.open(parts);
          CausalLm lm = CausalLm.initialise(config, tokenizer, SEED)) {
        lm.save(directory, WeightType.FP32);
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A soft prompt for the model, the same for every side; made if it is not there. */
  Path softPromptIn(Path work, int length) {
    Path file = work.resolve("models").resolve(name + "-soft" + length + ".safetensors");
    if (!Files.exists(file)) {
      try (CausalLm lm = CausalLm.open(in(work));
          SoftPrompt soft = SoftPrompt.random(lm, length, SOFT_STD, SEED)) {
        soft.save(file);
      }
    }
    return file;
  }

  /** The engine reads no model without one; the benchmark works on ids alone. */
  private static void writeTokenizer(Path directory) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    json.putArray("added_tokens");
    json.putNull("normalizer").putNull("post_processor");
    ObjectNode bytes = json.putObject("pre_tokenizer").put("type", "ByteLevel");
    bytes.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
    json.set("decoder", bytes.deepCopy());
    ObjectNode model = json.putObject("model").put("type", "BPE").putNull("unk_token");
    model.putObject("vocab").put("a", 0).put("b", 1);
    model.putArray("merges");
    mapper.writeValue(directory.resolve("tokenizer.json").toFile(), json);
    Files.writeString(directory.resolve("tokenizer_config.json"), "{}");
  }
}
