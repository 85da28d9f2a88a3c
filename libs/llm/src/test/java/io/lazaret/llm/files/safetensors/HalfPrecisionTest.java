package io.lazaret.llm.files.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfPrecisionTest {

  @Test
  void every16BitPatternSurvivesTheWayToFloatAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float bf16 = HalfPrecision.fromBf16((short) bits);
      float fp16 = HalfPrecision.fromFp16((short) bits);
      if (Float.isNaN(bf16)) {
        assertThat(HalfPrecision.fromBf16(HalfPrecision.toBf16(bf16))).isNaN();
      } else {
        assertThat(HalfPrecision.toBf16(bf16)).isEqualTo((short) bits);
      }
      if (Float.isNaN(fp16)) {
        assertThat(HalfPrecision.fromFp16(HalfPrecision.toFp16(fp16))).isNaN();
      } else {
        assertThat(HalfPrecision.toFp16(fp16)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void roundsToTheNearestNeighbourAndTiesToEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = HalfPrecision.fromFp16((short) bits);
      float high = HalfPrecision.fromFp16((short) (bits + 1));
      float middle = (float) (((double) low + high) / 2);
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(HalfPrecision.toFp16(middle)).isEqualTo((short) even);
      assertThat(HalfPrecision.toFp16(Math.nextDown(middle))).isEqualTo((short) bits);
      assertThat(HalfPrecision.toFp16(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
    }
    for (int bits = 0x3f00; bits < 0x3fff; bits++) {
      float middle = Float.intBitsToFloat(bits << 16 | 0x8000);
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(HalfPrecision.toBf16(middle)).isEqualTo((short) even);
      assertThat(HalfPrecision.toBf16(Math.nextDown(middle))).isEqualTo((short) bits);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "65504, 7bff",
    "65519.996, 7bff",
    "65520, 7c00",
    "1e30, 7c00",
    "Infinity, 7c00",
    "-65520, fc00",
    "6.1035156E-5, 0400",
    "5.9604645E-8, 0001",
    "2.9802322E-8, 0000",
    "2.98024E-8, 0001",
    "-0.0, 8000",
    "1.401298E-45, 0000"
  })
  void knowsTheEdgesOfFp16(float value, String bits) {
    assertThat(String.format("%04x", HalfPrecision.toFp16(value))).isEqualTo(bits);
  }
}
