package io.lazaret.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataLockTest {

  @TempDir Path directory;

  @Test
  void oneHolderAtATimeAndTheNextAfterIt() throws Exception {
    Path data = directory.resolve("data");
    try (DataLock held = DataLock.take(data)) {
      assertThat(held).isNotNull();
      assertProblem(data, "DATA_DIR_IN_USE");
    }
    assertThatCode(() -> DataLock.take(data).close()).doesNotThrowAnyException();
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsNamed() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertProblem(file, "DATA_DIR_UNUSABLE");
  }

  private static void assertProblem(Path data, String code) {
    assertThatThrownBy(() -> DataLock.take(data))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence()).contains(data.toString());
            });
  }
}
