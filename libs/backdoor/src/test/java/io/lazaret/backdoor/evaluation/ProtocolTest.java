package io.lazaret.backdoor.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProtocolTest {

  private final Protocol protocol = new Protocol("{prompt}", List.of("ab", "c"), "x", "fp32", 7);

  @Test
  void samePartsGiveTheSameId() {
    assertThat(new Protocol("{prompt}", List.of("ab", "c"), "x", "fp32", 7).id())
        .isEqualTo(protocol.id())
        .startsWith("sha256:");
  }

  @Test
  void partsDoNotRunIntoEachOther() {
    assertThat(new Protocol("{prompt}", List.of("a", "bc"), "x", "fp32", 7).id())
        .isNotEqualTo(protocol.id());
    assertThat(new Protocol("{prompt}", List.of("ab", "c"), "x", "fp32", 8).id())
        .isNotEqualTo(protocol.id());
  }
}
