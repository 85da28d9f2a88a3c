package io.lazaret.cli.doctor;

import io.lazaret.cli.platform.Installation;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Checks of what runs: JDK, Maven, native tensor library, built parts, shipped models. */
final class Program {

  private static final int LEAST_JAVA = 17;
  private static final long MAVEN_SECONDS = 20;

  private Program() {}

  static Finding java() {
    Runtime.Version version = Runtime.version();
    String detail = version + " at " + System.getProperty("java.home");
    boolean compiler = Files.isExecutable(Path.of(System.getProperty("java.home"), "bin", "javac"));
    if (version.feature() < LEAST_JAVA) {
      return Finding.fail("JDK", detail, "Install JDK 17 or newer.");
    }
    return compiler
        ? Finding.ok("JDK", detail)
        : Finding.fail("JDK", detail + " has no compiler", "Install a JDK, not only a JRE.");
  }

  static Finding maven() {
    try {
      Process mvn = new ProcessBuilder("mvn", "-v").redirectErrorStream(true).start();
      String first =
          mvn.inputReader().lines().findFirst().orElse("").replaceAll("\u001b\\[[0-9;]*m", "");
      boolean ended = mvn.waitFor(MAVEN_SECONDS, TimeUnit.SECONDS);
      if (ended && mvn.exitValue() == 0) {
        return Finding.ok("Maven", first);
      }
      return Finding.fail("Maven", "mvn -v failed: " + first, "Repair the Maven installation.");
    } catch (IOException missing) {
      return Finding.fail("Maven", "not found", "Install it, e.g. apt-get install maven.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Finding.fail("Maven", "interrupted", "Run the check again.");
    }
  }

  /** Loads the tensor library and, where the shipped models are, runs one. */
  static Finding tensors(Installation installation) {
    Path model = installation.fixtures().resolve("nano-base");
    try {
      TorchRuntime.prepareThread();
      if (!Files.isDirectory(model)) {
        return Finding.ok("tensor library", TorchRuntime.description());
      }
      try (CausalLm lm = CausalLm.open(model)) {
        float[] row = lm.nextLogProbs(List.of(lm.tokenizer().encode("Hello")), null)[0];
        return Float.isFinite(row[0])
            ? Finding.ok("tensor library", TorchRuntime.description() + "; a shipped model runs")
            : Finding.fail("tensor library", "computes no numbers", "Report it.");
      }
    } catch (ProblemException refused) {
      return Finding.fail(
          "tensor library", refused.problem().sentence(), refused.problem().nextStep());
    }
  }

  static Finding built(Installation installation) {
    return Files.isRegularFile(installation.platformJar())
        ? Finding.ok("platform", "built")
        : Finding.fail(
            "platform",
            installation.platformJar() + " is missing",
            "Start through ./lazaret, which builds it.");
  }

  static Finding fixtures(Installation installation) {
    Path fixtures = installation.fixtures();
    return Files.isDirectory(fixtures.resolve("nano-backdoored"))
        ? Finding.ok("shipped models", fixtures.toString())
        : Finding.warn(
            "shipped models",
            "not in " + fixtures,
            "Restore them from the repository, or: lazaret lab fixtures --out " + fixtures);
  }
}
