package io.lazaret.bench;

import java.util.List;
import java.util.concurrent.Callable;

/**
 * One part of a benchmark.
 *
 * @param name unique in its benchmark, words separated by dots
 * @param measure does the work and returns the figures
 */
public record BenchCase(String name, Callable<List<Measurement>> measure) {}
