package io.lazaret.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts the two kinds of measured processes: a Java main class and a Python script. */
public final class Children {

  private static final String PACKAGE_CHECK =
      """
      import importlib, json, sys
      found = {"python": sys.version.split()[0]}
      for name in sys.argv[1:]:
          try:
              found[name] = getattr(importlib.import_module(name), "__version__", "unknown")
          except ImportError:
              found[name] = None
      print(json.dumps(found))
      for line in sys.stdin:
          pass
      """;

  private final BenchSettings settings;

  public Children(BenchSettings settings) {
    this.settings = settings;
  }

  /**
   * A JVM with this process's class path, in the settings of the {@code lazaret} script (serial
   * collector, first compiler tier, a heap that begins small).
   *
   * @param heap e.g. "256m"
   */
  public ChildProcess java(String name, Class<?> main, String heap, List<String> arguments) {
    return java(name, main, List.of("-Xmx" + heap), arguments);
  }

  /** As {@link #java(String, Class, String, List)} with any options of the JVM. */
  public ChildProcess java(
      String name, Class<?> main, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms32m"));
    String device = System.getProperty(TorchRuntime.DEVICE_PROPERTY);
    if (device != null) {
      command.add("-D" + TorchRuntime.DEVICE_PROPERTY + "=" + device);
    }
    command.addAll(options);
    command.addAll(List.of("-Dai.djl.offline=true", "-Dlazaret.threads=" + settings.threads()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return ChildProcess.start(name, command, environment(), settings.work());
  }

  /**
   * A Python script of the repository.
   *
   * @param script relative to the repository's {@code bench} directory; all scripts beside it are
   *     there too when it runs
   */
  public ChildProcess python(String name, String script, List<String> arguments) {
    Path source = settings.root().resolve("bench").resolve(script);
    List<String> command = new ArrayList<>();
    command.add(settings.python());
    command.add(copyScripts(source.getParent()).resolve(source.getFileName()).toString());
    command.addAll(arguments);
    return ChildProcess.start(name, command, environment(), settings.work());
  }

  /** Into the work directory: the interpreter may live in a container that sees nothing else. */
  private Path copyScripts(Path directory) {
    Path target = settings.work().resolve("scripts").resolve(directory.getFileName());
    try (Stream<Path> scripts = Files.list(directory)) {
      Files.createDirectories(target);
      for (Path script : scripts.filter(s -> s.toString().endsWith(".py")).toList()) {
        Files.copy(
            script, target.resolve(script.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Versions of the interpreter and of packages that a peer needs.
   *
   * @param packages import name to name for pip
   * @throws ProblemException {@code PEER_MISSING} with the line that installs it
   */
  public JsonNode requirePython(Map<String, String> packages) {
    Path script = settings.work().resolve("scripts").resolve("packages.py");
    try {
      Files.createDirectories(script.getParent());
      Files.writeString(script, PACKAGE_CHECK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    requireInterpreter(packages);
    List<String> command = new ArrayList<>(List.of(settings.python(), script.toString()));
    command.addAll(packages.keySet());
    try (ChildProcess check =
        ChildProcess.start("packages", command, environment(), settings.work())) {
      JsonNode found = check.greeting();
      List<String> missing =
          packages.keySet().stream().filter(name -> !found.hasNonNull(name)).sorted().toList();
      if (!missing.isEmpty()) {
        throw ProblemException.of(
            "PEER_MISSING",
            settings.python() + " has no package " + String.join(", ", missing) + ".",
            installation(packages));
      }
      return found;
    }
  }

  private void requireInterpreter(Map<String, String> packages) {
    try {
      Process version =
          new ProcessBuilder(settings.python(), "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      version.waitFor(ChildProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException e) {
      throw ProblemException.of(
          "PEER_MISSING",
          "The Python interpreter '" + settings.python() + "' cannot be run.",
          installation(packages));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String installation(Map<String, String> packages) {
    return "Install them: python3 -m pip install "
        + String.join(" ", packages.values().stream().sorted().toList())
        + "; another interpreter is named by "
        + BenchSettings.PYTHON_VARIABLE
        + ".";
  }

  /** Same limits for both languages; threads that wait do not burn time. */
  private Map<String, String> environment() {
    String threads = Integer.toString(settings.threads());
    return Map.of(
        "OMP_NUM_THREADS", threads,
        "MKL_NUM_THREADS", threads,
        "OPENBLAS_NUM_THREADS", threads,
        "OMP_WAIT_POLICY", "passive",
        "OPT_OUT_TRACKING", "true",
        "TOKENIZERS_PARALLELISM", "false",
        "HF_HUB_OFFLINE", "1",
        "TRANSFORMERS_VERBOSITY", "error");
  }
}
