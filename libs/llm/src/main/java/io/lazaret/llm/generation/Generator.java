package io.lazaret.llm.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.PrefixCache;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.decoder.Decoder;
import io.lazaret.llm.decoder.KvCache;
import io.lazaret.llm.files.tokenizer.SpecialTokens;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.Lanes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Decoding with a key-value cache, in batches of prompts of similar length; rows that have ended
 * leave their batch.
 */
public final class Generator {

  /**
   * How to generate.
   *
   * @param maxNewTokens most tokens per prompt, stop token not counted
   * @param batchSize prompts decoded together
   * @param stopIds tokens that end a row
   * @param stopStrings texts that end a row when they appear among what is new
   * @param sampling how tokens are chosen
   */
  public record GenerationSettings(
      int maxNewTokens, int batchSize, int[] stopIds, List<String> stopStrings, Sampling sampling) {

    private static final int DEFAULT_BATCH = 64;

    public GenerationSettings {
      if (maxNewTokens < 1 || batchSize < 1) {
        throw new IllegalArgumentException("maxNewTokens and batchSize must be at least 1");
      }
      if (stopStrings.stream().anyMatch(String::isEmpty)) {
        throw new IllegalArgumentException("an empty stop string would end every row at once");
      }
      stopStrings = List.copyOf(stopStrings);
    }

    /** The most probable tokens, without stop strings. */
    public GenerationSettings(int maxNewTokens, int batchSize, int[] stopIds) {
      this(maxNewTokens, batchSize, stopIds, List.of(), Sampling.greedy());
    }

    /**
     * Batches of 64; stops at every end-of-sequence token that the model's files name, and at the
     * token with which its chat template closes an answer.
     */
    public static GenerationSettings of(CausalLm lm, int maxNewTokens) {
      TreeSet<Integer> stops = new TreeSet<>(lm.config().eosIds());
      stops.addAll(SpecialTokens.generationStops(lm.tokenizer().files()));
      if (lm.tokenizer().eosId() >= 0) {
        stops.add(lm.tokenizer().eosId());
      }
      lm.tokenizer().endOfTurn().ifPresent(stops::add);
      return new GenerationSettings(
          maxNewTokens, DEFAULT_BATCH, stops.stream().mapToInt(Integer::intValue).toArray());
    }

    /** The same with another choice of tokens. */
    public GenerationSettings with(Sampling other) {
      return new GenerationSettings(maxNewTokens, batchSize, stopIds, stopStrings, other);
    }

    /** The same with these stop strings. */
    public GenerationSettings withStopStrings(List<String> other) {
      return new GenerationSettings(maxNewTokens, batchSize, stopIds, other, sampling);
    }
  }

  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final SoftPrompt soft;
  private final GenerationSettings settings;

  private Generator(CausalLm lm, SoftPrompt soft, GenerationSettings settings) {
    this.decoder = lm.decoder();
    this.tokenizer = lm.tokenizer();
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
    GenerationSettings greedy = settings.with(Sampling.greedy());
    return run(lm, prompts, softOrNull, greedy).stream().map(GenerationRow::tokens).toList();
  }

  /**
   * Continues every prompt until a stop token, a stop string or the limit.
   *
   * @param prompts token ids; virtual ids address the soft prompt
   * @return one result for each prompt
   */
  public static List<Generated> generate(
      CausalLm lm, List<int[]> prompts, SoftPrompt softOrNull, GenerationSettings settings) {
    return run(lm, prompts, softOrNull, settings).stream().map(GenerationRow::result).toList();
  }

  /**
   * Continues every cached prompt behind every one of several beginnings. The prompts are not run
   * again.
   *
   * @param cache of this model; unchanged
   * @param beginnings [C][L], all of one length from 1 on
   * @return [prompts * C]; i * C + j is prompt i behind beginning j, without the beginning
   */
  public static List<Generated> generate(
      CausalLm lm, PrefixCache cache, int[][] beginnings, GenerationSettings settings) {
    Generator generator = new Generator(lm, null, settings);
    int each = generator.checkBeginnings(cache, beginnings);
    GenerationRow[] rows = generator.rows(cache.size() * beginnings.length);
    for (KvCache part : cache.parts()) {
      int pairs = part.rows() * beginnings.length;
      for (int first = 0; first < pairs; first += settings.batchSize()) {
        int[] members =
            IntStream.range(first, Math.min(pairs, first + settings.batchSize())).toArray();
        generator.behind(part, members, beginnings, each, rows);
      }
    }
    return Arrays.stream(rows).map(GenerationRow::result).toList();
  }

