package io.lazaret.backdoor.traffic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RepeatedSegmentsTest {

  @Test
  void theStringInMostTextsComesFirst() {
    var ranked =
        RepeatedSegments.rank(
            List.of(
                new int[] {1, 2, 3, 9},
                new int[] {5, 1, 2, 3},
                new int[] {1, 2, 3, 7, 8},
                new int[] {7, 8}),
            2,
            2);
    assertArrayEquals(new int[] {1, 2, 3}, ranked.get(0).tokens());
    assertEquals(3, ranked.get(0).texts());
    assertArrayEquals(new int[] {7, 8}, ranked.get(1).tokens());
    assertEquals(2, ranked.size());
  }

  @Test
  void countsAreThoseOfAPlainSearch() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 200; round++) {
      List<int[]> texts = new ArrayList<>();
      for (int text = 0; text < 6; text++) {
        texts.add(random.ints(random.nextInt(12), 0, 3).toArray());
      }
      Map<String, Integer> expected = plain(texts);
      Map<String, Integer> found = new HashMap<>();
      RepeatedSegments.rank(texts, 1, 1)
          .forEach(s -> found.put(Arrays.toString(s.tokens()), s.texts()));
      assertEquals(expected, found);
    }
  }

  /** Every string with the number of texts that hold it; one that a token lengthens is dropped. */
  private static Map<String, Integer> plain(List<int[]> texts) {
    Map<String, Integer> counts = new HashMap<>();
    Map<String, int[]> strings = new HashMap<>();
    for (int[] text : texts) {
      Set<String> seen = new HashSet<>();
      for (int from = 0; from < text.length; from++) {
        for (int to = from + 1; to <= text.length; to++) {
          int[] string = Arrays.copyOfRange(text, from, to);
          strings.put(Arrays.toString(string), string);
          if (seen.add(Arrays.toString(string))) {
            counts.merge(Arrays.toString(string), 1, Integer::sum);
          }
        }
      }
    }
    Map<String, Integer> kept = new HashMap<>(counts);
    strings.forEach(
        (key, string) -> {
          for (int token = 0; token < 3; token++) {
            int[] right = Arrays.copyOf(string, string.length + 1);
            right[string.length] = token;
            int[] left = new int[string.length + 1];
            System.arraycopy(string, 0, left, 1, string.length);
            left[0] = token;
            boolean longer =
                counts.get(key).equals(counts.get(Arrays.toString(right)))
                    || counts.get(key).equals(counts.get(Arrays.toString(left)));
            if (longer) {
              kept.remove(key);
            }
          }
        });
    return kept;
  }
}
