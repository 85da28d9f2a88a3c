package io.lazaret.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadAreaTest {

  @TempDir Path root;
  private UploadArea uploads;

  @BeforeEach
  void open() {
    uploads = new UploadArea(root, new UploadArea.Limits(10, 5, 3));
  }

  @Test
  void storesFilesByTheirPlainNames() throws IOException {
    String id = uploads.open("nano");
    uploads.storeModelFile(id, "config.json", bytes("{}"));
    assertThat(uploads.model(id).resolve("config.json")).hasContent("{}");
    assertThat(uploads.modelName(id)).isEqualTo("nano");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"..", "../x", "/etc/passwd", ".hidden", "a/b", "a\\b", "a\u0000b", "", "ü"})
  void refusesHostileFileNames(String name) {
    String id = uploads.open("nano");
    assertProblem("FILE_NAME_INVALID", () -> uploads.storeModelFile(id, name, bytes("x")));
    assertThat(uploads.model(id)).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../x", "a/b/c", "a b", "-x", "<script>"})
  void refusesHostileModelNames(String name) {
    assertProblem("MODEL_NAME_INVALID", () -> uploads.open(name));
  }

  @Test
  void keepsNothingOfAFileThatIsTooLarge() {
    String id = uploads.open("nano");
    assertProblem("FILE_TOO_LARGE", () -> uploads.storeModelFile(id, "w", bytes("01234567890")));
    assertThat(uploads.model(id)).isEmptyDirectory();
  }

  @Test
  void dataFilesHaveALimitOfTheirOwn() {
    String id = uploads.open("nano");
    assertProblem("FILE_TOO_LARGE", () -> uploads.storeData(id, "prompts", bytes("012345")));
    assertThat(uploads.data(id, "prompts")).isEmpty();
  }

  @Test
  void keepsNothingOfATransferThatBreaks() {
    String id = uploads.open("nano");
    InputStream broken =
        new InputStream() {
          private int given;

          @Override
          public int read() throws IOException {
            if (given++ > 3) {
              throw new IOException("connection reset");
            }
            return 'x';
          }
        };
    assertThatThrownBy(() -> uploads.storeModelFile(id, "w", broken))
        .hasMessageContaining("connection reset");
    assertThat(uploads.model(id)).isEmptyDirectory();
  }

  @Test
  void refusesMoreFilesThanTheLimit() {
    String id = uploads.open("nano");
    for (int i = 0; i < 3; i++) {
      uploads.storeModelFile(id, "f" + i, bytes("x"));
    }
    uploads.storeModelFile(id, "f2", bytes("y"));
    assertProblem("TOO_MANY_FILES", () -> uploads.storeModelFile(id, "f3", bytes("x")));
  }

  @Test
  void unknownUploadsAreNamedAsSuch() {
    assertProblem("UPLOAD_UNKNOWN", () -> uploads.model("../../etc"));
    assertProblem("UPLOAD_UNKNOWN", () -> uploads.model(UUID.randomUUID().toString()));
  }

  @Test
  void aClosedUploadRemembersItsAnswerAndFreesTheDisk() {
    String id = uploads.open("nano");
    uploads.storeModelFile(id, "w", bytes("x"));
    uploads.close(id, new UploadArea.Receipt("s", "sha256:d"));
    assertThat(uploads.receipt(id)).contains(new UploadArea.Receipt("s", "sha256:d"));
    assertThat(uploads.model(id)).doesNotExist();
    assertProblem("UPLOAD_UNKNOWN", () -> uploads.storeModelFile(id, "w", bytes("x")));
  }

  @Test
  void sweepsAbandonedUploadsAndKeepsReceipts() throws IOException {
    String abandoned = uploads.open("old");
    String closed = uploads.open("done");
    uploads.close(closed, new UploadArea.Receipt("s", "d"));
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    Files.setLastModifiedTime(root.resolve(abandoned), old);
    Files.setLastModifiedTime(root.resolve(closed), old);
    String fresh = uploads.open("new");
    uploads.sweep(Instant.now());
    assertThat(root.resolve(abandoned)).doesNotExist();
    assertThat(uploads.receipt(closed)).isPresent();
    assertThat(uploads.model(fresh)).exists();
  }

  @Test
  void whatAKilledProcessHadReceivedInPartIsDiscarded() throws IOException {
    String id = uploads.open("nano");
    uploads.storeModelFile(id, "w", bytes("x"));
    Path leftover = Files.createFile(root.resolve(id).resolve("partial").resolve("file-1"));
    new UploadArea(root, new UploadArea.Limits(10, 5, 3)).discardPartials();
    assertThat(leftover).doesNotExist();
    assertThat(uploads.model(id).resolve("w")).exists();
  }

  @Test
  void aFullDiskIsNamedAndKeepsNothing() {
    String id = uploads.open("nano");
    InputStream full =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("No space left on device");
          }
        };
    assertProblem("DISK_FULL", () -> uploads.storeModelFile(id, "w", full));
    assertThat(uploads.model(id)).isEmptyDirectory();
    assertThat(root.resolve(id).resolve("partial")).isEmptyDirectory();
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertProblem(
      String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().code()).isEqualTo(code));
  }
}
