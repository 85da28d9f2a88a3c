package io.lazaret.eventing.worker;

import io.lazaret.eventing.Examples;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.schemas.DetectBackdoor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own whose job never ends, to be killed. */
final class WorkerProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;

  private WorkerProcess(Process process) {
    this.process = process;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static WorkerProcess start(KafkaSettings kafka, String registryUrl, String workerId)
      throws IOException {
    return new WorkerProcess(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerProcess.class.getName(),
                kafka.bootstrapServers(),
                registryUrl,
                workerId)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /** Returns the screening of the job, once it runs. */
  String awaitJob() throws IOException {
    return out.readLine();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the worker cannot be killed");
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  public static void main(String[] args) throws InterruptedException {
    StageWorker<DetectBackdoor> worker =
        new StageWorker<>(
            WorkerSettings.of(KafkaSettings.of(args[0]), args[2], Examples.PRODUCER),
            new AvroSerde<>(new RegistryClient(RegistrySettings.of(args[1]))),
            DetectBackdoor.class,
            (command, context) -> {
              System.out.println(command.getEnvelope().getScreeningId());
              System.out.flush();
              new CountDownLatch(1).await();
              return null;
            });
    worker.start();
    new CountDownLatch(1).await();
  }
}
