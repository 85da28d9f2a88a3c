package io.lazaret.cli.platform;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a process has written to its log since it was started.
 *
 * @param file the log, which other starts have written to before
 * @param from offset in bytes at which this start begins
 */
record LogTail(Path file, long from) {

  /** A start that says more than this without getting ready is read in part only. */
  private static final int MOST_BYTES = 8 << 20;

  private static final Pattern NAMED_PROBLEM =
      Pattern.compile("\\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+: .+");
  private static final Pattern TROUBLE =
      Pattern.compile("\\b(ERROR|FATAL|Exception|Error)\\b|OutOfMemory|Could not|Unable to");

  /** The part of the first complete line that begins with {@code marker}. */
  Optional<String> find(String marker) {
    return completeLines().stream()
        .filter(line -> line.contains(marker))
        .map(line -> line.substring(line.indexOf(marker)))
        .findFirst();
  }

  /**
   * The line that best says why the process ended: a named problem, else trouble, else the last.
   */
  Optional<String> problemLine() {
    List<String> lines = completeLines();
    Optional<String> named =
        lines.stream()
            .map(NAMED_PROBLEM::matcher)
            .filter(matcher -> matcher.find())
            .map(matcher -> matcher.group())
            .reduce((earlier, later) -> later);
    return named
        .or(() -> lines.stream().filter(line -> TROUBLE.matcher(line).find()).findFirst())
        .or(() -> lines.stream().filter(line -> !line.isBlank()).reduce((a, b) -> b));
  }

  private List<String> completeLines() {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long length = Math.min(MOST_BYTES, Math.max(0, in.length() - from));
      byte[] bytes = new byte[(int) length];
      in.seek(from);
      in.readFully(bytes);
      String text = new String(bytes, StandardCharsets.UTF_8);
      return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    } catch (FileNotFoundException removed) {
      // Somebody clears the logs: what the process said is gone, and nothing is wrong with it.
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
