package io.lazaret.tests;

import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.StandaloneProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The built platform as a process of its own, with settings of the test in its data directory. */
final class ConfiguredPlatform {

  private ConfiguredPlatform() {}

  /**
   * @param settings lines of the application.properties in the configuration of the data directory
   */
  static StandaloneProcess start(Path data, String settings) throws IOException {
    Path config = Files.createDirectories(data.resolve("config"));
    Files.writeString(config.resolve("application.properties"), settings);
    return StandaloneProcess.start(
        new Installation(Shipped.ROOT, Path.of(System.getProperty("java.home"), "bin", "java")),
        data,
        0,
        StandaloneProcess.Settings.standard(),
        elapsed -> {});
  }
}
