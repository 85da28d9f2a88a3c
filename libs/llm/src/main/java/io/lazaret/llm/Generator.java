package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lazaret.llm.files.SpecialTokens;
import io.lazaret.llm.script.ScriptModule.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Greedy decoding with a key-value cache, in batches of prompts of similar length. */
public final class Generator {

  /**
   * How to generate.
   *
   * @param maxNewTokens most tokens per prompt, stop token not counted
   * @param batchSize prompts decoded together
   * @param stopIds tokens that end a row
   */
  public record GenerationSettings(int maxNewTokens, int batchSize, int[] stopIds) {

    private static final int DEFAULT_BATCH = 64;

    public GenerationSettings {
      if (maxNewTokens < 1 || batchSize < 1) {
        throw new IllegalArgumentException("maxNewTokens and batchSize must be at least 1");
      }
    }

    /** Batches of 64; stops at every end-of-sequence token that the model's files name. */
    public static GenerationSettings of(CausalLm lm, int maxNewTokens) {
      TreeSet<Integer> stops = new TreeSet<>(lm.config().eosIds());
      stops.addAll(SpecialTokens.generationStops(lm.tokenizer().files()));
      if (lm.tokenizer().eosId() >= 0) {
        stops.add(lm.tokenizer().eosId());
      }
      return new GenerationSettings(
          maxNewTokens, DEFAULT_BATCH, stops.stream().mapToInt(Integer::intValue).toArray());
    }
  }

  private final Decoder decoder;
  private final SoftPrompt soft;
  private final GenerationSettings settings;

  private Generator(Decoder decoder, SoftPrompt soft, GenerationSettings settings) {
    this.decoder = decoder;
    this.soft = soft;
    this.settings = settings;
  }

  /**
   * Continues every prompt with the most probable token until a stop token or the limit.
   *
   * @param prompts token ids; virtual ids address the soft prompt
   * @return the new tokens of each prompt, without the stop token
   */
  public static List<int[]> greedy(
      CausalLm lm, List<int[]> prompts, SoftPrompt softOrNull, GenerationSettings settings) {
    Decoder decoder = lm.decoder();
    decoder.check(prompts, softOrNull);
    for (int i = 0; i < prompts.size(); i++) {
      decoder.checkLength(prompts.get(i).length + settings.maxNewTokens(), i);
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, prompts.size()).boxed().toList());
    order.sort(Comparator.comparingInt(i -> prompts.get(i).length));
    int[][] results = new int[prompts.size()][];
    Generator generator = new Generator(decoder, softOrNull, settings);
    for (int first = 0; first < order.size(); first += settings.batchSize()) {
      int end = Math.min(order.size(), first + settings.batchSize());
      generator.decode(prompts, order.subList(first, end), results);
    }
    return List.of(results);
  }

  private void decode(List<int[]> prompts, List<Integer> members, int[][] results) {
    List<Row> rows = members.stream().map(m -> new Row(settings.maxNewTokens())).toList();
    try (NDManager owner = decoder.scope()) {
      KvCache cache = new KvCache(decoder, owner, prompts, members, settings.maxNewTokens());
      int[] next = cache.start(soft, this::mostProbable);
      List<Row> live = rows;
      while (true) {
        for (int i = 0; i < next.length; i++) {
          live.get(i).accept(next[i], settings.stopIds());
        }
        int[] open = openRows(live);
        if (open.length == 0) {
          break;
        }
        // Compaction copies the cache, so it waits until half of the rows have ended.
        if (open.length <= live.size() / 2) {
          cache.keep(open);
          live = IntStream.of(open).mapToObj(live::get).toList();
          int[] all = next;
          next = IntStream.of(open).map(i -> all[i]).toArray();
        }
        next = cache.step(next, soft, this::mostProbable);
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      results[members.get(i)] = rows.get(i).tokens();
    }
  }

  private static int[] openRows(List<Row> rows) {
    return IntStream.range(0, rows.size()).filter(i -> !rows.get(i).ended).toArray();
  }

  private int[] mostProbable(NDArray logProbs) {
    long[] ids = decoder.call("argmax", Mode.INFERENCE, logProbs).toLongArray();
    return Arrays.stream(ids)
        .mapToInt(id -> (int) Decoder.requireNumber(id < 0 ? Double.NaN : id))
        .toArray();
  }

  /** What one prompt has generated so far. */
  private static final class Row {
    private final int[] tokens;
    private int count;
    private boolean ended;

    Row(int max) {
      tokens = new int[max];
    }

    void accept(int id, int[] stopIds) {
      if (ended) {
        return;
      }
      if (IntStream.of(stopIds).anyMatch(stop -> stop == id)) {
        ended = true;
        return;
      }
      tokens[count++] = id;
      ended = count == tokens.length;
    }

    int[] tokens() {
      return Arrays.copyOf(tokens, count);
    }
  }
}
