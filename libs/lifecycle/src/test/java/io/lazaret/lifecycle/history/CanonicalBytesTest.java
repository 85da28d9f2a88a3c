package io.lazaret.lifecycle.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.schemas.FunctionalTrigger;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.TriggerPlacement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** Hashes that were recorded rest on these bytes: none of them may ever change. */
class CanonicalBytesTest {

  @Test
  void keysAreOrderedAndDefaultsLeftOut() {
    FunctionalTrigger trigger =
        new FunctionalTrigger(
            "now", List.of(7, -1), TriggerPlacement.START, new Proportion(299, 300, 0.5, -0.0));
    assertThat(text(trigger))
        .isEqualTo(
            "{\"hits\":{\"hits\":299,\"n\":300,\"rate\":\"3fe0000000000000\","
                + "\"upper95\":\"8000000000000000\"},\"text\":\"now\",\"tokenIds\":[7,-1]}");
    trigger.setPlacement(TriggerPlacement.BOTH);
    assertThat(text(trigger)).contains(",\"placement\":\"BOTH\",");
  }

  @Test
  void everyTextHasOneForm() {
    assertThat(text(problem("a \"b\" \\ /\u007f"))).contains("\"a \\\"b\\\" \\\\ /\u007f\"");
    assertThat(text(problem("\0\n\t\u001f"))).contains("\"\\u0000\\u000a\\u0009\\u001f\"");
    assertThat(text(problem("é ß \u0080 \u07ff \u0800 漢 \uffff")))
        .contains("\"é ß \u0080 \u07ff \u0800 漢 \uffff\"");
    assertThat(text(problem("😀"))).contains("\"\\ud83d\\ude00\"");
    assertThat(text(problem("\udc00 alone"))).contains("\"\\udc00 alone\"");
  }

  @Test
  void textsOfAnyLengthFit() {
    for (int length : new int[] {0, 1, 2_000, 2_048, 100_000}) {
      String text = "\u0001".repeat(length);
      assertThat(text(problem(text))).contains("\"" + "\\u0001".repeat(length) + "\"");
    }
  }

  @Test
  void theDigestIsThatOfTheBytes() {
    Problem problem = problem("é".repeat(5_000));
    assertThat(CanonicalBytes.digest(problem))
        .isEqualTo(CanonicalBytes.sha256(CanonicalBytes.of(problem)));
    assertThat(CanonicalBytes.sha256("abc".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  private static Problem problem(String sentence) {
    return new Problem("CODE", sentence, "next", true);
  }

  private static String text(SpecificRecord record) {
    return new String(CanonicalBytes.of(record), StandardCharsets.UTF_8);
  }
}
