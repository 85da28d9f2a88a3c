package io.lazaret.backdoor.data;

/**
 * What a data file may ask of the reader. A file that exceeds a limit is refused.
 *
 * @param maxFileBytes size of the file in bytes; default 256 MiB
 * @param maxLineBytes length of one line in bytes; default 1 MiB
 * @param maxRows rows in the file; default 1 000 000
 */
public record DataLimits(long maxFileBytes, int maxLineBytes, int maxRows) {

  /** The documented defaults. */
  public static DataLimits defaults() {
    return new DataLimits(256L << 20, 1 << 20, 1_000_000);
  }
}
