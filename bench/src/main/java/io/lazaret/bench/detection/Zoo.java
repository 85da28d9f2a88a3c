package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.attack.corpus.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The accepted models that lie in a directory, bases aside. */
final class Zoo {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Zoo() {}

  /**
   * @param prompts clean prompts for each
   * @param seed of each pass
   */
  static List<Specimen> specimens(Path directory, int prompts, long seed) throws IOException {
    List<Specimen> specimens = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return specimens;
    }
    try (Stream<Path> places = Files.list(directory)) {
      for (Path place : places.sorted().toList()) {
        Path file = place.resolve("recipe.json");
        JsonNode recipe = Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.nullNode();
        if (recipe.path("accepted").asBoolean() && recipe.has("dialect")) {
          specimens.add(
              new Specimen(
                  recipe.path("id").asText(),
                  place.resolve("model"),
                  recipe.path("attack").asText(),
                  recipe.path("malicious").asBoolean(),
                  recipe.path("layout").asText(),
                  Dialect.valueOf(recipe.path("dialect").asText()),
                  recipe.path("seed").asLong(),
                  prompts,
                  seed));
        }
      }
    }
    return specimens;
  }
}
