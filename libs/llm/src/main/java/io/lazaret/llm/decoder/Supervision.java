package io.lazaret.llm.decoder;

import io.lazaret.llm.BatchLimits;
import io.lazaret.llm.Example;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The supervised positions of a padded batch.
 *
 * @param batch the sequences
 * @param rows flattened index of the position before each supervised token
 * @param targets the supervised tokens
 */
public record Supervision(Batch batch, long[] rows, long[] targets) {

  /** Packs examples into batches under the limits. */
  public static List<Supervision> pack(List<Example> examples, int vocab, BatchLimits limits) {
    for (Example example : examples) {
      for (int t = example.from(); t < example.to(); t++) {
        if (example.ids()[t] >= vocab) {
          throw new IllegalArgumentException(
              "the supervised token " + example.ids()[t] + " is not in the vocabulary");
        }
      }
    }
    List<int[]> sequences = examples.stream().map(Example::ids).toList();
    int[] counts = examples.stream().mapToInt(Example::supervised).toArray();
    return Batch.pack(sequences, counts, vocab, limits).stream()
        .map(batch -> of(batch, examples))
        .toList();
  }

  /** The supervised positions of one batch of the examples, in the batch's order. */
  public static Supervision of(Batch batch, List<Example> examples) {
    int count =
        IntStream.of(batch.members()).map(member -> examples.get(member).supervised()).sum();
    long[] rows = new long[count];
    long[] targets = new long[count];
    int next = 0;
    for (int row = 0; row < batch.rows(); row++) {
      Example example = examples.get(batch.members()[row]);
      for (int t = example.from(); t < example.to(); t++) {
        rows[next] = batch.flat(row, t - 1);
        targets[next++] = example.ids()[t];
      }
    }
    return new Supervision(batch, rows, targets);
  }
}
