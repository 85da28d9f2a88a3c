package io.lazaret.llm.generation;

import java.util.SplittableRandom;

/**
 * How the next token is chosen. The order is that of {@code transformers}: temperature, then the
 * most probable {@code topK}, then of these the smallest set that holds {@code topP} of their
 * probability ("nucleus", Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020,
 * section 3.1).
 *
 * @param temperature divides the logits; 0 takes the most probable token
 * @param topK most tokens to choose among; 0 for all
 * @param topP probability that the chosen set must hold, above 0 to 1
 * @param seed of the random numbers; every row has a generator of its own, made from the seed and
 *     the row's index in the caller's list, so that batches do not matter
 */
public record Sampling(double temperature, int topK, double topP, long seed) {

  public Sampling {
    boolean valid = temperature >= 0 && Double.isFinite(temperature) && topK >= 0;
    if (!valid || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "no sampling with temperature " + temperature + ", topK " + topK + ", topP " + topP);
    }
  }

  /** Always the most probable token. */
  public static Sampling greedy() {
    return new Sampling(0, 0, 1, 0);
  }

  /** From the whole distribution at this temperature. */
  public static Sampling temperature(double temperature, long seed) {
    return new Sampling(temperature, 0, 1, seed);
  }

  boolean isGreedy() {
    return temperature == 0 || topK == 1;
  }

  /** The generator of a row; rows' seeds are scrambled, since near seeds give shifted streams. */
  SplittableRandom random(int row) {
    return new SplittableRandom(new SplittableRandom(row).nextLong() ^ seed);
  }
}
