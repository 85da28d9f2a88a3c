package io.lazaret.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What the figures were taken on. */
public final class MachineDescription {

  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final double GIB = 1L << 30;
  private static final long GIT_SECONDS = 10;
  private static final int SHORT_COMMIT = 12;

  private MachineDescription() {}

  /** Processor, cores, memory, system and JVM in one line. */
  public static String line() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %.0f GiB, %s %s %s, Java %s",
        processor(),
        system.getAvailableProcessors(),
        system.getTotalMemorySize() / GIB,
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("os.arch"),
        Runtime.version());
  }

  private static String processor() {
    try (var lines = Files.lines(PROCESSORS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }

  /**
   * The commit of a working tree, with "+changes" if files differ from it; "unknown" without git.
   */
  public static String commit(Path root) {
    String commit = git(root, "rev-parse", "HEAD");
    if (commit.length() < SHORT_COMMIT) {
      return "unknown";
    }
    boolean changed = !git(root, "status", "--porcelain", "--untracked-files=no").isEmpty();
    return commit.substring(0, SHORT_COMMIT) + (changed ? "+changes" : "");
  }

  private static String git(Path root, String... arguments) {
    try {
      ProcessBuilder builder = new ProcessBuilder("git", "-C", root.toString());
      builder.command().addAll(List.of(arguments));
      Process git = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String out = new String(git.getInputStream().readAllBytes()).strip();
      return git.waitFor(GIT_SECONDS, TimeUnit.SECONDS) && git.exitValue() == 0 ? out : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
