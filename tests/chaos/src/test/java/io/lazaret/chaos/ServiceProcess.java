package io.lazaret.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One service in a process of its own, to be killed at one of its steps. */
final class ServiceProcess implements AutoCloseable {

  private static final String NOWHERE = "-";
  private static final String ALL = "ALL";

  private static final List<String> CLASS_PATH =
      List.of("-cp", System.getProperty("java.class.path"));

  private final Process process;
  private final CompletableFuture<CrashPoint> arrived = new CompletableFuture<>();

  private ServiceProcess(Process process) {
    this.process = process;
    Thread reader = new Thread(this::listen, "chaos-listen");
    reader.setDaemon(true);
    reader.start();
  }

  /** A process that has loaded what it needs and waits to be armed. */
  static ServiceProcess prepare(Role role, Access access, List<String> prefix) {
    return prepare(role.name(), access, prefix, CLASS_PATH);
  }

  static ServiceProcess prepare(Role role, Access access) {
    return prepare(role, access, List.of());
  }

  /** The same from an archive. */
  static ServiceProcess prepare(Role role, Access access, ClassArchive archive) {
    return prepare(role.name(), access, List.of(), archive.options());
  }

  /** All services but ingestion in one process. */
  static ServiceProcess all(Access access, List<String> options) {
    return prepare(ALL, access, List.of(), options);
  }

  private static ServiceProcess prepare(
      String role, Access access, List<String> prefix, List<String> options) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx160m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dlazaret.root=" + System.getProperty("lazaret.root")));
    command.addAll(options);
    command.addAll(List.of(ServiceProcess.class.getName(), role));
    command.addAll(access.arguments());
    try {
      return new ServiceProcess(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins to work, and holds at the crash point. */
  void arm(CrashPoint point, int skip) {
    say(point + " " + skip);
  }

  /** Begins to work and goes on. */
  void runUnharmed() {
    say(NOWHERE + " 0");
  }

  private void say(String line) {
    try {
      OutputStream in = process.getOutputStream();
      in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the service has died", e);
    }
  }

  private void listen() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(CrashSwitch.SAYING)) {
          arrived.complete(CrashPoint.valueOf(line.substring(CrashSwitch.SAYING.length())));
        }
      }
    } catch (IOException ended) {
      // as below
    }
    arrived.completeExceptionally(new IllegalStateException("the service ended by itself"));
  }

  /** Whether it has come to its crash point within the time. */
  boolean awaitArrival(Duration patience) throws InterruptedException {
    try {
      arrived.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the service cannot be killed");
    }
  }

  /** SIGSTOP, SIGCONT, SIGTERM … */
  void signal(String name) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    if (status != 0) {
      throw new IllegalStateException("kill -" + name + " failed");
    }
  }

  boolean awaitEnd(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean alive() {
    return process.isAlive();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  public static void main(String[] arguments) throws Exception {
    Set<Role> roles =
        arguments[0].equals(ALL)
            ? EnumSet.complementOf(EnumSet.of(Role.INGESTION))
            : EnumSet.of(Role.valueOf(arguments[0]));
    Access access = Access.of(arguments, 1);
    access.values();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String[] order = in.readLine().split(" ");
    if (!order[0].equals(NOWHERE)) {
      CrashSwitch.arm(CrashPoint.valueOf(order[0]), Integer.parseInt(order[1]));
    }
    List<AutoCloseable> services = new ArrayList<>();
    for (Role role : roles) {
      services.add(role.start(access, access.armedKafka(), "chaos-" + role));
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    for (AutoCloseable service : services) {
                      service.close();
                    }
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }));
    new CountDownLatch(1).await();
  }
}
