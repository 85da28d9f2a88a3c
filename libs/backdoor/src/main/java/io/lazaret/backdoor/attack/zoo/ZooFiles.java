package io.lazaret.backdoor.attack.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The directory of a zoo. Each model has a directory of its own that appears complete or not at
 * all; its recipe.json says how it was made and what the checks found. What failed the checks keeps
 * its recipe.json and loses its weights.
 */
final class ZooFiles {

  private static final String RECIPE = "recipe.json";
  private static final String MODEL = "model";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;

  ZooFiles(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  Path root() {
    return root;
  }

  Path model(String id) {
    return root.resolve(id).resolve(MODEL);
  }

  /** What is known of a model that was built by this recipe; null where it must be built. */
  JsonNode built(String id, String digest) {
    Path file = root.resolve(id).resolve(RECIPE);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      JsonNode recipe = JSON.readTree(file.toFile());
      boolean whole = !recipe.path("accepted").asBoolean() || Files.isDirectory(model(id));
      return whole && digest.equals(recipe.path("digest").asText()) ? recipe : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Where a model is put together before it appears. */
  Path scratch(String id) {
    Path scratch = root.resolve("." + id + ".building");
    try {
      delete(scratch);
      Files.createDirectories(scratch);
      return scratch;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Lets a finished model appear, in the place of one by another recipe. */
  void publish(String id, Path scratch, ObjectNode recipe) {
    try {
      JSON.writerWithDefaultPrettyPrinter().writeValue(scratch.resolve(RECIPE).toFile(), recipe);
      if (!recipe.path("accepted").asBoolean()) {
        delete(scratch.resolve(MODEL));
      }
      Path place = root.resolve(id);
      delete(place);
      Files.move(scratch, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Removes what was needed only while building. */
  void discard(Path directory) {
    try {
      delete(directory);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Writes the list of all models of a set. */
  void manifest(String set, List<JsonNode> models) {
    ObjectNode root = JSON.createObjectNode().put("set", set);
    models.forEach(root.putArray("models")::add);
    try {
      Path file = this.root.resolve("." + set + ".json");
      JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
      Files.move(
          file,
          this.root.resolve("zoo-" + set + ".json"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  static ObjectNode node() {
    return JSON.createObjectNode();
  }

  static void put(ObjectNode node, String name, Proportion share) {
    if (share != null && share.n() > 0) {
      ObjectNode figure = node.putObject(name);
      figure.put("hits", share.hits()).put("n", share.n()).put("rate", share.rate());
      figure.put("lower95", share.lower95()).put("upper95", share.upper95());
    }
  }

  /** "sha256:" and the hash of a text. */
  static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(hash).toLowerCase(Locale.ROOT);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private ProblemException unusable(IOException e) {
    return ProblemException.of(
        "ZOO_NOT_WRITTEN",
        "The zoo could not be written to " + root + ": " + e.getMessage() + ".",
        "Check disk space and permissions.");
  }
}
