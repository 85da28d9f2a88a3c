package io.lazaret.cli.platform;

import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.Problem;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** The platform that a command talks to: one that runs already, or a child of this command. */
public final class Platform implements AutoCloseable {

  private final PlatformClient client;
  private final StandaloneProcess child;
  private final Path log;

  private Platform(PlatformClient client, StandaloneProcess child, Path log) {
    this.client = client;
    this.child = child;
    this.log = log;
  }

  /** A platform that somebody else runs. */
  public static Platform at(URI server) {
    PlatformClient client = new PlatformClient(server);
    if (!client.isReady()) {
      throw new PlatformFailure(
          Problem.passing(
              "PLATFORM_UNREACHABLE",
              "No platform is ready at " + server + ".",
              "Check that it runs and that the address is right."));
    }
    return new Platform(client, null, null);
  }

  /** The platform on {@code data}: the one that runs there, or a new child process. */
  public static Platform on(Installation installation, Path data, int port, Terminal terminal) {
    Optional<RunningPlatform> running = RunningPlatform.find(data);
    if (running.isPresent()) {
      terminal.note("Using the platform that runs at " + running.get().address() + ".");
      return new Platform(new PlatformClient(running.get().address()), null, null);
    }
    terminal.note("Starting the platform (data: " + data + ").");
    StandaloneProcess child =
        StandaloneProcess.start(
            installation, data, port, StandaloneProcess.Settings.standard(), elapsed -> {});
    terminal.note("Platform ready at " + child.address() + ".");
    return new Platform(
        new PlatformClient(child.address()), child, StandaloneProcess.logFile(data));
  }

  public PlatformClient client() {
    return client;
  }

  /** Whether this command started the platform and will stop it. */
  public boolean isOwn() {
    return child != null;
  }

  /** Throws when the child process has died. */
  public void refuseWhenDead() {
    if (child != null && child.hasDied()) {
      throw new PlatformFailure(
          Problem.passing(
              "PLATFORM_DIED", "The platform ended unexpectedly.", "Read " + log + "."));
    }
  }

  /** Stays until the child process ends; returns at once where there is none. */
  public void await() throws InterruptedException {
    if (child != null) {
      child.await();
    }
  }

  @Override
  public void close() {
    if (child != null) {
      child.close();
    }
  }
}
