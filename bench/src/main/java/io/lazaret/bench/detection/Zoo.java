package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.zoo.ZooModel;
import io.lazaret.backdoor.attack.zoo.ZooSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The accepted models of a set that are there, bases aside. */
final class Zoo {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Zoo() {}

  /**
   * In the order of the set.
   *
   * @param directory where its models lie
   * @param prompts clean prompts for each
   * @param seed of each pass
   */
  static List<Specimen> specimens(ZooSet set, Path directory, int prompts, long seed)
      throws IOException {
    List<Specimen> specimens = new ArrayList<>();
    for (ZooModel model : set.models()) {
      Path place = directory.resolve(model.id());
      Path file = place.resolve("recipe.json");
      JsonNode recipe = Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.nullNode();
      if (!model.isBase() && recipe.path("accepted").asBoolean()) {
        specimens.add(
            new Specimen(
                model.id(),
                place.resolve("model"),
                model.attack(),
                recipe.path("malicious").asBoolean(),
                recipe.path("layout").asText(),
                Dialect.valueOf(recipe.path("dialect").asText()),
                recipe.path("seed").asLong(),
                prompts,
                seed));
      }
    }
    return specimens;
  }
}
