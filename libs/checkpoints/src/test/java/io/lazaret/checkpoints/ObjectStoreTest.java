package io.lazaret.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.embedded.EmbeddedS3;
import io.lazaret.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectStoreTest {

  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
  private static final String HELLO_SHA =
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

  @TempDir Path dir;

  private S3Settings settings;
  private ObjectStore store;

  @BeforeEach
  void open() {
    settings = Store.settings();
    store = Store.open(settings);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void readsWhatItWroteAndSaysWhatThatIs() {
    StoredObject object = store.put("a/b", HELLO);
    assertThat(object).isEqualTo(new StoredObject(settings.bucket(), "a/b", HELLO_SHA, 5));
    assertThat(store.get(object)).isEqualTo(HELLO);
  }

  @Test
  void keepsEmptyObjects() {
    assertThat(store.get(store.put("empty", new byte[0]))).isEmpty();
  }

  @Test
  void leavesAnEqualObjectAsItIsAndRefusesAnotherUnderTheSameKey() throws IOException {
    StoredObject object = store.put("key", HELLO);
    var written = Files.getLastModifiedTime(Store.fileOf(settings, "key"));
    assertThat(store.put("key", HELLO)).isEqualTo(object);
    assertThat(Files.getLastModifiedTime(Store.fileOf(settings, "key"))).isEqualTo(written);
    Problem problem = Store.problem(() -> store.put("key", new byte[] {1}));
    assertThat(problem.code()).isEqualTo("OBJECT_CORRUPT");
    assertThat(problem.sentence()).contains(settings.bucket() + "/key");
    assertThat(store.get(object)).isEqualTo(HELLO);
  }

  @Test
  void sendsLargeFilesInPartsAndWritesThemOnce() throws IOException {
    byte[] bytes = new byte[(int) (Store.PART_BYTES * 2 + 12_345)];
    new Random(1).nextBytes(bytes);
    Path file = Files.write(dir.resolve("large"), bytes);
    StoredObject object = store.putContent("blobs", file);
    Path kept = Store.fileOf(settings, object.key());
    assertThat(object.size()).isEqualTo(bytes.length).isEqualTo(Files.size(kept));
    var written = Files.getLastModifiedTime(kept);
    assertThat(store.putContent("blobs", file)).isEqualTo(object);
    assertThat(Files.getLastModifiedTime(kept)).isEqualTo(written);
    Path copy = dir.resolve("deep/er/copy");
    store.download(object, copy);
    assertThat(copy).hasSameBinaryContentAs(file);
  }

  @Test
  void noticesOneBitThatTurnedOverAndLeavesNoFileBehind() throws IOException {
    StoredObject object = store.put("key", HELLO);
    Store.damage(settings, "key");
    assertThat(Store.problem(() -> store.get(object)).code()).isEqualTo("OBJECT_CORRUPT");
    Path copy = dir.resolve("copy");
    Problem problem = Store.problem(() -> store.download(object, copy));
    assertThat(problem.code()).isEqualTo("OBJECT_CORRUPT");
    assertThat(problem.retryable()).isFalse();
    assertThat(problem.sentence()).contains("key").contains(HELLO_SHA);
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void keepsTheOldFileWhenADownloadFails() throws IOException {
    StoredObject object = store.put("key", HELLO);
    Store.damage(settings, "key");
    Path target = Files.writeString(dir.resolve("target"), "before");
    Store.problem(() -> store.download(object, target));
    assertThat(target).hasContent("before");
    assertThat(dir).isDirectoryNotContaining(path -> !path.equals(target));
  }

  @Test
  void noticesObjectsThatAreShorterOrLongerThanTheyShouldBe() throws IOException {
    StoredObject object = store.put("key", HELLO);
    Path kept = Store.fileOf(settings, "key");
    for (String content : new String[] {"hell", "hello and more", ""}) {
      Files.writeString(kept, content);
      assertThat(Store.problem(() -> store.get(object)).code()).isEqualTo("OBJECT_CORRUPT");
    }
  }

  @Test
  void replacesADamagedObjectWhoseKeySaysWhatItMustContain() throws IOException {
    StoredObject object = store.putContent("data", HELLO);
    assertThat(object.key()).isEqualTo("data/sha256/" + HELLO_SHA);
    Store.damage(settings, object.key());
    assertThat(store.putContent("data", HELLO)).isEqualTo(object);
    assertThat(store.get(object)).isEqualTo(HELLO);
  }

  @Test
  void namesAnObjectThatIsMissing() {
    StoredObject missing = new StoredObject(settings.bucket(), "no/such", HELLO_SHA, 5);
    Problem problem = Store.problem(() -> store.get(missing));
    assertThat(problem.code()).isEqualTo("OBJECT_NOT_FOUND");
    assertThat(problem.sentence()).contains("no/such");
    assertThat(problem.retryable()).isFalse();
  }

  @Test
  void doesNotReadIntoMemoryWhatIsSaidToBeHuge() {
    StoredObject huge = new StoredObject(settings.bucket(), "huge", HELLO_SHA, 1L << 40);
    assertThat(Store.problem(() -> store.get(huge)).code()).isEqualTo("OBJECT_TOO_LARGE");
  }

  @Test
  void tellsADiskThatStopsWritingFromAStoreThatStops() {
    StoredObject object = store.put("key", HELLO);
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> store.read(object, full))
        .isInstanceOf(IOException.class);
    Path notADirectory = dir.resolve("file");
    store.download(object, notADirectory);
    Problem problem = Store.problem(() -> store.download(object, notADirectory.resolve("x")));
    assertThat(problem.code()).isEqualTo("DISK_FAILED");
  }

  @Test
  void saysThatAStoreIsDownAndThatThisMayPass() throws Exception {
    try (EmbeddedS3 other = new EmbeddedS3(dir.resolve("s3"), 0, Store.ACCESS, Store.SECRET)) {
      S3Settings there =
          new S3Settings(
              other.endpoint(), Store.ACCESS, Store.SECRET, "some", Duration.ofSeconds(5), 5 << 20);
      try (ObjectStore elsewhere = Store.open(there)) {
        StoredObject object = elsewhere.put("key", HELLO);
        other.close();
        Problem problem = Store.problem(() -> elsewhere.get(object));
        assertThat(problem.code()).isEqualTo("STORE_UNAVAILABLE");
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.sentence()).contains(other(there));
        assertThat(Store.problem(() -> elsewhere.put("other", HELLO)).retryable()).isTrue();
        try (EmbeddedS3 again =
            new EmbeddedS3(dir.resolve("s3"), port(there), Store.ACCESS, Store.SECRET)) {
          assertThat(again.endpoint()).isEqualTo(there.endpoint());
          assertThat(elsewhere.get(object)).isEqualTo(HELLO);
        }
      }
    }
  }

  private static String other(S3Settings settings) {
    return settings.endpoint();
  }

  private static int port(S3Settings settings) {
    return java.net.URI.create(settings.endpoint()).getPort();
  }

  @Test
  void saysThatAccessIsRefusedWithoutShowingTheSecret() {
    S3Settings wrong =
        new S3Settings(
            settings.endpoint(),
            Store.ACCESS,
            "wrong-secret",
            settings.bucket(),
            Duration.ofSeconds(5),
            5 << 20);
    try (ObjectStore other = new ObjectStore(wrong)) {
      Problem problem = Store.problem(() -> other.put("key", HELLO));
      assertThat(problem.code()).isEqualTo("STORE_REFUSED");
      assertThat(problem.toString() + wrong).doesNotContain("wrong-secret");
    }
  }

  @Test
  void letsManyMakeTheBucketAtOnce() {
    String bucket = settings.bucket() + "-shared";
    IntStream.range(0, 8)
        .parallel()
        .forEach(
            i -> {
              try (ObjectStore each = new ObjectStore(Store.settings(bucket))) {
                each.ensureBucket();
              }
            });
    try (ObjectStore each = new ObjectStore(Store.settings(bucket))) {
      assertThat(each.get(each.put("key", HELLO))).isEqualTo(HELLO);
    }
  }

  @Test
  void refusesSettingsThatCannotWork() {
    assertThat(Store.problem(() -> new ObjectStore(S3Settings.of("::", "a", "s", "b"))).code())
        .isEqualTo("STORE_SETTINGS_INVALID");
    for (String bucket : new String[] {"ab", "", "../up", "Capital", "a/b"}) {
      assertThat(Store.problem(() -> new ObjectStore(Store.settings(bucket))).code())
          .isEqualTo("STORE_SETTINGS_INVALID");
    }
  }
}
