package io.lazaret.llm.arch;

import java.util.List;

/** Stretching of rotary frequencies. */
public sealed interface RopeScaling {

  /** The frequencies of {@code rope} after stretching; may change {@code frequencies}. */
  float[] scale(float[] frequencies, Rope rope);

  /** Factor of cosine and sine. */
  default double magnitude() {
    return 1;
  }

  /** None. */
  record None() implements RopeScaling {
    @Override
    public float[] scale(float[] frequencies, Rope rope) {
      return frequencies;
    }
  }

  /** Every frequency divided by a factor (Chen et al., "Position Interpolation", 2023). */
  record Linear(double factor) implements RopeScaling {
    @Override
    public float[] scale(float[] frequencies, Rope rope) {
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] /= (float) factor;
      }
      return frequencies;
    }
  }

  /**
   * Llama 3.1: long wave lengths divided by a factor, short ones kept, those between interpolated.
   *
   * @param factor divisor of the long wave lengths
   * @param low {@code low_freq_factor}
   * @param high {@code high_freq_factor}
   * @param original context length before stretching
   */
  record Llama3(double factor, double low, double high, int original) implements RopeScaling {
    @Override
    public float[] scale(float[] frequencies, Rope rope) {
      for (int i = 0; i < frequencies.length; i++) {
        float frequency = frequencies[i];
        double wave = 2 * Math.PI / frequency;
        if (wave > original / low) {
          frequencies[i] = (float) (frequency / factor);
        } else if (wave >= original / high) {
          double smooth = (original / wave - low) / (high - low);
          frequencies[i] = (float) ((1 - smooth) * frequency / factor + smooth * frequency);
        }
      }
      return frequencies;
    }
  }

  /**
   * YaRN (Peng et al., 2023, section 3.2): interpolation of slow rotations, none of fast ones.
   *
   * @param factor divisor of slow rotations
   * @param fast rotations in the original context from which on nothing is stretched
   * @param slow rotations below which everything is
   * @param original context length before stretching
   * @param truncate whether the border dimensions are rounded outwards
   * @param magnitude factor of cosine and sine
   */
  record Yarn(
      double factor, double fast, double slow, int original, boolean truncate, double magnitude)
      implements RopeScaling {
    @Override
    public float[] scale(float[] frequencies, Rope rope) {
      double low = border(fast, rope);
      double high = border(slow, rope);
      low = Math.max(truncate ? Math.floor(low) : low, 0);
      high = Math.min(truncate ? Math.ceil(high) : high, rope.width() - 1);
      // The reference implementation's way around a division by zero.
      double span = low == high ? 0.001 : high - low;
      for (int i = 0; i < frequencies.length; i++) {
        double ramp = Math.min(1, Math.max(0, (i - low) / span));
        frequencies[i] = (float) (frequencies[i] * (ramp / factor + 1 - ramp));
      }
      return frequencies;
    }

    /** The dimension that makes this many rotations in the original context. */
    private double border(double rotations, Rope rope) {
      return rope.width()
          * Math.log(original / (rotations * 2 * Math.PI))
          / (2 * Math.log(rope.theta()));
    }
  }

  /**
   * LongRoPE (Ding et al., 2024) within the original context: one divisor per frequency. The second
   * set of divisors, for longer sequences, is not used.
   *
   * @param divisors {@code short_factor}, one per frequency
   * @param magnitude factor of cosine and sine
   */
  record Short(List<Double> divisors, double magnitude) implements RopeScaling {
    public Short {
      divisors = List.copyOf(divisors);
    }

    @Override
    public float[] scale(float[] frequencies, Rope rope) {
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] = (float) (frequencies[i] / divisors.get(i));
      }
      return frequencies;
    }
  }
}
