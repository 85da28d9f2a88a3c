package io.lazaret.console.stream;

import io.lazaret.problem.ProblemException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * How far the record has been read: the next offset of every partition of the events, between dots.
 */
final class Reached {

  private static final int LONGEST = 2_000;

  /** Partitions beyond its end have not been read at all. */
  private long[] next;

  private Reached(long[] next) {
    this.next = next;
  }

  /**
   * The position of a text, "0" for the beginning.
   *
   * @param partitions of the events; 0 while nobody knows
   * @throws ProblemException STREAM_POSITION_INVALID
   */
  static Reached of(String text, int partitions) {
    try {
      if (text.equals("0")) {
        return new Reached(new long[partitions]);
      }
      if (text.length() <= LONGEST) {
        long[] next = Arrays.stream(text.split("\\.", -1)).mapToLong(Long::parseLong).toArray();
        if ((partitions == 0 || next.length <= partitions)
            && LongStream.of(next).allMatch(each -> each >= 0)) {
          return new Reached(Arrays.copyOf(next, Math.max(partitions, next.length)));
        }
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw ProblemException.of(
        "STREAM_POSITION_INVALID",
        "Last-Event-ID is not an id that this stream gave out.",
        "Give such an id, 0 for the beginning, or none for what happens from now on.");
  }

  int partitions() {
    return next.length;
  }

  long next(int partition) {
    return next[partition];
  }

  /** Takes an event in; false when it was taken in before. */
  boolean take(int partition, long offset) {
    if (partition >= next.length) {
      next = Arrays.copyOf(next, partition + 1);
    }
    if (offset < next[partition]) {
      return false;
    }
    next[partition] = offset + 1;
    return true;
  }

  @Override
  public String toString() {
    return LongStream.of(next).mapToObj(Long::toString).collect(Collectors.joining("."));
  }
}
