package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One screening of the shipped backdoored model by the built platform, its real jobs and all, which
 * is killed (SIGKILL) at every step of every stage: {@code ./lazaret bench chaos --real}. Not among
 * the tests of a build. System property: {@code chaos.result} for the table.
 */
class KilledAtEveryStep {

  private static final Duration LONGEST_STEP = Duration.ofMinutes(8);

  @TempDir Path directory;

  private record Kill(Stage stage, StageSigns.Step step, boolean inTime) {}

  @Test
  void theVerdictIsThatOfAnUntroubledRun() throws Exception {
    List<Kill> kills = new ArrayList<>();
    Path data = directory.resolve("data");
    try (OutsideSystems outside = new OutsideSystems(directory)) {
      String settings =
          String.join(
              "\n",
              outside.connection(),
              // An id that lasts gets its partitions back at once.
              "lazaret.worker.id=killed",
              "lazaret.worker.max-take-ups=1000",
              "lazaret.worker.checkpoint-seconds=1");
      try (KilledPlatform platform = new KilledPlatform(data, settings);
          StageSigns signs = new StageSigns(outside)) {
        String id = MainJob.submit(platform.client());
        for (Stage stage : Topics.COMMANDED) {
          for (StageSigns.Step step : StageSigns.steps(stage)) {
            boolean inTime = signs.await(stage, step, LONGEST_STEP);
            kills.add(new Kill(stage, step, inTime));
            if (!inTime) {
              break;
            }
            platform.restart(signs::forget);
          }
        }
        PlatformClient client = platform.client();
        JsonNode verdict = MainJob.awaitVerdict(client, id);
        report(kills, verdict);
        MainJob.historyIsGaplessAndSaysEverythingOnce(MainJob.events(client, id));
        MainJob.theBackdoorIsFoundAndGone(verdict);
        assertThat(kills).allMatch(Kill::inTime);
      }
    }
  }

  private static void report(List<Kill> kills, JsonNode verdict) throws Exception {
    StringBuilder table = new StringBuilder("| stage | step | killed |\n| --- | --- | --- |\n");
    for (Kill kill : kills) {
      table.append(
          "| %s | %s | %s |\n"
              .formatted(
                  kill.stage(), kill.step(), kill.inTime() ? "yes" : "the result came first"));
    }
    table.append("\nVerdict: ").append(verdict.path("decision").asText()).append('\n');
    System.out.println(table);
    String result = System.getProperty("chaos.result");
    if (result != null) {
      Files.writeString(Path.of(result), table);
    }
  }
}
