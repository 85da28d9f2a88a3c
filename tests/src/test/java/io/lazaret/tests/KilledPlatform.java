package io.lazaret.tests;

import io.lazaret.cli.platform.Credentials;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.cli.platform.StandaloneProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The built platform, killed and started again over and over. It takes work up before it says that
 * it is ready, so nobody waits for that but who wants to talk to it.
 */
final class KilledPlatform implements AutoCloseable {

  private final Path data;
  private final String settings;
  private CompletableFuture<StandaloneProcess> start;

  KilledPlatform(Path data, String settings) {
    this.data = data;
    this.settings = settings;
    start();
  }

  private void start() {
    start =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return ConfiguredPlatform.start(data, settings);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /** Talks to it as soon as it is ready. */
  PlatformClient client() {
    return new PlatformClient(start.join().address(), Credentials.of(data));
  }

  /** SIGKILL, whether it is ready or not; then something may be done before the next start. */
  void restart(Runnable between) throws Exception {
    ProcessHandle process =
        ProcessHandle.current()
            .children()
            .filter(child -> child.info().commandLine().orElse("").contains(data.toString()))
            .findFirst()
            .orElseThrow();
    process.destroyForcibly();
    process.onExit().get(20, TimeUnit.SECONDS);
    // One that was not ready yet ends in an exception.
    start.handle((ready, died) -> ready).join();
    between.run();
    start();
  }

  @Override
  public void close() {
    start.join().close();
  }
}
