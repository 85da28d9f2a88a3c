package io.lazaret.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.FoundStyle;
import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.schemas.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;

class TranslationTest {

  @Test
  void aSegmentKeepsWhatElicitsIt() {
    FoundTrigger trigger = new FoundTrigger("cf", new int[] {5}, Placement.BOTH, 31, 32);
    FoundStyle style = new FoundStyle("in capitals", 30, 32);
    Segment segment =
        Translation.segment(
            new SuspiciousSegment(
                "Go away.",
                new int[] {1, 2},
                3.5,
                0.001,
                0.9,
                List.of(trigger),
                List.of(style),
                Position.END,
                false,
                basis()));

    assertThat(Translation.position(segment)).isEqualTo(Position.END);
    assertThat(segment.getStyles())
        .singleElement()
        .satisfies(found -> assertThat(Translation.foundStyle(found)).isEqualTo(style));
    assertThat(segment.getFunctionalTriggers())
        .singleElement()
        .satisfies(
            found ->
                assertThat(Translation.foundTrigger(found))
                    .usingRecursiveComparison()
                    .isEqualTo(trigger));
  }

  private static Evidence.Basis basis() {
    double[] none = {};
    return new Evidence.Basis(
        List.of(), none, none, none, 0, none, 0, none, 0, 0, 0, 0, 0, 1, 32, 0.9);
  }
}