  private int checkBeginnings(PrefixCache cache, int[][] beginnings) {
    int each = beginnings.length == 0 ? 0 : beginnings[0].length;
    if (each == 0 || Arrays.stream(beginnings).anyMatch(b -> b.length != each)) {
      throw new IllegalArgumentException("beginnings must be of one length of at least 1");
    }
    decoder.check(List.of(beginnings), null);
    decoder.checkLength(cache.longest() + each + settings.maxNewTokens(), 0);
    return each;
  }

  /** Members are pairs of a row of the part and a beginning. */
  private void behind(
      KvCache part, int[] members, int[][] beginnings, int each, GenerationRow[] rows) {
    int count = beginnings.length;
    int[] origins = IntStream.of(members).map(m -> m / count).toArray();
    int[] ids = IntStream.of(members).flatMap(m -> IntStream.of(beginnings[m % count])).toArray();
    List<GenerationRow> live =
        IntStream.of(members)
            .mapToObj(m -> rows[part.members()[m / count] * count + m % count])
            .toList();
    try (NDManager owner = decoder.scope()) {
      KvCache own = part.branch(owner, origins, each + settings.maxNewTokens());
      finish(own, own.append(ids, each, null, chooser(live)), live);
    }
  }

  private static List<GenerationRow> run(
      CausalLm lm, List<int[]> prompts, SoftPrompt soft, GenerationSettings settings) {
    Generator generator = new Generator(lm, soft, settings);
    generator.decoder.check(prompts, soft);
    for (int i = 0; i < prompts.size(); i++) {
      generator.decoder.checkLength(prompts.get(i).length + settings.maxNewTokens(), i);
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, prompts.size()).boxed().toList());
    order.sort(Comparator.comparingInt(i -> prompts.get(i).length));
    GenerationRow[] rows = generator.rows(prompts.size());
    int together = Math.min(settings.batchSize(), order.size());
    boolean small = Lanes.isSmall(generator.decoder.multiplications(together));
    int size = small ? Lanes.share(together) : together;
    List<List<Integer>> batches = new ArrayList<>();
    for (int first = 0; first < order.size(); first += size) {
      batches.add(order.subList(first, Math.min(order.size(), first + size)));
    }
    if (small) {
      Lanes.run(batches, (batch, side) -> generator.decode(prompts, batch, rows));
    } else {
      batches.forEach(batch -> generator.decode(prompts, batch, rows));
    }
    return List.of(rows);
  }

  private GenerationRow[] rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new GenerationRow(settings, tokenizer, i))
        .toArray(GenerationRow[]::new);
  }

  private void decode(List<int[]> prompts, List<Integer> members, GenerationRow[] rows) {
    List<GenerationRow> live = members.stream().map(m -> rows[m]).toList();
    try (NDManager owner = decoder.scope()) {
      KvCache cache = new KvCache(decoder, owner, prompts, members, settings.maxNewTokens());
      finish(cache, cache.start(soft, chooser(live)), live);
    }
  }

  /** Goes on from the first new tokens until every row has ended. */
  private void finish(KvCache cache, int[] first, List<GenerationRow> all) {
    List<GenerationRow> live = all;
    int[] next = first;
    while (true) {
      for (int i = 0; i < next.length; i++) {
        live.get(i).accept(next[i]);
      }
      int[] open = openRows(live);
      if (open.length == 0) {
        return;
      }
      // Compaction copies the cache, so it waits until half of the rows have ended.
      if (open.length <= live.size() / 2) {
        cache.keep(open);
        live = IntStream.of(open).mapToObj(live::get).toList();
        int[] before = next;
        next = IntStream.of(open).map(i -> before[i]).toArray();
      }
      next = cache.step(next, soft, chooser(live));
    }
  }

  private static int[] openRows(List<GenerationRow> rows) {
    return IntStream.range(0, rows.size()).filter(i -> !rows.get(i).ended()).toArray();
  }

  /** Takes log-softmax rows [n, V] to the next token of each row. */
  private Function<NDArray, int[]> chooser(List<GenerationRow> rows) {
    return settings.sampling().isGreedy()
        ? logProbs -> ids(decoder.call("argmax", Mode.INFERENCE, logProbs))
        : logProbs -> sample(logProbs, rows);
  }

  private int[] sample(NDArray logProbs, List<GenerationRow> rows) {
    Sampling sampling = settings.sampling();
    NDManager scope = logProbs.getManager();
    NDArray draws = scope.create(rows.stream().mapToDouble(GenerationRow::draw).toArray());
    NDArray how =
        scope.create(new double[] {sampling.temperature(), sampling.topK(), sampling.topP()});
    return ids(decoder.call("sample", Mode.INFERENCE, logProbs, draws, how));
  }

  private static int[] ids(NDArray chosen) {
    return Arrays.stream(chosen.toLongArray())
        .mapToInt(id -> (int) Decoder.requireNumber(id < 0 ? Double.NaN : id))
        .toArray();
  }
}
