package io.lazaret.bench;

import java.util.List;
import java.util.concurrent.Callable;

/**
 * One part of a benchmark.
 *
 * @param name unique in its benchmark, words separated by dots
 * @param measure does the work and returns the figures
 * @param kept whether a run that goes on takes the figures of an earlier one; a case that is made
 *     from the results of others is measured anew each time
 */
public record BenchCase(String name, Callable<List<Measurement>> measure, boolean kept) {

  /** A case whose figures are kept. */
  public BenchCase(String name, Callable<List<Measurement>> measure) {
    this(name, measure, true);
  }
}
