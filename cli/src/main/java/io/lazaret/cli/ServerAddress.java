package io.lazaret.cli;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.net.URI;
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

  /** The one that was named, that runs on the data, or a new one. */
  public Platform open(Installation installation, Terminal terminal) {
    if (server != null && options.data != null) {
      throw ProblemException.of(
          "USAGE", "--server and --data name two platforms.", "Give one of them.");
    }
    return server == null
        ? options.open(installation, terminal)
        : Platform.at(PlatformOptions.address(server));
  }

  /** The platform that was named; empty where it is the one on the data directory. */
  public Optional<URI> server() {
    return Optional.ofNullable(server).map(PlatformOptions::address);
  }

  /** Where the data of a platform on this machine are. */
  public PlatformOptions local() {
    return options;
  }
}
