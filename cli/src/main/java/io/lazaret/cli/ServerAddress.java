package io.lazaret.cli;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The platform that a command asks. */
public final class ServerAddress {

  @Mixin private PlatformOptions options;

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "Use the platform at this address instead of one on this machine.")
  private String server;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Ask with this token instead of LAZARET_TOKEN. Others on this machine see the arguments of"
              + " processes: give @FILE with --token TOKEN in it, or set LAZARET_TOKEN.")
  private String token;

  /** The one that was named, that runs on the data, or a new one. */
  public Platform open(Installation installation, Terminal terminal) {
    if (server != null && options.data != null) {
      throw ProblemException.of(
          "USAGE", "--server and --data name two platforms.", "Give one of them.");
    }
    Platform platform =
        server == null
            ? options.open(installation, terminal)
            : Platform.at(PlatformOptions.address(server));
    return platform.asking(token);
  }

  /** The platform that runs on the data now; empty where another one was named, or none runs. */
  public Optional<Platform> running(Installation installation) {
    return server == null
        ? options.running(installation).map(platform -> platform.asking(token))
        : Optional.empty();
  }
}
