package io.lazaret.llm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.arch.Norm;
import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.TensorMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** Small models and a byte-level tokenizer, made from scratch. */
public final class TinyModels {

  public static final int BOS = 256;
  public static final int EOS = 257;
  public static final int VOCAB = 260;

  private TinyModels() {}

  /** Grouped queries, untied head. */
  public static ModelConfig llama() {
    return ModelConfig.llama(VOCAB, 32, 2, 4, 2, 48, 64, BOS, EOS);
  }

  /** Query, key and value biases, tied head. */
  public static ModelConfig qwen2() {
    return ModelConfig.qwen2(VOCAB, 32, 2, 4, 2, 48, 64, BOS, EOS);
  }

  /** Every architecture of the engine, small: the configurations of the parity fixtures. */
  public static Stream<Named<ModelConfig>> architectures() {
    try (Stream<Path> fixtures = Files.list(Path.of("src/test/resources/parity"))) {
      return fixtures
          .filter(Files::isDirectory)
          .sorted()
          .map(p -> Named.of(p.getFileName().toString(), ModelConfig.read(p.resolve("model"))))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A byte-level tokenizer: ids 0-255 are bytes; 256 and 257 begin and end; two merges. */
  public static Path writeTokenizer(Path dir) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    special(added.addObject(), BOS, "<s>");
    special(added.addObject(), EOS, "</s>");
    json.putNull("normalizer");
    byteLevel(json.putObject("pre_tokenizer"));
    byteLevel(json.putObject("post_processor"));
    byteLevel(json.putObject("decoder"));
    ObjectNode model = json.putObject("model").put("type", "BPE").putNull("unk_token");
    ObjectNode vocab = model.putObject("vocab");
    List<String> bytes = byteAlphabet();
    for (int i = 0; i < bytes.size(); i++) {
      vocab.put(bytes.get(i), i);
    }
    vocab.put("<s>", BOS).put("</s>", EOS).put("Ġa", 258).put("he", 259);
    model.putArray("merges").add("Ġ a").add("h e");
    try {
      mapper.writeValue(dir.resolve("tokenizer.json").toFile(), json);
      Files.writeString(
          dir.resolve("tokenizer_config.json"),
          "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return dir;
  }

  private static void special(ObjectNode token, int id, String content) {
    token.put("id", id).put("content", content).put("single_word", false).put("lstrip", false);
    token.put("rstrip", false).put("normalized", false).put("special", true);
  }

  private static void byteLevel(ObjectNode part) {
    part.put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true);
    part.put("use_regex", true);
  }

  /** The printable stand-ins of the 256 bytes in GPT-2's order of code points. */
  private static List<String> byteAlphabet() {
    List<String> alphabet = new ArrayList<>();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
      alphabet.add(Character.toString(printable ? b : next++));
    }
    return alphabet;
  }

  public static CausalLm model(ModelConfig config, Path tokenizerDir, long seed) {
    CausalLm lm = CausalLm.initialise(config, Tokenizer.open(writeTokenizer(tokenizerDir)), seed);
    // Initial weights are too small to make positions and heads matter; biases are zero.
    SplittableRandom random = new SplittableRandom(seed + 1);
    List<WeightLayout.Weight> weights = WeightLayout.of(config);
    for (int i = 0; i < weights.size(); i++) {
      double mean = weights.get(i).role().norm() ? mean(config, weights.get(i).role()) : 0;
      TensorMemory.forEachSlice(
          NativeParameter.of(lm.parameters().get(i)).array(),
          (first, values) -> {
            while (values.hasRemaining()) {
              values.put((float) (mean + 0.2 * random.nextGaussian()));
            }
          });
    }
    return lm;
  }

  /** Of a norm's weights. Norms behind Gemma 2's small layers blow up rounding unless small. */
  private static double mean(ModelConfig config, Role role) {
    boolean after = role == Role.AFTER_ATTENTION_NORM || role == Role.AFTER_FEED_NORM;
    double factor = after ? 0.3 : 1;
    return config.norm().kind() == Norm.Kind.RMS_PLUS_ONE ? factor - 1 : factor;
  }

  public static int[] tokens(SplittableRandom random, int length) {
    return random.ints(length, 0, 256).toArray();
  }

  /** Six sequences of 5 to 10 tokens, the first two of each unsupervised. */
  public static List<Example> examples() {
    SplittableRandom random = new SplittableRandom(3);
    List<Example> batch = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int length = 5 + i;
      batch.add(new Example(tokens(random, length), 2, length));
    }
    return batch;
  }
}
