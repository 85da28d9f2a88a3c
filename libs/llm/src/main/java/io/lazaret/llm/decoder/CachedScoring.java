package io.lazaret.llm.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.BatchLimits;
import io.lazaret.llm.PrefixCache;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.Lanes;
import java.util.Arrays;
import java.util.List;

/** Log probabilities after continuations of cached prompts. */
public final class CachedScoring {

  private final Decoder decoder;
  private final BatchLimits limits;
  private final PrefixCache cache;
  private final int[][] continuations;

  /**
   * @param continuations [C][L] behind every prompt of {@code cache}
   */
  public CachedScoring(
      Decoder decoder, BatchLimits limits, PrefixCache cache, int[][] continuations) {
    this.decoder = decoder;
    this.limits = limits;
    this.cache = cache;
    this.continuations = continuations;
    if (continuations.length == 0) {
      throw new IllegalArgumentException("there are no continuations");
    }
    int run = continuations[0].length;
    for (int[] continuation : continuations) {
      if (continuation.length != run || run == 0) {
        throw new IllegalArgumentException("continuations must have one length of at least 1");
      }
    }
    decoder.check(Arrays.asList(continuations), null);
    decoder.checkLength(cache.longest() + run, 0);
    if (run > PrefixCache.MAX_CONTINUATION) {
      throw new IllegalArgumentException("a continuation has " + run + " tokens");
    }
  }

  /** [prompts * C][V]: row i * C + j is prompt i with continuation j. */
  public float[][] each() {
    float[][] result = new float[cache.size() * continuations.length][];
    Lanes.run(
        cache.parts(),
        (part, side) ->
            forEachChunk(
                part,
                (first, chunk) -> {
                  float[][] rows = part.attempt(chunk, Decoder::rows);
                  for (int i = 0; i < rows.length; i++) {
                    int prompt = part.members()[i / chunk.length];
                    result[prompt * continuations.length + first + i % chunk.length] = rows[i];
                  }
                }));
    return result;
  }

  /** [C][V]: mean over the prompts of the log-softmax, or of the softmax. */
  public float[][] mean(boolean probabilities) {
    Shape shape = new Shape(continuations.length, decoder.config().vocabSize());
    try (NDManager scope = decoder.scope()) {
      List<NDArray> sums = decoder.sums(scope, shape);
      NDArray mode = scope.create(probabilities ? 1L : 0L);
      Lanes.run(
          cache.parts(),
          (part, side) ->
              forEachChunk(
                  part,
                  (first, chunk) ->
                      part.attempt(
                          chunk,
                          logProbs ->
                              decoder.call(
                                  "add_over_prompts",
                                  Mode.INFERENCE,
                                  logProbs,
                                  sums.get(side),
                                  scope.create(new long[] {first, chunk.length}),
                                  mode))));
      return Decoder.rows(Decoder.sum(sums).div(cache.size()));
    }
  }

  private interface Chunk {
    void at(int first, int[][] continuations);
  }

  private void forEachChunk(KvCache part, Chunk use) {
    int run = continuations[0].length;
    long sequences = (long) part.rows() * Lanes.count();
    long logits = limits.logits() / (sequences * decoder.config().vocabSize());
    long tokens = limits.tokens() / (sequences * run);
    int size = (int) Math.max(1, Math.min(cache.room() / run, Math.min(tokens, logits)));
    for (int first = 0; first < continuations.length; first += size) {
      int end = Math.min(continuations.length, first + size);
      use.at(first, Arrays.copyOfRange(continuations, first, end));
    }
  }
}
