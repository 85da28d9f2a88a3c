package io.lazaret.cli.release;

import io.lazaret.cli.PlatformOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The platform that a command asks, and how it answers. */
final class ServerOptions {

  @Mixin private PlatformOptions options;

  @Option(names = "--server", paramLabel = "URL", description = "A platform that runs elsewhere.")
  private String server;

  @Option(names = "--json", description = "Print one JSON document.")
  boolean json;

  Platform open(Installation installation, Terminal terminal) {
    return server == null
        ? options.open(installation, terminal)
        : Platform.at(PlatformOptions.address(server));
  }
}
