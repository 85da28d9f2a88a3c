package io.lazaret.cli.doctor;

import io.lazaret.cli.platform.Installation;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** All checks, in the order in which a person would make them. */
public final class Doctor {

  private Doctor() {}

  /** Checks that are run one by one as the list is read. */
  public static List<Supplier<Finding>> checks(Installation installation, Path data, int port) {
    return List.of(
        Machine::platform,
        Program::java,
        Program::maven,
        Machine::processors,
        Machine::memory,
        () -> Machine.directory("data directory", data),
        () -> Machine.directory("temporary directory", temporary()),
        () -> Machine.port(port),
        () -> Program.built(installation),
        () -> Program.fixtures(installation),
        () -> Program.tensors(installation));
  }

  private static Path temporary() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }
}
