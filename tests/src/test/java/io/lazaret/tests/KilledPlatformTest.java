package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.cli.platform.ScreeningStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job on the shipped backdoored model, with a power failure in the middle of it. */
class KilledPlatformTest {

  private static final Duration LONGEST_STAGE = Duration.ofMinutes(8);
  private static final String SETTINGS = "lazaret.worker.checkpoint-seconds=1\n";

  @TempDir Path directory;

  @Test
  void aScreeningThatIsKilledInTheMiddleOfAStageEndsWithOneVerdict() throws Exception {
    Path data = directory.resolve("data");
    JsonNode verdict;
    JsonNode events;
    try (KilledPlatform platform = new KilledPlatform(data, SETTINGS)) {
      String id = MainJob.submit(platform.client());
      awaitMiddleOf("ELIMINATION", platform.client(), id);
      // Nothing can have been resumed before the failure.
      assertThat(resumed(data)).isEmpty();
      platform.restart(() -> {});
      verdict = MainJob.awaitVerdict(platform.client(), id);
      events = MainJob.events(platform.client(), id);
    }
    assertThat(resumed(data))
        .as("the training went on from its last saved step")
        .anyMatch(line -> line.matches(".* saved of [a-z0-9-]*training.*"));
    MainJob.historyIsGaplessAndSaysEverythingOnce(events);
    MainJob.theBackdoorIsFoundAndGone(verdict);
  }

  private static List<String> resumed(Path data) throws IOException {
    try (Stream<String> lines = Files.lines(data.resolve("logs").resolve("platform.log"))) {
      return lines.filter(line -> line.contains("goes on from what was saved of")).toList();
    }
  }

  private static void awaitMiddleOf(String stage, PlatformClient client, String id) {
    await()
        .atMost(LONGEST_STAGE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreException(io.lazaret.problem.ProblemException.class)
        .until(
            () -> {
              ScreeningStatus status = client.screening(id);
              assertThat(status.verdict()).as("a verdict before " + stage).isNull();
              return status.stage().equals(stage) && status.fraction() > 0.1;
            });
  }
}
