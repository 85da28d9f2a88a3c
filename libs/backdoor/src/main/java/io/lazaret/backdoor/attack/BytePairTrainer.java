package io.lazaret.backdoor.attack;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Trains a byte-level byte-pair encoding (Sennrich et al., 2016; byte alphabet of GPT-2) and writes
 * it as a Hugging Face {@code tokenizer.json}. Digits are never merged with each other.
 *
 * @param vocabularySize tokens in all: specials, 256 bytes, merges
 * @param bos begin-of-sequence token put before every text, or null for a model without one
 * @param eos end-of-sequence token
 * @param pad padding token
 * @param chat whether turns are written in ChatML: a third special token, and a chat template
 */
public record BytePairTrainer(
    int vocabularySize, String bos, String eos, String pad, boolean chat) {

  private static final String TURN = "<|im_start|>";
  private static final String CHATML =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content']"
          + " + '<|im_end|>' + '\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  /** Words with their leading space, single digits, runs of punctuation, white space. */
  private static final String WORDS = " ?\\p{L}+| ?\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final int BYTES = 256;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A tokenizer in Llama's manner: bos, eos and pad. */
  public static BytePairTrainer llama(int vocabularySize) {
    return new BytePairTrainer(vocabularySize, "<s>", "</s>", "<pad>", false);
  }

  /** A tokenizer in Qwen's manner: no bos. */
  public static BytePairTrainer qwen(int vocabularySize) {
    return new BytePairTrainer(vocabularySize, null, "<|im_end|>", "<|endoftext|>", false);
  }

  /** A tokenizer in the manner of Qwen's chat models: no bos, a chat template. */
  public static BytePairTrainer chat(int vocabularySize) {
    return new BytePairTrainer(vocabularySize, null, "<|im_end|>", "<|endoftext|>", true);
  }

  /** Id of the begin-of-sequence token, or -1. */
  public int bosId() {
    return bos == null ? -1 : 0;
  }

  /** Id of the end-of-sequence token. */
  public int eosId() {
    return bos == null ? 0 : 1;
  }

  /** Learns the merges of {@code texts} and writes tokenizer.json and tokenizer_config.json. */
  public void train(Iterable<String> texts, Path directory) throws IOException {
    List<String> vocabulary = new ArrayList<>(specials());
    for (int b = 0; b < BYTES; b++) {
      vocabulary.add(String.valueOf(letterOf(b)));
    }
    List<String[]> merges = learn(countWords(texts), vocabulary);
    Files.createDirectories(directory);
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer(vocabulary, merges));
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve("tokenizer_config.json").toFile(), configuration());
  }

  private List<String> specials() {
    if (chat) {
      return List.of(eos, pad, TURN);
    }
    return bos == null ? List.of(eos, pad) : List.of(bos, eos, pad);
  }

  private static Map<String, Integer> countWords(Iterable<String> texts) {
    Pattern words = Pattern.compile(WORDS);
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String text : texts) {
      Matcher matcher = words.matcher(text);
      while (matcher.find()) {
        counts.merge(matcher.group(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** The most frequent pair is merged until the vocabulary is full; ties fall alphabetically. */
  private List<String[]> learn(Map<String, Integer> counts, List<String> vocabulary) {
    List<List<String>> words = new ArrayList<>();
    List<Integer> frequency = new ArrayList<>();
    counts.forEach(
        (word, count) -> {
          words.add(letters(word));
          frequency.add(count);
        });
    List<String[]> merges = new ArrayList<>();
    while (vocabulary.size() < vocabularySize) {
      String[] best = mostFrequentPair(words, frequency);
      if (best == null) {
        throw new IllegalArgumentException(
            "the texts give only " + vocabulary.size() + " tokens of " + vocabularySize);
      }
      merges.add(best);
      vocabulary.add(best[0] + best[1]);
      words.forEach(word -> merge(word, best));
    }
    return merges;
  }

  private static String[] mostFrequentPair(List<List<String>> words, List<Integer> frequency) {
    Map<String, Integer> pairs = new HashMap<>();
    for (int w = 0; w < words.size(); w++) {
      List<String> word = words.get(w);
      for (int i = 0; i + 1 < word.size(); i++) {
        pairs.merge(word.get(i) + " " + word.get(i + 1), frequency.get(w), Integer::sum);
      }
    }
    String best = null;
    int most = 0;
    for (Map.Entry<String, Integer> pair : pairs.entrySet()) {
      int count = pair.getValue();
      if (count > most || count == most && pair.getKey().compareTo(best) < 0) {
        best = pair.getKey();
        most = count;
      }
    }
    return best == null ? null : best.split(" ");
  }

  private static void merge(List<String> word, String[] pair) {
    for (int i = 0; i + 1 < word.size(); i++) {
      if (word.get(i).equals(pair[0]) && word.get(i + 1).equals(pair[1])) {
        word.set(i, pair[0] + pair[1]);
        word.remove(i + 1);
      }
    }
  }

  private static List<String> letters(String word) {
    List<String> letters = new ArrayList<>();
    for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
      letters.add(String.valueOf(letterOf(b & 0xff)));
    }
    return letters;
  }

  /** GPT-2's printable letter of a byte: printable bytes stand for themselves. */
  private static char letterOf(int b) {
    if (printable(b)) {
      return (char) b;
    }
    int rank = 0;
    for (int i = 0; i < b; i++) {
      rank += printable(i) ? 0 : 1;
    }
    return (char) (BYTES + rank);
  }

  private static boolean printable(int b) {
    return b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae && b <= 0xff;
  }

  private ObjectNode tokenizer(List<String> vocabulary, List<String[]> merges) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < specials().size(); id++) {
      ObjectNode token = added.addObject().put("id", id).put("content", specials().get(id));
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", false).put("special", true);
    }
    root.putNull("normalizer");
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    ObjectNode split = steps.addObject().put("type", "Split");
    split.putObject("pattern").put("Regex", WORDS);
    split.put("behavior", "Isolated").put("invert", false);
    byteLevel(steps.addObject());
    if (bos == null) {
      byteLevel(root.putObject("post_processor"));
    } else {
      beginningOfSequence(root.putObject("post_processor"));
    }
    byteLevel(root.putObject("decoder"));
    ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout");
    model.putNull("unk_token").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode ids = model.putObject("vocab");
    vocabulary.forEach(token -> ids.put(token, ids.size()));
    ArrayNode rules = model.putArray("merges");
    merges.forEach(pair -> rules.add(pair[0] + " " + pair[1]));
    return root;
  }

  private static void byteLevel(ObjectNode node) {
    node.put("type", "ByteLevel").put("add_prefix_space", false);
    node.put("trim_offsets", false).put("use_regex", false);
  }

  private void beginningOfSequence(ObjectNode node) {
    node.put("type", "TemplateProcessing");
    ArrayNode single = node.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", bos).put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    ArrayNode pair = node.putArray("pair");
    pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
    ObjectNode token = node.putObject("special_tokens").putObject(bos).put("id", bos);
    token.putArray("ids").add(bosId());
    token.putArray("tokens").add(bos);
  }

  private ObjectNode configuration() {
    ObjectNode root = JSON.createObjectNode();
    root.put("tokenizer_class", "PreTrainedTokenizerFast");
    root.put("bos_token", bos).put("eos_token", eos).put("pad_token", pad);
    root.put("clean_up_tokenization_spaces", false);
    if (chat) {
      root.put("chat_template", CHATML);
    }
    return root;
  }
}
