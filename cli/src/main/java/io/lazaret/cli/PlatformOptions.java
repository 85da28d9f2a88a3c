package io.lazaret.cli;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.problem.ProblemException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which platform a command works on. */
public final class PlatformOptions {

  private static final int HIGHEST_PORT = 65_535;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where the platform keeps its data (default: .lazaret in the repository). A platform that"
              + " runs there already is used.")
  Path data;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "HTTP port of a platform that is started; 0 takes a free one (default: 0).")
  int port;

  public Platform open(Installation installation, Terminal terminal) {
    return Platform.on(installation, dataDirectory(installation), checkedPort(), terminal);
  }

  /** The platform that runs on the data now; empty when there is none. */
  public Optional<Platform> running(Installation installation) {
    return Platform.running(dataDirectory(installation));
  }

  Path dataDirectory(Installation installation) {
    return (data == null ? installation.defaultData() : data).toAbsolutePath().normalize();
  }

  int checkedPort() {
    if (port < 0 || port > HIGHEST_PORT) {
      throw ProblemException.of(
          "PORT_INVALID", "--port is " + port + ".", "Give a port from 0 to " + HIGHEST_PORT + ".");
    }
    return port;
  }

  /** A platform address as the user wrote it. */
  public static URI address(String given) {
    try {
      URI address = URI.create(given);
      boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
      if (http && address.getHost() != null) {
        return address;
      }
    } catch (IllegalArgumentException notAUri) {
      // told below
    }
    throw ProblemException.of(
        "SERVER_ADDRESS_INVALID",
        "--server " + given + " is not an address.",
        "Give one like http://127.0.0.1:8080.");
  }
}
