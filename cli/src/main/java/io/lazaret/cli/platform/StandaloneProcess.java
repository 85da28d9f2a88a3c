package io.lazaret.cli.platform;

import io.lazaret.llm.TorchRuntime;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The platform in a JVM of its own, started here and stopped with this command. */
public final class StandaloneProcess implements AutoCloseable {

  /** What the platform prints when it can be used. */
  static final String READY = "LAZARET_READY ";

  /**
   * Bounds of the child process.
   *
   * @param heap largest Java heap; default 768m (weights live outside it)
   * @param threads threads of the tensor library; default: processors, at most 2
   * @param start how long it may take to get ready; default 120 s
   * @param stop how long it may take to stop before it is killed; default 20 s
   */
  public record Settings(String heap, int threads, Duration start, Duration stop) {

    public static Settings standard() {
      int threads = Math.max(1, Math.min(2, Runtime.getRuntime().availableProcessors()));
      return new Settings("768m", threads, Duration.ofSeconds(120), Duration.ofSeconds(20));
    }
  }

  private static final long POLL_MILLIS = 100;
  private static final int REFUSED = 2;
  private static final Pattern NAMED_PROBLEM = Pattern.compile("([A-Z][A-Z0-9_]+): (.+)");

  private final Process process;
  private final URI address;
  private final RunningPlatform announcement;
  private final Duration stop;
  private final Thread stopAtExit;
  private volatile boolean stopping;

  private StandaloneProcess(
      Process process, URI address, RunningPlatform announcement, Duration stop) {
    this.process = process;
    this.address = address;
    this.announcement = announcement;
    this.stop = stop;
    this.stopAtExit = new Thread(this::stopProcess, "stop-platform");
    Runtime.getRuntime().addShutdownHook(stopAtExit);
  }

  /**
   * Starts the platform on {@code data} and waits until it is ready.
   *
   * @param port HTTP port; 0 takes a free one
   * @param waiting hears once a second how long it has taken
   * @throws ProblemException PLATFORM_NOT_BUILT, DATA_DIRECTORY_UNUSABLE, or the platform's own
   *     problem when it refuses to start, e.g. PORT_IN_USE
   * @throws PlatformFailure PLATFORM_DIED, PLATFORM_START_TIMEOUT
   */
  public static StandaloneProcess start(
      Installation installation,
      Path data,
      int port,
      Settings settings,
      Consumer<Duration> waiting) {
    if (!Files.isRegularFile(installation.platformJar())) {
      throw ProblemException.of(
          "PLATFORM_NOT_BUILT",
          installation.platformJar() + " is missing.",
          "Start through ./lazaret, which builds it.");
    }
    Path log = logFile(data);
    Launch launch = launch(installation, data, port, settings, log);
    try {
      URI address = launch.awaitReady(settings.start(), waiting);
      RunningPlatform announcement = RunningPlatform.announce(data, address, launch.process.pid());
      return new StandaloneProcess(launch.process, address, announcement, settings.stop());
    } catch (RuntimeException failed) {
      launch.process.destroyForcibly();
      throw failed;
    }
  }

  public URI address() {
    return address;
  }

  /** Whether the process ended although nobody asked it to. */
  public boolean hasDied() {
    return !process.isAlive() && !stopping;
  }

  /** Waits until the process ends by itself. */
  public int await() throws InterruptedException {
    return process.waitFor();
  }

  @Override
  public void close() {
    stopProcess();
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException alreadyShuttingDown) {
      // the hook does the same
    }
  }

  private void stopProcess() {
    stopping = true;
    announcement.withdraw();
    process.destroy();
    try {
      if (!process.waitFor(stop.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The log of the platform that keeps its data in {@code data}. */
  public static Path logFile(Path data) {
    Path logs = data.resolve("logs");
    try {
      Files.createDirectories(logs);
    } catch (IOException e) {
      throw ProblemException.of(
          "DATA_DIRECTORY_UNUSABLE",
          "The data directory " + data + " cannot be written: " + e.getMessage() + ".",
          "Give another one with --data, or correct its permissions.");
    }
    return logs.resolve("standalone.log");
  }

  private static Launch launch(
      Installation installation, Path data, int port, Settings settings, Path log) {
    List<String> command = new ArrayList<>();
    command.add(installation.java().toString());
    command.add("-Xmx" + settings.heap());
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Dai.djl.offline=true");
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Dlazaret.data.dir=" + data.toAbsolutePath());
    command.add("-Dlazaret.http.port=" + port);
    command.add("-Dlazaret.threads=" + settings.threads());
    String device = System.getProperty(TorchRuntime.DEVICE_PROPERTY);
    if (device != null) {
      command.add("-D" + TorchRuntime.DEVICE_PROPERTY + "=" + device);
    }
    command.add("-jar");
    command.add(installation.platformJar().toString());
    try {
      long from = Files.exists(log) ? Files.size(log) : 0;
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(data.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      // glibc's per-thread arenas would keep several times the memory that tensors need.
      builder.environment().put("MALLOC_ARENA_MAX", "2");
      builder.environment().put("OMP_NUM_THREADS", Integer.toString(settings.threads()));
      // A tensor thread that spins while it waits takes the core from the broker beside it.
      builder.environment().put("OMP_WAIT_POLICY", "passive");
      builder.environment().put("OPT_OUT_TRACKING", "true");
      return new Launch(builder.start(), new LogTail(log, from));
    } catch (IOException e) {
      throw new PlatformFailure(
          Problem.of(
              "PLATFORM_START_FAILED",
              "The platform could not be started: " + e.getMessage() + ".",
              "Check disk space and " + data + "."));
    }
  }

  /** A process that is not ready yet. */
  private record Launch(Process process, LogTail log) {

    URI awaitReady(Duration limit, Consumer<Duration> waiting) {
      Instant started = Instant.now();
      long told = 0;
      while (true) {
        boolean alive = process.isAlive();
        Optional<String> ready = log.find(READY);
        if (ready.isPresent()) {
          return URI.create(ready.get().substring(READY.length()).strip());
        }
        if (!alive) {
          throw died();
        }
        Duration elapsed = Duration.between(started, Instant.now());
        if (elapsed.compareTo(limit) > 0) {
          throw new PlatformFailure(
              Problem.passing(
                  "PLATFORM_START_TIMEOUT",
                  "The platform was not ready after " + limit.toSeconds() + " s.",
                  "Read " + log.file() + "."));
        }
        if (elapsed.toSeconds() > told) {
          told = elapsed.toSeconds();
          waiting.accept(elapsed);
        }
        pause();
      }
    }

    /** Exit status 2 is the platform's word for a setting or a machine that it cannot work with. */
    private RuntimeException died() {
      String last = log.problemLine().orElse("it left no message");
      Matcher named = NAMED_PROBLEM.matcher(last);
      if (process.exitValue() == REFUSED && named.matches()) {
        return ProblemException.of(
            named.group(1),
            named.group(2),
            "Correct what it names; more is in " + log.file() + ".");
      }
      return new PlatformFailure(
          Problem.of(
              "PLATFORM_DIED",
              "The platform ended with exit status " + process.exitValue() + ": " + last,
              "Read " + log.file() + "."));
    }

    private static void pause() {
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PlatformFailure(
            Problem.passing("INTERRUPTED", "The command was interrupted.", "Run it again."));
      }
    }
  }
}
