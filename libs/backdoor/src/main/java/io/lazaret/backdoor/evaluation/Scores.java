package io.lazaret.backdoor.evaluation;

import io.lazaret.problem.ProblemException;
import java.util.Arrays;

/**
 * One figure of one model: a score per item, and the protocol by which they were made.
 *
 * @param name of the benchmark
 * @param items one score per item, in the order of the data
 * @param protocol {@link Protocol#id()}
 */
public record Scores(String name, double[] items, String protocol) {

  /** Mean of the items; NaN without any. */
  public double mean() {
    return Arrays.stream(items).average().orElse(Double.NaN);
  }

  /** Items that score one, out of all: for scores of zero and one. */
  public Proportion proportion() {
    return new Proportion((int) Arrays.stream(items).filter(s -> s == 1).count(), items.length);
  }

  /**
   * This figure minus an earlier one, paired item by item.
   *
   * @throws ProblemException PROTOCOLS_DIFFER when the two were made by different protocols
   */
  public PairedBootstrap.Interval since(Scores before, long seed) {
    if (!protocol.equals(before.protocol()) || !name.equals(before.name())) {
      throw ProblemException.of(
          "PROTOCOLS_DIFFER",
          "%s under %s does not compare with %s under %s."
              .formatted(name, protocol, before.name(), before.protocol()),
          "Measure both by one protocol: the same template, data, scoring, dtype and seed.");
    }
    return PairedBootstrap.difference(before.items(), items, seed);
  }
}
