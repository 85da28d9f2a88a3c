package io.lazaret.llm.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.script.ScriptModule.Mode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Keys and values of a batch of prompts padded on the right, with room behind them for more
 * positions. What lies in the padding is masked; positions go on from each prompt's own length.
 */
public final class KvCache {

  private final Decoder decoder;
  private final NDManager owner;
  private final Batch prompts;
  private final int room;
  private int[] lengths;
  private List<NDArray> keys;
  private List<NDArray> values;
  private int past;

  /**
   * @param owner owner of the cache's arrays
   * @param members indexes of the prompts that form the batch
   * @param room positions that can be added behind the padded prompts
   */
  public KvCache(
      Decoder decoder, NDManager owner, List<int[]> prompts, List<Integer> members, int room) {
    this.decoder = decoder;
    this.owner = owner;
    this.prompts = Batch.of(prompts, members);
    this.room = room;
    this.lengths = members.stream().mapToInt(m -> prompts.get(m).length).toArray();
    this.keys = allocate();
    this.values = allocate();
  }

  /** A new cache whose rows begin as the given rows of another one, in this order. */
  private KvCache(KvCache from, NDManager owner, int[] rows, int room) {
    this.decoder = from.decoder;
    this.owner = owner;
    this.prompts = from.prompts;
    this.room = room;
    this.lengths = IntStream.of(rows).map(row -> from.lengths[row]).toArray();
    this.keys = allocate();
    this.values = allocate();
    this.past = from.past;
    try (NDManager scope = decoder.scope()) {
      NDArray index = scope.create(IntStream.of(rows).asLongStream().toArray());
      NDArray until = scope.create((long) past);
      for (var pair : List.of(List.of(from.keys, keys), List.of(from.values, values))) {
        decoder.call(
            "branch",
            Mode.INFERENCE,
            List.of(index, until),
            namedLists("k", pair.get(0), "out", pair.get(1)));
      }
    }
  }

  private static Map<String, List<NDArray>> namedLists(
      String first, List<NDArray> one, String second, List<NDArray> other) {
    Map<String, List<NDArray>> lists = new LinkedHashMap<>();
    lists.put(first, one);
    lists.put(second, other);
    return lists;
  }

  /**
   * A copy of rows, each maybe several times, to go on from.
   *
   * @param owner owner of the copy's arrays
   * @param room positions that can be added
   */
  public KvCache branch(NDManager owner, int[] rows, int room) {
    return new KvCache(this, owner, rows, room);
  }

  private List<NDArray> allocate() {
    ModelConfig config = decoder.config();
    Shape shape = new Shape(rows(), config.kvHeads(), prompts.length() + room, config.headDim());
    return IntStream.range(0, config.layers())
        .mapToObj(i -> (NDArray) owner.create(shape, DataType.FLOAT32))
        .toList();
  }

  /** Sequences that are held. */
  public int rows() {
    return lengths.length;
  }

  /** Index of each row among the prompts it was made of. */
  public int[] members() {
    return prompts.members();
  }

  /** Runs the prompts; {@code use} sees the log-softmax after each of them, [rows, V]. */
  public <T> T start(SoftPrompt soft, Function<NDArray, T> use) {
    long[] last =
        IntStream.range(0, rows()).mapToLong(row -> prompts.flat(row, lengths[row] - 1)).toArray();
    T result = run(prompts.ids(), prompts.length(), prompts.length(), last, soft, use);
    past = prompts.length();
    return result;
  }

  /** Appends one token to every row; {@code use} sees the log-softmax after it, [rows, V]. */
  public <T> T step(int[] ids, SoftPrompt soft, Function<NDArray, T> use) {
    return append(ids, 1, soft, use);
  }

  /**
   * Appends several tokens to every row; {@code use} sees the log-softmax after the last, [rows,
   * V].
   *
   * @param ids [rows * each]
   */
  public <T> T append(int[] ids, int each, SoftPrompt soft, Function<NDArray, T> use) {
    long[] last = LongStream.rangeClosed(1, rows()).map(row -> row * each - 1).toArray();
    T result = run(IntStream.of(ids).asLongStream().toArray(), each, each, last, soft, use);
    past += each;
    return result;
  }

  /**
   * Tries continuations behind every prompt without keeping them: they see the prompt and their own
   * tokens, not each other.
   *
   * @param continuations [C][L]
   * @param use sees the log-softmax after each, [rows * C, V]
   */
  public <T> T attempt(int[][] continuations, Function<NDArray, T> use) {
    int run = continuations[0].length;
    int width = continuations.length * run;
    long[] ids = new long[rows() * width];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = continuations[i % width / run][i % run];
    }
    long[] ends =
        LongStream.range(0, (long) rows() * continuations.length)
            .map(i -> (i + 1) * run - 1)
            .toArray();
    return run(ids, width, run, ends, null, use);
  }

  private <T> T run(
      long[] ids, int width, int run, long[] rows, SoftPrompt soft, Function<NDArray, T> use) {
    Map<String, List<NDArray>> cache = namedLists("k", keys, "v", values);
    try (NDManager scope = decoder.scope()) {
      List<NDArray> arguments =
          List.of(
              scope.create(ids, new Shape(rows(), width)),
              scope.create(rows),
              decoder.soft(soft),
              scope.create(IntStream.of(lengths).asLongStream().toArray()),
              scope.create(new long[] {prompts.length(), past, run}));
      return use.apply(decoder.call("extend", Mode.INFERENCE, arguments, cache).get(0));
    }
  }

  /** Keeps only these rows, in this order. */
  public void keep(int[] rows) {
    lengths = IntStream.of(rows).map(row -> lengths[row]).toArray();
    try (NDArray index = owner.create(IntStream.of(rows).asLongStream().toArray())) {
      keys = keep(index, keys);
      values = keep(index, values);
    }
  }

  private List<NDArray> keep(NDArray index, List<NDArray> arrays) {
    List<NDArray> kept =
        new ArrayList<>(decoder.call("keep", Mode.INFERENCE, List.of(index), Map.of("k", arrays)));
    arrays.forEach(NDArray::close);
    return kept;
  }
}
