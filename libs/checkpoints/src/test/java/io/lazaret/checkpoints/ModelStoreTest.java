package io.lazaret.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelStoreTest {

  @TempDir Path dir;

  private S3Settings settings;
  private ObjectStore objects;
  private ModelStore models;
  private Path model;
  private Path cache;

  @BeforeEach
  void open() throws IOException {
    settings = Store.settings();
    objects = Store.open(settings);
    models = new ModelStore(objects);
    cache = dir.resolve("cache");
    model = Files.createDirectory(dir.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("model.safetensors"), "weights");
    Files.createDirectory(model.resolve("extra"));
    Files.writeString(model.resolve("extra/notes.txt"), "notes");
  }

  @AfterEach
  void close() {
    objects.close();
  }

  @Test
  void givesBackTheSameFilesUnderADigestOfTheirContent() throws IOException {
    String digest = models.put(model);
    assertThat(digest).matches("sha256:[0-9a-f]{64}");
    Path fetched = models.fetch(digest, cache);
    for (String file : List.of("config.json", "model.safetensors", "extra/notes.txt")) {
      assertThat(fetched.resolve(file)).hasSameBinaryContentAs(model.resolve(file));
    }
    assertThat(models.manifest(digest).files())
        .extracting(Manifest.Entry::path)
        .containsExactly("config.json", "extra/notes.txt", "model.safetensors");
    assertThat(models.put(fetched)).isEqualTo(digest);
  }

  @Test
  void keepsTheDigestStableForever() throws IOException {
    Path one = Files.createDirectory(dir.resolve("one"));
    Files.writeString(one.resolve("a"), "hello");
    String json =
        "{\"files\":[{\"path\":\"a\",\"sha256\":"
            + "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\",\"size\":5}]}";
    String digest = models.put(one);
    assertThat(digest).isEqualTo("sha256:" + Sha256.of(json.getBytes(StandardCharsets.UTF_8)));
    assertThat(Store.fileOf(settings, "models/sha256/" + digest.substring(7) + "/manifest.json"))
        .hasContent(json);
  }

  @Test
  void givesEveryChangeAnotherDigest() throws IOException {
    String before = models.put(model);
    Files.writeString(model.resolve("config.json"), "{ }");
    String content = models.put(model);
    Files.move(model.resolve("config.json"), model.resolve("Config2.json"));
    String name = models.put(model);
    assertThat(List.of(before, content, name)).doesNotHaveDuplicates();
    assertThat(models.fetch(before, cache).resolve("config.json")).hasContent("{}");
  }

  @Test
  void storesWhatTwoModelsShareOnce() throws IOException {
    models.put(model);
    Files.writeString(model.resolve("config.json"), "{ }");
    models.put(model);
    try (Stream<Path> blobs = Files.list(Store.fileOf(settings, "blobs/sha256"))) {
      assertThat(blobs.filter(Files::isRegularFile)).hasSize(4);
    }
  }

  @Test
  void noticesABitThatTurnedOverInTheStore() throws IOException {
    String digest = models.put(model);
    String blob = models.object(models.manifest(digest).files().get(2)).key();
    Store.damage(settings, blob);
    Problem problem = Store.problem(() -> models.fetch(digest, cache));
    assertThat(problem.code()).isEqualTo("OBJECT_CORRUPT");
    assertThat(problem.sentence()).contains(blob);
    assertThat(cache).isEmptyDirectory();
    models.put(model);
    assertThat(models.fetch(digest, cache)).isDirectory();
  }

  @Test
  void noticesAManifestThatWasTamperedWith() throws IOException {
    String digest = models.put(model);
    String key = "models/sha256/" + digest.substring(7) + "/manifest.json";
    Store.damage(settings, key);
    Problem problem = Store.problem(() -> models.manifest(digest));
    assertThat(problem.code()).isEqualTo("OBJECT_CORRUPT");
    assertThat(problem.sentence()).contains(key);
  }

  @Test
  void noticesAndRepairsABitThatTurnedOverInTheCache() throws IOException {
    String digest = models.put(model);
    Path file = models.fetch(digest, cache).resolve("model.safetensors");
    Files.writeString(file, "wEights");
    assertThat(models.fetch(digest, cache).resolve("model.safetensors")).hasContent("weights");
    Files.writeString(file.resolveSibling("added.py"), "import os");
    assertThat(models.fetch(digest, cache).resolve("added.py")).doesNotExist();
  }

  @Test
  void usesTheCacheWithoutDownloadingAgain() throws IOException {
    String digest = models.put(model);
    Path file = models.fetch(digest, cache).resolve("model.safetensors");
    var written = Files.getLastModifiedTime(file);
    Store.damage(settings, models.object(models.manifest(digest).files().get(2)).key());
    assertThat(models.fetch(digest, cache).resolve("model.safetensors")).isEqualTo(file);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\\b",
        ".hidden",
        "trailing.",
        "trailing ",
        "nul",
        "COM1.txt",
        "tab\tname",
        "new\nline",
        "colon:stream",
        "é",
        "*",
        "\u202Egpj.exe"
      })
  void refusesFilesWithNamesThatAreNotPlain(String name) throws IOException {
    Files.writeString(model.resolve(name), "x");
    Problem problem = Store.problem(() -> models.put(model));
    assertThat(problem.code()).isEqualTo("FILE_NAME_REFUSED");
    assertThat(problem.sentence()).matches("\\p{ASCII}+");
    assertThat(Store.fileOf(settings, "models")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../etc/passwd",
        "/etc/passwd",
        "a/../b",
        "./a",
        "a//b",
        "a/",
        "",
        "C:/x",
        "a\\..\\b",
        "a\0b",
        "~/x/.."
      })
  void neverFetchesAManifestThatLeavesItsDirectory(String path) {
    String json =
        "{\"files\":[{\"path\":\""
            + path.replace("\\", "\\\\").replace("\0", "\\u0000")
            + "\",\"sha256\":\""
            + "0".repeat(64)
            + "\",\"size\":0}]}";
    assertThat(fetchManifest(json).code()).isEqualTo("MANIFEST_REFUSED");
    assertThat(cache).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"files\":[]}",
        "{\"files\":null}",
        "{\"files\":[null]}",
        "{\"files\":[{\"path\":\"a\",\"sha256\":\"xyz\",\"size\":1}]}",
        "{\"files\":[{\"path\":\"a\",\"sha256\":null,\"size\":1}]}",
      })
  void refusesManifestsThatAreNone(String json) {
    assertThat(fetchManifest(json).code()).isEqualTo("MANIFEST_REFUSED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a a", "A a", "a a/b"})
  void refusesManifestsWhoseFilesGetInEachOthersWay(String paths) {
    String entry = "{\"path\":\"%s\",\"sha256\":\"" + "0".repeat(64) + "\",\"size\":1}";
    String[] both = paths.split(" ");
    String json = "{\"files\":[" + entry.formatted(both[0]) + "," + entry.formatted(both[1]) + "]}";
    assertThat(fetchManifest(json).code()).isEqualTo("MANIFEST_REFUSED");
  }

  @Test
  void startsNoDownloadThatTheDiskHasNoRoomFor() {
    String json =
        "{\"files\":[{\"path\":\"a\",\"sha256\":\""
            + "0".repeat(64)
            + "\",\"size\":"
            + (1L << 44)
            + "}]}";
    Problem problem = fetchManifest(json);
    assertThat(problem.code()).isEqualTo("DISK_FULL");
    assertThat(problem.retryable()).isTrue();
    assertThat(cache).isEmptyDirectory();
  }

  /** Fetches a model whose manifest is under its right digest, whatever it says. */
  private Problem fetchManifest(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    String hash = Sha256.of(bytes);
    objects.put("models/sha256/" + hash + "/manifest.json", bytes);
    return Store.problem(() -> models.fetch("sha256:" + hash, cache));
  }

  @Test
  void refusesLinksInModelsButFollowsTheOneToTheModelItself() throws IOException {
    String digest = models.put(model);
    Path link = Files.createSymbolicLink(dir.resolve("link"), model);
    assertThat(models.put(link)).isEqualTo(digest);
    Files.createSymbolicLink(model.resolve("passwd"), Path.of("/etc/passwd"));
    assertThat(Store.problem(() -> models.put(model)).code()).isEqualTo("NOT_A_REGULAR_FILE");
  }

  @Test
  void refusesDirectoriesWithoutFilesAndPathsThatAreNone() throws IOException {
    Path empty = Files.createDirectory(dir.resolve("empty"));
    assertThat(Store.problem(() -> models.put(empty)).code()).isEqualTo("MANIFEST_REFUSED");
    assertThat(Store.problem(() -> models.put(dir.resolve("none"))).code())
        .isEqualTo("DISK_FAILED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256:", "sha256:../..", "md5:00", "sha256:ABC"})
  void refusesDigestsThatAreNone(String digest) {
    assertThat(Store.problem(() -> models.fetch(digest, cache)).code()).isEqualTo("DIGEST_INVALID");
  }

  @Test
  void saysThatAModelIsNotThere() {
    String digest = "sha256:" + "0".repeat(64);
    assertThat(Store.problem(() -> models.fetch(digest, cache)).code())
        .isEqualTo("OBJECT_NOT_FOUND");
  }

  @Test
  void leavesNothingBehindWhenTheCacheCannotBeWritten() throws IOException {
    String digest = models.put(model);
    Path file = Files.writeString(dir.resolve("file"), "x");
    assertThat(Store.problem(() -> models.fetch(digest, file)).code()).isEqualTo("DISK_FAILED");
    assertThat(file).hasContent("x");
  }
}
