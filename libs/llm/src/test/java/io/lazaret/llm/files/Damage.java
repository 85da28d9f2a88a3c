package io.lazaret.llm.files;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Blind damage to the bytes of a file: cut, lengthened, or with bytes replaced. */
public final class Damage {

  private Damage() {}

  public static byte[] at(byte[] whole, SplittableRandom random) {
    byte[] mutant = whole.clone();
    switch (random.nextInt(4)) {
      case 0 -> mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
      case 1 -> mutant = Arrays.copyOf(mutant, mutant.length + 1 + random.nextInt(20));
      case 2 -> mutant[random.nextInt(9)] = (byte) random.nextInt(256);
      default -> {
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return mutant;
  }
}
