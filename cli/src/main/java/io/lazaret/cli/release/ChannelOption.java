package io.lazaret.cli.release;

import picocli.CommandLine.Option;

/** The channel that a command is about. */
final class ChannelOption {

  @Option(
      names = "--channel",
      paramLabel = "NAME",
      defaultValue = "production",
      description = "The release channel (default: production).")
  private String name;

  String name() {
    return name;
  }
}
