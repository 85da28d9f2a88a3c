package io.lazaret.backdoor.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.SavedStates;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search that is killed and goes on in a new process ends as one that is not. */
class InterruptedDetectionTest {

  @TempDir Path directory;

  @Test
  void aKilledSearchEndsAsOneThatWasNot() {
    DetectionResult whole = search(Checkpoints.none());
    assertThat(whole.evidence().candidates()).isNotEmpty();
    SavedStates states = new SavedStates(directory, 25, 1);
    int deaths = 0;
    DetectionResult result = null;
    while (result == null) {
      try {
        result = search(states);
      } catch (SavedStates.Killed killed) {
        // Without what was saved, no search would come further than the first.
        deaths++;
      }
    }
    assertThat(deaths).isGreaterThan(2);
    assertThat(result).usingRecursiveComparison().isEqualTo(whole);
  }

  private static DetectionResult search(Checkpoints checkpoints) {
    try (CausalLm lm = CausalLm.open(Fixtures.model("nano-backdoored"))) {
      return BackdoorDetector.detect(
          lm,
          DetectionInput.blind(PromptTemplate.humanAssistant(), Fixtures.prompts())
              .withDetectors(List.of("activation")),
          small(),
          7,
          Progress.none(),
          // Time stands still, so that only what was found is compared.
          () -> Instant.EPOCH,
          checkpoints);
    }
  }

  /** Every step of a search, each of them small. */
  private static DetectionSettings small() {
    DetectionSettings all = DetectionSettings.standard();
    return all.withPrompts(new DetectionSettings.Prompts(16, 4, 4, 8, 32, 8, 0.9))
        .withSweep(
            new DetectionSettings.Sweep(100, 64, 0.3, 0.15, 5, 3, 0.6, 40, 20, 6, 3, 2, 0.05, 1024))
        .withActivation(
            new DetectionSettings.Activation(
                4,
                2,
                2,
                2,
                2,
                List.of(3, 2),
                4,
                2,
                4,
                2,
                4,
                4,
                2,
                2,
                0.25,
                -0.02,
                4,
                0.5,
                0.9,
                2,
                2));
  }
}
