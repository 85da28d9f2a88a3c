package io.lazaret.cli;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Terminal;
import picocli.CommandLine.Mixin;

/** The platform that a command asks, and how it answers. */
public final class ServerOptions {

  @Mixin private ServerAddress address;
  @Mixin private JsonOption output;

  /** The one that was named, that runs on the data, or a new one. */
  public Platform open(Installation installation, Terminal terminal) {
    return address.open(installation, terminal);
  }

  /** Which platform it is. */
  public ServerAddress address() {
    return address;
  }

  /** Whether one JSON document is wanted. */
  public boolean json() {
    return output.json;
  }
}
