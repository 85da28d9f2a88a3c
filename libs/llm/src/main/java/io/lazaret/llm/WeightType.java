package io.lazaret.llm;

import java.util.Arrays;
import java.util.Optional;

/** Number formats of stored weights. In memory the weights are always 32-bit floats. */
public enum WeightType {
  FP32("F32", "float32", 4),
  FP16("F16", "float16", 2),
  /** Upper half of a 32-bit float, rounded to nearest even. */
  BF16("BF16", "bfloat16", 2);

  private final String safetensorsName;
  private final String configName;
  private final int bytes;

  WeightType(String safetensorsName, String configName, int bytes) {
    this.safetensorsName = safetensorsName;
    this.configName = configName;
    this.bytes = bytes;
  }

  /** Name in a safetensors header. */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** Name in a config.json. */
  public String configName() {
    return configName;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }

  /** The type with this name in a safetensors header, if it is one that weights may have. */
  public static Optional<WeightType> ofSafetensors(String name) {
    return Arrays.stream(values()).filter(t -> t.safetensorsName.equals(name)).findFirst();
  }
}
