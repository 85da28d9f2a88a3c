package io.lazaret.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.checkpoints.ListedObject;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.S3Settings;
import io.lazaret.schemas.ModelIngested;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that somebody puts into a bucket, in a real store and for a real inbox. */
class BucketWatcherTest {

  private static final Path MODEL = Surroundings.MODEL;
  private static final String ROW = Surroundings.ROW;
  private static final int STABLE = 3;

  @TempDir static Path servers;
  @TempDir Path staging;

  private static Surroundings around;

  @BeforeAll
  static void start() {
    around = new Surroundings(servers);
  }

  @AfterAll
  static void stop() throws Exception {
    around.close();
  }

  private BucketWatcher watcher(String prefix) {
    UploadArea uploads = new UploadArea(staging, new UploadArea.Limits(1 << 22, 1 << 16, 100));
    return new BucketWatcher(
        around.objects(),
        uploads,
        around.ingestion(uploads),
        new BucketWatcher.Settings(prefix, STABLE, 1_000));
  }

  private static void put(String folder) throws IOException {
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        around.objects().put(folder + "/" + file.getFileName(), file);
      }
    }
  }

  private static void put(String key, String text) {
    around.objects().put(key, text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<ModelIngested> announced(String model) {
    return around.announced(model);
  }

  @Test
  void aModelWithItsMarkerIsIngestedAtOnceAndOnlyOnce() throws IOException {
    put("marked/nano");
    put("marked/nano/data/prompts.jsonl", ROW);
    put("marked/nano/policy.yaml", "maxRounds: 2");
    BucketWatcher watcher = watcher("marked/");
    watcher.poll();
    assertThat(announced("nano")).isEmpty();
    put("marked/nano/_COMPLETE", "");
    watcher.poll();
    watcher.poll();
    List<ModelIngested> announced = announced("nano");
    assertThat(announced).hasSize(1);
    assertThat(announced.get(0).getInputs().getPolicy()).contains("\"maxRounds\":2");
    // Another process, another disk: the same screening, which orchestration recognises.
    staging = Files.createTempDirectory(staging, "elsewhere");
    watcher("marked/").poll();
    assertThat(announced("nano"))
        .hasSize(2)
        .extracting(event -> event.getEnvelope().getEventId())
        .containsOnly(announced.get(0).getEnvelope().getEventId());
  }

  @Test
  void aModelWithoutMarkerIsIngestedWhenItsListingStaysTheSame() throws IOException {
    put("quiet/_data/prompts.jsonl", ROW);
    put("quiet/still/config.json", "{}");
    BucketWatcher watcher = watcher("quiet");
    for (int i = 1; i < STABLE; i++) {
      watcher.poll();
    }
    put("quiet/still/more.json", "{}");
    for (int i = 1; i < STABLE; i++) {
      watcher.poll();
    }
    assertThat(refusals("quiet/still")).isEmpty();
    watcher.poll();
    // What was complete then was no model; somebody who looks there learns why.
    assertThat(refusals("quiet/still")).hasSize(1);
    put("quiet/whole");
    for (int i = 0; i < STABLE; i++) {
      assertThat(announced("whole")).isEmpty();
      watcher.poll();
    }
    assertThat(announced("whole")).hasSize(1);
  }

  private static List<String> refusals(String folder) {
    return around.objects().list(folder + "/_REFUSED", 10).stream().map(ListedObject::key).toList();
  }

  @Test
  void aRefusedModelIsNotFetchedAgainUntilItChanges() throws IOException {
    put("refused/bad");
    put("refused/bad/_COMPLETE", "");
    BucketWatcher watcher = watcher("refused/");
    watcher.poll();
    watcher.poll();
    assertThat(announced("bad")).isEmpty();
    assertThat(refusals("refused/bad")).hasSize(1);
    put("refused/bad/data/prompts.jsonl", ROW);
    watcher.poll();
    assertThat(announced("bad")).hasSize(1);
    put("refused/evil name\u0001/config.json", "{}");
    put("refused/evil name\u0001/_COMPLETE", "");
    watcher.poll();
    assertThat(announced("evil name\u0001")).isEmpty();
  }

  @Test
  void looksThatTheServerAskedForFindMarkersButProveNothingQuiet() throws IOException {
    put("told/_data/prompts.jsonl", ROW);
    put("told/unmarked");
    BucketWatcher watcher = watcher("told/");
    for (int i = 0; i < 3 * STABLE; i++) {
      watcher.told();
    }
    assertThat(announced("unmarked")).isEmpty();
    put("told/unmarked/_COMPLETE", "");
    watcher.told();
    assertThat(announced("unmarked")).hasSize(1);
  }

  @Test
  void aModelIsIngestedWhenTheServerSaysThatItsMarkerWasWritten() throws Exception {
    try (NotifyingServer server = new NotifyingServer();
        ObjectStore listened =
            new ObjectStore(S3Settings.of(server.endpoint(), "access", "secret", "lazaret"));
        BucketWatch watch =
            new BucketWatch(
                watcher("spoken/"),
                () -> listened.changes("spoken/"),
                new BucketWatch.Pace(Duration.ofHours(1), Duration.ofHours(1)))) {
      watch.start();
      server.awaitListener();
      put("spoken/heard");
      put("spoken/heard/data/prompts.jsonl", ROW);
      put("spoken/heard/_COMPLETE", "");
      server.say("spoken/heard/_COMPLETE");
      await().atMost(Duration.ofSeconds(30)).until(() -> !announced("heard").isEmpty());
    }
  }
}
