package io.lazaret.llm.arch;

/**
 * Rotary positions (Su et al., "RoFormer", 2021).
 *
 * @param theta base of the frequencies
 * @param width how many leading dimensions of a head are rotated, even; 0 where the decoder learns
 *     a vector per position instead
 * @param scaling how the frequencies were stretched to a longer context
 */
public record Rope(double theta, int width, RopeScaling scaling) {

  /** No rotation: learned positions. */
  public static final Rope NONE = new Rope(1, 0, new RopeScaling.None());

  /** Unscaled rotation of whole heads. */
  public static Rope plain(double theta, int headDim) {
    return new Rope(theta, headDim, new RopeScaling.None());
  }

  /** Whether the decoder learns a vector per position instead. */
  public boolean learned() {
    return width == 0;
  }

  /** Angle per position of each pair of dimensions, [width / 2]. */
  public float[] inverseFrequencies() {
    float[] frequencies = new float[width / 2];
    for (int i = 0; i < frequencies.length; i++) {
      // The precision and order of the reference implementation.
      float exponent = (float) (2 * i) / width;
      frequencies[i] = 1f / (float) StrictMath.pow(theta, exponent);
    }
    return scaling.scale(frequencies, this);
  }
}
