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
  private final String option;
  private final Path log;

  private Platform(PlatformClient client, StandaloneProcess child, String option, Path log) {
    this.client = client;
    this.child = child;
    this.option = option;
    this.log = log;
  }

  /** A platform that somebody else runs. */
  public static Platform at(URI server) {
    PlatformClient client = new PlatformClient(server, Credentials.ofEnvironment());
    if (!client.isReady()) {
      throw new PlatformFailure(
          Problem.passing(
              "PLATFORM_UNREACHABLE",
              "No platform is ready at " + server + ".",
              "Check that it runs and that the address is right."));
    }
    return new Platform(client, null, "--server " + server, null);
  }

  /** The platform on {@code data}: the one that runs there, or a new child process. */
  public static Platform on(Installation installation, Path data, int port, Terminal terminal) {
    String option = "--data '" + data + "'";
    Optional<RunningPlatform> running = RunningPlatform.find(data);
    if (running.isPresent()) {
      terminal.note("Using the platform that runs at " + running.get().address() + ".");
      PlatformClient client = new PlatformClient(running.get().address(), Credentials.of(data));
      return new Platform(client, null, option, null);
    }
    terminal.note("Starting the platform (data: " + data + ").");
    StandaloneProcess child =
        StandaloneProcess.start(
            installation, data, port, StandaloneProcess.Settings.standard(), elapsed -> {});
    terminal.note("Platform ready at " + child.address() + ".");
    return new Platform(
        new PlatformClient(child.address(), Credentials.of(data)),
        child,
        option,
        StandaloneProcess.logFile(data));
  }

  /** The platform that runs on {@code data} already. */
  public static Optional<Platform> running(Path data) {
    return RunningPlatform.find(data)
        .map(found -> new PlatformClient(found.address(), Credentials.of(data)))
        .map(client -> new Platform(client, null, "--data '" + data + "'", null));
  }

  /** The same platform, asked with a token; null leaves it as it is. */
  public Platform asking(String token) {
    return token == null ? this : new Platform(client.asking(token), child, option, log);
  }

  public PlatformClient client() {
    return client;
  }

  /** The command that follows a screening of this platform again. */
  public String followAgain(String screeningId) {
    return "lazaret screen --attach " + screeningId + " " + option;
  }

  /** Whether this command started the platform and will stop it. */
  public boolean isOwn() {
    return child != null;
  }

  /** Whether this command's platform ended although nobody asked it to. */
  public boolean hasDied() {
    return child != null && child.hasDied();
  }

  /** What to say when it {@link #hasDied()}. */
  public Problem death() {
    return Problem.passing(
        "PLATFORM_DIED", "The platform ended unexpectedly; see " + log + ".", "Start it again.");
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
