package io.lazaret.tests.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files of the repository, as these tests read them. */
final class Repository {

  static final List<String> SERVICES =
      List.of(
          "ingestion",
          "detection",
          "simulation",
          "elimination",
          "evaluation",
          "orchestration",
          "console",
          "notification");

  static final List<String> STAGES =
      List.of("detection", "simulation", "elimination", "evaluation");

  private static final Path ROOT = Path.of(System.getProperty("lazaret.root"));

  private Repository() {}

  static Path file(String path) {
    return ROOT.resolve(path);
  }

  static String text(String path) {
    try {
      return Files.readString(file(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode yaml(String path) {
    try {
      return new YAMLMapper(new YAMLFactory()).readTree(text(path));
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }
}
