package io.lazaret.cli;

import picocli.CommandLine.Option;

/** How a command answers; the same for all of them. */
public final class JsonOption {

  @Option(names = "--json", description = "Print one JSON document on stdout.")
  public boolean json;
}
