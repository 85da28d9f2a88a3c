package io.lazaret.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Broker and registry in a process of their own, which a test can kill. */
final class ServerProcess implements AutoCloseable {

  private final Process process;
  private final String bootstrapServers;
  private final String registryUrl;

  private ServerProcess(Process process, String bootstrapServers, String registryUrl) {
    this.process = process;
    this.bootstrapServers = bootstrapServers;
    this.registryUrl = registryUrl;
  }

  static ServerProcess start(Path dir) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ServerProcess.class.getName(),
                dir.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String ready = out.readLine();
    if (ready == null) {
      throw new IOException("the server process ended with " + process.exitValue());
    }
    String[] addresses = ready.split(" ");
    return new ServerProcess(process, addresses[0], addresses[1]);
  }

  String bootstrapServers() {
    return bootstrapServers;
  }

  String registryUrl() {
    return registryUrl;
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the server process cannot be killed");
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  public static void main(String[] args) {
    EmbeddedKafka kafka = new EmbeddedKafka(Path.of(args[0], "kafka"), 0);
    EmbeddedRegistry registry = new EmbeddedRegistry(Path.of(args[0], "registry"), 0);
    System.out.println(kafka.bootstrapServers() + " " + registry.url());
    System.out.flush();
  }
}
