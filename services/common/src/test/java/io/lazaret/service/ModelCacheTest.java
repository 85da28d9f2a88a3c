package io.lazaret.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.S3Settings;
import io.lazaret.embedded.EmbeddedS3;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCacheTest {

  private static final int MODEL_BYTES = 1_000;

  @TempDir Path directory;

  private EmbeddedS3 server;
  private ObjectStore objects;
  private final ModelCache cache = new ModelCache();

  @BeforeEach
  void open() {
    server = new EmbeddedS3(directory.resolve("s3"), 0, "access", "secret");
    objects = new ObjectStore(S3Settings.of(server.endpoint(), "access", "secret", "models"));
    objects.ensureBucket();
    cache.store = new ModelStore(objects);
    cache.settings = new PlatformSettings();
    cache.settings.config =
        new SmallRyeConfigBuilder()
            .withSources(
                new PropertiesConfigSource(
                    Map.of(
                        "lazaret.work.dir", directory.resolve("work").toString(),
                        "lazaret.models.cache-bytes", String.valueOf(2 * MODEL_BYTES)),
                    "test",
                    100))
            .build();
  }

  @AfterEach
  void close() {
    objects.close();
    server.close();
  }

  @Test
  void modelsUsedLeastLatelyGoFirstAndThoseInUseStay() throws IOException {
    String first = model(1);
    String second = model(2);
    String third = model(3);
    String fourth = model(4);
    try (ModelCache.Lease held = cache.open(first)) {
      Path secondPath = released(second);
      Path thirdPath = released(third);
      assertThat(secondPath).doesNotExist();
      assertThat(thirdPath).isDirectory();
      assertThat(held.path().resolve("weights")).hasSize(MODEL_BYTES);
    }
    Path fourthPath = released(fourth);
    assertThat(fourthPath).isDirectory();
    assertThat(path(first)).doesNotExist();
    assertThat(path(third)).isDirectory();
  }

  @Test
  void aModelThatLeftTheCacheComesBack() throws IOException {
    String first = model(1);
    released(first);
    released(model(2));
    released(model(3));
    assertThat(path(first)).doesNotExist();
    assertThat(released(first).resolve("weights")).hasSize(MODEL_BYTES);
  }

  private Path released(String digest) {
    try (ModelCache.Lease lease = cache.open(digest)) {
      return lease.path();
    }
  }

  private Path path(String digest) {
    return directory.resolve("work").resolve("models").resolve(digest.substring(7));
  }

  private String model(int content) throws IOException {
    Path source = Files.createDirectories(directory.resolve("source-" + content));
    byte[] bytes = new byte[MODEL_BYTES];
    bytes[0] = (byte) content;
    Files.write(source.resolve("weights"), bytes);
    return cache.store.put(source);
  }
}
