package io.lazaret.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finished cases with all their figures, one file each. */
public final class Cells {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;

  public Cells(Path directory) {
    this.directory = directory;
  }

  /** Stores one, in the place of an earlier one of this name. */
  public void write(String name, ObjectNode figures) {
    try {
      Files.createDirectories(directory);
      Path part = directory.resolve("." + name + ".part");
      JSON.writerWithDefaultPrettyPrinter().writeValue(part.toFile(), figures);
      Files.move(part, file(name), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the cell of this name is, or would be. */
  public Path file(String name) {
    return directory.resolve(name + ".json");
  }

  /** All cells, in the order of their names. */
  public List<JsonNode> all() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<JsonNode> cells = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        cells.add(JSON.readTree(file.toFile()));
      }
      return cells;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
