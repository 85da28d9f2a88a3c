package io.lazaret.llm.training;

import java.util.random.RandomGenerator;

/**
 * Random numbers whose state can be saved: those of {@link java.util.SplittableRandom} with the
 * same seed (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014),
 * without the splitting. Not thread-safe.
 */
public final class ResumableRandom implements RandomGenerator {

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  /**
   * @param seedOrState a seed, or what {@link #state} returned: the numbers then go on from there
   */
  public ResumableRandom(long seedOrState) {
    this.state = seedOrState;
  }

  /** What a generator that goes on from here is made with. */
  public long state() {
    return state;
  }

  /** Goes on from a state. */
  public void restore(long savedState) {
    state = savedState;
  }

  @Override
  public long nextLong() {
    long z = state += GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  @Override
  public int nextInt() {
    long z = state += GOLDEN_GAMMA;
    z = (z ^ (z >>> 33)) * 0x62a9d9ed799705f5L;
    return (int) (((z ^ (z >>> 28)) * 0xcb24d0a5c88c35b3L) >>> 32);
  }
}
