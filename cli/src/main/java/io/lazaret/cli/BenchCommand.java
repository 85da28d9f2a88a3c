package io.lazaret.cli;

import io.lazaret.bench.BenchDocument;
import io.lazaret.bench.BenchRun;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.BenchTable;
import io.lazaret.bench.Benchmarks;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures this program beside its peers. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measure this program side by side with its peers, and print the figures.",
    footer = {
      "",
      "Peers are Python scripts under bench/; LAZARET_BENCH_PYTHON names their interpreter.",
      "Exit codes: 0 every bar holds, 3 some bar is missed, 2 bad usage or a missing peer."
    })
final class BenchCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "What to measure; left away, the benchmarks are listed.")
  private String name;

  @Mixin private DeviceOption device;

  @Option(names = "--quick", description = "The small version, which takes minutes.")
  private boolean quick;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads that each side may use (default: 1).")
  private int threads;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = BenchSettings.NANO,
      description = "Size of models that are trained: pico, nano or micro (default: nano).")
  private String preset;

  @Option(
      names = "--only",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "Only the cases whose name begins so.")
  private String only;

  @Option(
      names = "--resume",
      description = "Go on where an earlier run ended; its finished cases are taken over.")
  private boolean resume;

  @Option(
      names = "--work-dir",
      paramLabel = "DIR",
      description = "Where models and logs are kept between runs (default: .lazaret/bench).")
  private Path work;

  @Mixin private JsonOption answer;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the JSON document to a file as well.")
  private Path out;

  BenchCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() throws Exception {
    if (name == null) {
      Benchmarks.ALL.forEach(b -> terminal.out().println(b.name() + "  " + b.description()));
      return ExitCode.OK;
    }
    if (threads < 1) {
      throw ProblemException.of(
          "USAGE", "--threads must be at least 1 but is " + threads + ".", "Give 1 or more.");
    }
    BenchSettings settings =
        new BenchSettings(
            quick,
            threads,
            installation.root(),
            work == null ? installation.defaultData().resolve("bench") : work.toAbsolutePath(),
            BenchSettings.pythonOfEnvironment(),
            terminal::note,
            preset);
    BenchDocument document =
        new BenchRun(Benchmarks.named(name), settings, Clock.systemUTC()).run(only, resume);
    if (out != null) {
      write(document);
    }
    terminal.out().print(answer.json ? document.json() + "\n" : BenchTable.of(document));
    terminal.out().flush();
    return document.missesABar() ? ExitCode.BAR_MISSED : ExitCode.OK;
  }

  private void write(BenchDocument document) {
    try {
      Files.writeString(out, document.json() + "\n");
    } catch (IOException e) {
      throw ProblemException.of(
          "WRITE_FAILED",
          "The figures could not be written to " + out + ": " + e.getMessage() + ".",
          "Name a file in a directory that exists and can be written.");
    }
  }
}
