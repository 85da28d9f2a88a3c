package io.lazaret.bench.events;

import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Measurement;
import io.lazaret.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The whole platform in one process, as the command line starts it, with nothing to do. */
final class AtRest {

  private static final Bar RESIDENT = Bar.atMost(700);
  private static final Bar COLD = Bar.atMost(20);
  private static final Bar RESTART = Bar.atMost(15);
  private static final String JAR = "services/standalone/target/quarkus-app/quarkus-run.jar";
  private static final int SETTLE_SECONDS = 15;

  private AtRest() {}

  static List<Measurement> measure(BenchSettings settings) throws Exception {
    Path jar = settings.root().resolve(JAR);
    if (!Files.exists(jar)) {
      throw ProblemException.of(
          "PLATFORM_NOT_BUILT",
          jar + " is missing.",
          "Build it: ./lazaret doctor, or mvn package.");
    }
    Path data = settings.work().resolve("events-standalone");
    Bench.delete(data);
    Files.createDirectories(data);
    double cold;
    double resident;
    double restart;
    Process first = start(jar, data);
    try {
      cold = ready(first);
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      resident = residentMiB(first);
    } finally {
      first.destroyForcibly().waitFor();
    }
    Process second = start(jar, data);
    try {
      restart = ready(second);
    } finally {
      second.destroyForcibly().waitFor();
    }
    return List.of(
        new Measurement("standalone.idle-resident", resident, "MiB", RESIDENT),
        new Measurement("standalone.ready-cold", cold, "s", COLD),
        new Measurement("standalone.ready-after-kill", restart, "s", RESTART));
  }

  private static Process start(Path jar, Path data) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Dlazaret.data.dir=" + data.toAbsolutePath(),
                "-Dlazaret.http.port=0",
                "-jar",
                jar.toString()))
        .redirectError(data.resolve("stderr.log").toFile())
        .start();
  }

  /** Seconds until it says that it can be used. */
  private static double ready(Process platform) throws IOException {
    long start = System.nanoTime();
    BufferedReader out =
        new BufferedReader(
            new InputStreamReader(platform.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("LAZARET_READY")) {
        return (System.nanoTime() - start) / 1e9;
      }
    }
    throw new IllegalStateException("the platform ended before it was ready");
  }

  private static double residentMiB(Process platform) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", "" + platform.pid(), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("the memory of the platform cannot be told");
  }
}
