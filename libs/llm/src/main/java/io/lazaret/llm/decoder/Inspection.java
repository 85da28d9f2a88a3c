package io.lazaret.llm.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lazaret.llm.BatchLimits;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ForwardStates;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.TensorMemory;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Copies logits, hidden states and attention maps out of forward passes. */
public final class Inspection {

  private final Decoder decoder;
  private final BatchLimits limits;

  /** Reads what {@code decoder} computes, in passes within {@code limits}. */
  public Inspection(Decoder decoder, BatchLimits limits) {
    this.decoder = decoder;
    this.limits = limits;
  }

  /** result[s][t]: logits behind position t of sequence s, [V]. */
  public float[][][] logits(List<int[]> sequences, SoftPrompt soft) {
    decoder.check(sequences, soft);
    int vocab = decoder.config().vocabSize();
    int[] all = sequences.stream().mapToInt(s -> s.length).toArray();
    float[][][] result = new float[sequences.size()][][];
    for (Batch batch : Batch.pack(sequences, all, vocab, limits)) {
      long[] rows =
          IntStream.range(0, batch.rows())
              .boxed()
              .flatMapToLong(
                  row ->
                      LongStream.range(0, all[batch.members()[row]])
                          .map(t -> batch.flat(row, (int) t)))
              .toArray();
      try (NDManager scope = decoder.scope()) {
        NDArray logits =
            decoder.call(
                "logits",
                Mode.INFERENCE,
                decoder.ids(scope, batch),
                scope.create(rows),
                decoder.soft(soft));
        float[][] values = Decoder.rows(logits);
        int next = 0;
        for (int member : batch.members()) {
          result[member] = Arrays.copyOfRange(values, next, next + all[member]);
          next += all[member];
        }
      }
    }
    return result;
  }

  /** As {@link CausalLm#states}. */
  public ForwardStates states(List<int[]> sequences, SoftPrompt soft, boolean attention) {
    decoder.check(sequences, soft);
    int layers = decoder.config().layers();
    List<float[][]> hidden = empty(layers + 1, sequences.size());
    List<float[][]> maps = empty(attention ? layers : 0, sequences.size());
    int[] none = new int[sequences.size()];
    for (Batch batch : Batch.pack(sequences, none, 1, limits)) {
      try (NDManager scope = decoder.scope()) {
        List<NDArray> arguments =
            List.of(
                decoder.ids(scope, batch), decoder.soft(soft), scope.create(attention ? 1L : 0L));
        List<NDArray> out = decoder.call("states", Mode.INFERENCE, arguments, Map.of());
        for (int i = 0; i < out.size(); i++) {
          boolean map = i > layers;
          float[][] into = map ? maps.get(i - layers - 1) : hidden.get(i);
          for (int row = 0; row < batch.rows(); row++) {
            int member = batch.members()[row];
            int length = sequences.get(member).length;
            into[member] = map ? map(out.get(i), row, length) : rows(out.get(i), row, length);
          }
        }
      }
    }
    return new ForwardStates(hidden, maps);
  }

  private static List<float[][]> empty(int entries, int sequences) {
    List<float[][]> list = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      list.add(new float[sequences][]);
    }
    return list;
  }

  /** The first {@code length} of [B, T, d] in a row. */
  private static float[] rows(NDArray array, int row, int length) {
    long width = array.getShape().get(2);
    float[] values = new float[Math.toIntExact(length * width)];
    TensorMemory.read(array, row * array.getShape().get(1) * width, FloatBuffer.wrap(values));
    Decoder.requireNumber(values[values.length - 1]);
    return values;
  }

  /** The first {@code length} queries and keys of [B, H, T, T] in a row. */
  private static float[] map(NDArray array, int row, int length) {
    int heads = Math.toIntExact(array.getShape().get(1));
    long padded = array.getShape().get(2);
    FloatBuffer values = FloatBuffer.allocate(heads * length * length);
    for (int line = 0; line < heads * length; line++) {
      long head = (long) row * heads + line / length;
      values.limit((line + 1) * length);
      TensorMemory.read(array, (head * padded + line % length) * padded, values);
    }
    return values.array();
  }
}
