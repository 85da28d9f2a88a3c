package io.lazaret.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that is measured from outside. It answers every line that it is sent on stdin with one
 * line of JSON on stdout, and first of all sends one unasked when it is ready. An answer with a
 * field {@code error} is a failure; stderr goes to a log file.
 */
public final class ChildProcess implements AutoCloseable {

  /** Longest time that one answer may take. */
  public static final Duration PATIENCE = Duration.ofMinutes(30);

  private static final Duration END = Duration.ofSeconds(20);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String GONE = "";
  private static final double TICKS_PER_SECOND = 100;
  private static final double KIB_PER_MIB = 1024;

  private final String name;
  private final Process process;
  private final Path log;
  private final Writer in;
  private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(16);
  private final JsonNode greeting;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(() -> read(process.inputReader(StandardCharsets.UTF_8)), name);
    reader.setDaemon(true);
    reader.start();
    this.greeting = answer();
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @param name for messages and the log's file name
   * @param command replaces itself by the program that is measured, if it is a wrapper
   * @param work directory of the log
   */
  public static ChildProcess start(
      String name, List<String> command, Map<String, String> environment, Path work) {
    try {
      Files.createDirectories(work);
      Path log = work.resolve(name + ".log");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
      builder.environment().putAll(environment);
      return new ChildProcess(name, builder.start(), log);
    } catch (IOException e) {
      throw ProblemException.of(
          "BENCH_PROCESS_FAILED",
          "The process '" + name + "' could not be started: " + e.getMessage() + ".",
          "Check that " + command.get(0) + " can be run.");
    }
  }

  private void read(BufferedReader out) {
    try (out) {
      String line;
      while ((line = out.readLine()) != null) {
        answers.put(line);
      }
      answers.put(GONE);
    } catch (IOException | InterruptedException e) {
      answers.offer(GONE);
    }
  }

  /** What the process said when it was ready. */
  public JsonNode greeting() {
    return greeting;
  }

  /**
   * Sends one line and waits for the answer.
   *
   * @throws ProblemException {@code BENCH_PROCESS_FAILED}
   */
  public JsonNode ask(String line) {
    try {
      in.write(line + "\n");
      in.flush();
    } catch (IOException e) {
      throw failed("ended");
    }
    return answer();
  }

  private JsonNode answer() {
    try {
      String line = answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (line == null) {
        throw failed("did not answer for " + PATIENCE.toMinutes() + " minutes");
      }
      if (line.equals(GONE)) {
        throw failed("ended");
      }
      JsonNode answer = MAPPER.readTree(line);
      if (answer.hasNonNull("error")) {
        throw failed("reports: " + answer.path("error").asText());
      }
      return answer;
    } catch (JsonProcessingException e) {
      throw failed("answered with something that is not JSON");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("was interrupted");
    }
  }

  private ProblemException failed(String how) {
    process.destroyForcibly();
    return ProblemException.of(
        "BENCH_PROCESS_FAILED",
        "The process '" + name + "' " + how + "." + lastLine().map(l -> " " + l).orElse(""),
        "Read " + log + ".");
  }

  private Optional<String> lastLine() {
    try (var lines = Files.lines(log)) {
      return lines.filter(line -> !line.isBlank()).reduce((first, second) -> second);
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  /** CPU time that all threads of the process have used, in seconds, to the clock tick of 10 ms. */
  public double cpuSeconds() {
    String stat = proc("stat");
    // The second field, the program's name, may hold anything, but ends with the last bracket.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** Largest resident memory that the process has had, in MiB. */
  public double peakMebibytes() {
    return status("VmHWM");
  }

  /** Resident memory now, in MiB. */
  public double residentMebibytes() {
    return status("VmRSS");
  }

  private double status(String key) {
    return proc("status")
        .lines()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToDouble(kib -> Long.parseLong(kib) / KIB_PER_MIB)
        .findFirst()
        .orElseThrow(() -> failed("has no " + key));
  }

  private String proc(String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
    } catch (IOException e) {
      throw failed("cannot be measured: " + e.getMessage());
    }
  }

  /** Ends the process. */
  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      // It is gone already; that is what was wanted.
    }
    try {
      if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
