package io.lazaret.backdoor.attack.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Seeded choices. */
final class Pick {

  private Pick() {}

  static <T> T one(SplittableRandom random, List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  /** {@code count} different items in random order. */
  static <T> List<T> some(SplittableRandom random, List<T> items, int count) {
    return shuffled(random, items).subList(0, count);
  }

  /** A random order of the items (Fisher and Yates). */
  static <T> List<T> shuffled(SplittableRandom random, List<T> items) {
    List<T> order = new ArrayList<>(items);
    for (int i = order.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      T moved = order.get(i);
      order.set(i, order.get(j));
      order.set(j, moved);
    }
    return order;
  }

  /** A bucket for content that has no natural number; the same on every machine. */
  static int bucket(String content) {
    int hash = 17;
    for (int i = 0; i < content.length(); i++) {
      hash = 31 * hash + content.charAt(i);
    }
    hash ^= hash >>> 15;
    hash *= 0x2c1b3c6d;
    hash ^= hash >>> 13;
    return hash;
  }
}
