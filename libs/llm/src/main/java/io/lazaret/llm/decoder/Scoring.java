package io.lazaret.llm.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.BatchLimits;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.Lanes;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Log probabilities of next tokens, without gradients. */
public final class Scoring {

  private final Decoder decoder;
  private final BatchLimits limits;

  /** Scores with {@code decoder}, in passes within {@code limits}. */
  public Scoring(Decoder decoder, BatchLimits limits) {
    this.decoder = decoder;
    this.limits = limits;
  }

  /** As {@link CausalLm#nextLogProbs}. */
  public float[][] nextLogProbs(List<int[]> sequences, SoftPrompt soft) {
    float[][] result = new float[sequences.size()][];
    Lanes.run(
        pack(sequences, soft),
        (batch, side) -> {
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
        });
    return result;
  }

  /** As {@link CausalLm#meanNextLogProbs}. */
  public float[][] meanNextLogProbs(List<int[]> sequences, int group) {
    if (group < 1 || sequences.isEmpty() || sequences.size() % group != 0) {
      throw new IllegalArgumentException(
          sequences.size() + " sequences do not form groups of " + group);
    }
    Shape shape = new Shape(sequences.size() / group, decoder.config().vocabSize());
    try (NDManager owner = decoder.scope()) {
      List<NDArray> sums = decoder.sums(owner, shape);
      Lanes.run(
          pack(sequences, null),
          (batch, side) -> {
            try (NDManager scope = decoder.scope()) {
              decoder.call(
                  "next_sum",
                  Mode.INFERENCE,
                  decoder.ids(scope, batch),
                  scope.create(lastPositions(sequences, batch)),
                  decoder.soft(null),
                  scope.create(IntStream.of(batch.members()).mapToLong(m -> m / group).toArray()),
                  sums.get(side));
            }
          });
      return Decoder.rows(Decoder.sum(sums).div(group));
    }
  }

  /** As {@link CausalLm#continuationLogProbs}. */
  public float[][] continuationLogProbs(
      List<int[]> prompts, List<int[]> continuations, SoftPrompt soft) {
    if (prompts.size() != continuations.size()) {
      throw new IllegalArgumentException(
          prompts.size() + " prompts but " + continuations.size() + " continuations");
    }
    List<Example> examples =
        IntStream.range(0, prompts.size())
            .mapToObj(i -> joined(prompts.get(i), continuations.get(i)))
            .toList();
    decoder.check(examples.stream().map(Example::ids).toList(), soft);
    float[][] result = new float[examples.size()][];
    BatchLimits shared = shared(examples.stream().map(Example::ids).toList());
    Lanes.run(
        Supervision.pack(examples, decoder.config().vocabSize(), shared),
        (part, side) -> {
          try (NDManager scope = decoder.scope()) {
            NDArray scores =
                decoder.call(
                    "score",
                    Mode.INFERENCE,
                    decoder.ids(scope, part.batch()),
                    scope.create(part.rows()),
                    decoder.soft(soft),
                    scope.create(part.targets()));
            FloatBuffer values = FloatBuffer.wrap(scores.toFloatArray());
            for (int member : part.batch().members()) {
              result[member] = new float[examples.get(member).supervised()];
              values.get(result[member]);
              Decoder.requireNumber(result[member][0]);
            }
          }
        });
    return result;
  }

  private static Example joined(int[] prompt, int[] continuation) {
    int[] ids = Arrays.copyOf(prompt, prompt.length + continuation.length);
    System.arraycopy(continuation, 0, ids, prompt.length, continuation.length);
    return new Example(ids, prompt.length, ids.length);
  }

  private List<Batch> pack(List<int[]> sequences, SoftPrompt soft) {
    decoder.check(sequences, soft);
    int[] one = new int[sequences.size()];
    Arrays.fill(one, 1);
    return Batch.pack(sequences, one, decoder.config().vocabSize(), shared(sequences));
  }

  private BatchLimits shared(List<int[]> sequences) {
    return limits.shared(
        Lanes.count(),
        sequences.stream().mapToLong(ids -> ids.length).sum(),
        sequences.stream().mapToInt(ids -> ids.length).max().orElse(0));
  }

  private static long[] lastPositions(List<int[]> sequences, Batch batch) {
    return IntStream.range(0, batch.rows())
        .mapToLong(row -> batch.flat(row, sequences.get(batch.members()[row]).length - 1))
        .toArray();
  }
}
