package io.lazaret.llm.decoder;

import io.lazaret.llm.BatchLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences padded on the right to one length.
 *
 * @param members index of each row's sequence in the caller's list
 * @param length padded length T
 * @param ids [rows * T], row-major, padded with id 0
 */
public record Batch(int[] members, int length, long[] ids) {

  /** Padding beyond this part of a batch starts a new one, once it has a few rows. */
  private static final double MAX_PADDING = 0.25;

  private static final int MIN_ROWS = 8;

  /** Sequences of the batch. */
  public int rows() {
    return members.length;
  }

  /** Index of a position in the flattened batch. */
  public long flat(int row, int position) {
    return (long) row * length + position;
  }

  /**
   * Packs sequences of similar length together.
   *
   * @param sequences the sequences
   * @param logitRows number of vocabulary projections that each of them needs
   * @param vocab width of a projection
   */
  public static List<Batch> pack(
      List<int[]> sequences, int[] logitRows, int vocab, BatchLimits limits) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, sequences.size()).boxed().toList());
    order.sort(Comparator.comparingInt(i -> sequences.get(i).length));
    List<Batch> batches = new ArrayList<>();
    List<Integer> open = new ArrayList<>();
    long tokens = 0;
    long logits = 0;
    for (int index : order) {
      int length = sequences.get(index).length;
      long padded = (long) (open.size() + 1) * length;
      long more = (long) logitRows[index] * vocab;
      boolean wasteful = open.size() >= MIN_ROWS && padded - tokens - length > MAX_PADDING * padded;
      boolean full =
          open.size() == limits.rows()
              || padded > limits.tokens()
              || logits + more > limits.logits();
      if (!open.isEmpty() && (full || wasteful)) {
        batches.add(of(sequences, open));
        open.clear();
        tokens = 0;
        logits = 0;
      }
      open.add(index);
      tokens += length;
      logits += more;
    }
    if (!open.isEmpty()) {
      batches.add(of(sequences, open));
    }
    return batches;
  }

  /** Pads the named sequences to the longest of them. */
  public static Batch of(List<int[]> sequences, List<Integer> members) {
    int length = members.stream().mapToInt(i -> sequences.get(i).length).max().orElseThrow();
    long[] ids = new long[members.size() * length];
    for (int row = 0; row < members.size(); row++) {
      int[] sequence = sequences.get(members.get(row));
      for (int t = 0; t < sequence.length; t++) {
        ids[row * length + t] = sequence[t];
      }
    }
    return new Batch(members.stream().mapToInt(Integer::intValue).toArray(), length, ids);
  }
}
