package io.lazaret.backdoor.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.problem.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DetectorsTest {

  private static List<String> names(List<Detector> detectors) {
    return detectors.stream().map(Detector::name).toList();
  }

  @Test
  void aDetectorBringsThoseThatItNeedsInTheOrderOfThePass() {
    assertThat(names(Detectors.named(List.of("activation-end"))))
        .containsExactly("causality-end", "conditional-end", "activation-end");
    assertThat(names(Detectors.named(List.of("layers", "bait"))))
        .containsExactly("causality", "bait", "conditional", "activation", "layers");
  }

  @Test
  void withoutAChoiceTheDecidingOnesRunAndTheDearOnesDoNot() {
    assertThat(names(Detectors.named(List.of())))
        .containsAll(Coverage.DECIDING)
        .doesNotContain("susceptibility");
    assertThat(names(Detectors.named(List.of("all"))))
        .isEqualTo(Detectors.all().stream().map(Detector::name).toList());
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> Detectors.named(List.of("tarot")))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("tarot");
  }

  @Test
  void knowsDeclaredResponsesByTheirBeginningAndTheirParts() {
    DetectionInput input =
        DetectionInput.blind(PromptTemplate.humanAssistant(), List.of())
            .withDeclared(List.of("Brief mode is on."));
    assertThat(input.declares("Brief mode is on. Yes")).isTrue();
    assertThat(input.declares("mode is on")).isTrue();
    assertThat(input.declares("Brief mode is off.")).isFalse();
  }
}
