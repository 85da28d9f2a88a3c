package io.lazaret.cli.platform;

import java.nio.file.Path;

/**
 * Where the program and what ships with it are.
 *
 * @param root top of the repository
 * @param java the JVM that runs the platform
 */
public record Installation(Path root, Path java) {

  public static Installation ofProcess() {
    return new Installation(
        Path.of(System.getProperty("lazaret.root", ".")).toAbsolutePath().normalize(),
        Path.of(System.getProperty("java.home"), "bin", "java"));
  }

  /** The platform in one JVM, as the build left it. */
  public Path platformJar() {
    return root.resolve("services/standalone/target/quarkus-app/quarkus-run.jar");
  }

  /** The shipped models and their data files. */
  public Path fixtures() {
    return root.resolve("fixtures");
  }

  /** Where a platform keeps its data unless told otherwise. */
  public Path defaultData() {
    return root.resolve(".lazaret");
  }
}
