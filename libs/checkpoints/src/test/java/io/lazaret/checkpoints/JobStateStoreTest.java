package io.lazaret.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobStateStoreTest {

  private static final String JOB = "0123456789abcdef0123456789abcdef";

  @TempDir Path directory;

  private final S3Settings settings = Store.settings();
  private final ObjectStore objects = Store.open(settings);
  private final JobStateStore states = new JobStateStore(objects);

  private Path state(String weights, String step) throws IOException {
    Path folder = Files.createTempDirectory(directory, "state");
    Files.writeString(folder.resolve("weights.bin"), weights);
    Files.writeString(folder.resolve("step"), step);
    return folder;
  }

  private Path restored(String part) throws IOException {
    Path into = Files.createTempDirectory(directory, "into");
    return states.latest(JOB, part, into) ? into : null;
  }

  @Test
  void bringsBackTheLastStateOfEachPartAndKeepsNoOther() throws IOException {
    assertThat(restored("parrot-1")).isNull();
    states.save(JOB, "parrot-1", state("w", "1"));
    states.save(JOB, "parrot-2", state("other", "9"));
    states.save(JOB, "parrot-1", state("w", "2"));
    states.save(JOB, "parrot-1", state("w", "3"));
    Path found = restored("parrot-1");
    assertThat(found.resolve("step")).hasContent("3");
    assertThat(found.resolve("weights.bin")).hasContent("w");
    assertThat(restored("parrot-2").resolve("step")).hasContent("9");
    assertThat(objects.list("jobs/" + JOB + "/parrot-1/", 100)).hasSize(3);
  }

  @Test
  void aDamagedStateCountsAsNotSaved() throws IOException {
    states.save(JOB, "p", state("some weights", "1"));
    Store.damage(
        settings, "jobs/" + JOB + "/p/blobs/sha256/" + Sha256.of("some weights".getBytes()));
    assertThat(restored("p")).isNull();
    Path into = Files.createTempDirectory(directory, "into");
    assertThat(states.latest(JOB, "p", into)).isFalse();
    assertThat(into).isEmptyDirectory();
    states.save(JOB, "p", state("some weights", "2"));
    assertThat(restored("p").resolve("step")).hasContent("2");
  }

  @Test
  void aStateWhoseListWasNeverWrittenIsNone() throws IOException {
    objects.putContent("jobs/" + JOB + "/p/blobs", "half".getBytes());
    assertThat(restored("p")).isNull();
  }

  @Test
  void aStateThatNamesAFileOutsideOfItsFolderIsRefused() throws IOException {
    byte[] evil =
        ("{\"files\":[{\"path\":\"../evil\",\"sha256\":\"" + "0".repeat(64) + "\",\"size\":1}]}")
            .getBytes();
    objects.put("jobs/" + JOB + "/p/states/00000000-" + Sha256.of(evil) + ".json", evil);
    assertThat(restored("p")).isNull();
    assertThat(directory.resolve("evil")).doesNotExist();
  }

  @Test
  void forgetsAJobWithoutTouchingAnother() throws IOException {
    states.save(JOB, "a", state("w", "1"));
    states.save("1" + JOB, "a", state("w", "1"));
    states.forget(JOB);
    assertThat(objects.list("jobs/", 100)).hasSize(3).allMatch(o -> o.key().contains("1" + JOB));
    states.forget(JOB);
  }

  @Test
  void refusesNamesAndFoldersThatAreNotPlain() throws IOException {
    for (String name : List.of("", "..", "a/b", "a".repeat(101))) {
      assertThatThrownBy(() -> states.save(JOB, name, directory))
          .isInstanceOf(IllegalArgumentException.class);
    }
    Path nested = Files.createTempDirectory(directory, "nested");
    Files.createDirectory(nested.resolve("folder"));
    assertThat(Store.problem(() -> states.save(JOB, "p", nested)).code())
        .isEqualTo("JOB_STATE_REFUSED");
  }

  @Test
  void listsInTheOrderOfKeysAndRefusesMoreThanItMay() {
    objects.put("z/2", new byte[] {1, 2});
    objects.put("z/1", new byte[] {1});
    assertThat(objects.list("z/", 2)).extracting(ListedObject::key).containsExactly("z/1", "z/2");
    assertThat(objects.list("z/", 2)).extracting(ListedObject::size).containsExactly(1L, 2L);
    assertThat(objects.list("nothing/", 2)).isEmpty();
    assertThat(Store.problem(() -> objects.list("z/", 1)).code())
        .isEqualTo("STORE_TOO_MANY_OBJECTS");
  }
}
