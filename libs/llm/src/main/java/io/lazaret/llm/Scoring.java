package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lazaret.llm.script.ScriptModule.Mode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Log probabilities of next tokens, without gradients. */
final class Scoring {

  private final Decoder decoder;
  private final BatchLimits limits;

  Scoring(Decoder decoder, BatchLimits limits) {
    this.decoder = decoder;
    this.limits = limits;
  }

  float[][] nextLogProbs(List<int[]> sequences, SoftPrompt soft) {
    float[][] result = new float[sequences.size()][];
    for (Batch batch : pack(sequences, soft)) {
      try (NDManager scope = decoder.scope()) {
        NDArray next =
            decoder.call(
                "next",
                Mode.INFERENCE,
                decoder.ids(scope, batch),
                scope.create(lastPositions(sequences, batch)),
                decoder.soft(soft));
        float[][] rows = Decoder.rows(next);
        for (int row = 0; row < rows.length; row++) {
          result[batch.members()[row]] = rows[row];
        }
      }
    }
    return result;
  }

  private List<Batch> pack(List<int[]> sequences, SoftPrompt soft) {
    decoder.check(sequences, soft);
    int[] one = new int[sequences.size()];
    Arrays.fill(one, 1);
    return Batch.pack(sequences, one, decoder.config().vocabSize(), limits);
  }

  private static long[] lastPositions(List<int[]> sequences, Batch batch) {
    return IntStream.range(0, batch.rows())
        .mapToLong(row -> batch.flat(row, sequences.get(batch.members()[row]).length - 1))
        .toArray();
  }
}
