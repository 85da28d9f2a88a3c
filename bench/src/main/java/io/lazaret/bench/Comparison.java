package io.lazaret.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The same work by several processes in turn: a round measures each of them once, so that what else
 * the machine does meets all of them.
 *
 * <p>A process is sent {@code run N}, does its work N times and answers; N is chosen per process
 * once, so that a measurement is long against the clock's tick.
 */
public final class Comparison {

  /** CPU seconds per measurement that the choice of N aims at. */
  public static final double SAMPLE_SECONDS = 1;

  private static final int MOST_REPETITIONS = 1_000;

  /** Rounds of warm-up, which are not counted. */
  public static final int WARM_UP = 2;

  /**
   * What one process needed.
   *
   * @param cpuSeconds CPU seconds per repetition in each round
   * @param peakMebibytes peak resident memory of the process
   * @param last its last answer
   */
  public record Side(double[] cpuSeconds, double peakMebibytes, JsonNode last) {

    /** Median over the rounds. */
    public double median() {
      return Comparison.median(cpuSeconds);
    }
  }

  private Comparison() {}

  /**
   * Measures in interleaved rounds.
   *
   * @param children by name; the first round's order is theirs, the next one's reversed, and so on
   * @param rounds measurements of each
   */
  public static Map<String, Side> of(Map<String, ChildProcess> children, int rounds) {
    List<String> names = new ArrayList<>(children.keySet());
    Map<String, Integer> repetitions = new LinkedHashMap<>();
    Map<String, JsonNode> last = new LinkedHashMap<>();
    for (String name : names) {
      for (int i = 0; i < WARM_UP; i++) {
        double once = Math.max(1e-3, seconds(children.get(name), 1, name, last));
        long count = Math.round(SAMPLE_SECONDS / once);
        repetitions.put(name, (int) Math.max(1, Math.min(MOST_REPETITIONS, count)));
      }
    }
    Map<String, double[]> samples = new LinkedHashMap<>();
    names.forEach(name -> samples.put(name, new double[rounds]));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(round % 2 == 0 ? i : names.size() - 1 - i);
        int count = repetitions.get(name);
        samples.get(name)[round] = seconds(children.get(name), count, name, last) / count;
      }
    }
    Map<String, Side> sides = new LinkedHashMap<>();
    for (String name : names) {
      double peak = children.get(name).peakMebibytes();
      sides.put(name, new Side(samples.get(name), peak, last.get(name)));
    }
    return sides;
  }

  private static double seconds(
      ChildProcess child, int count, String name, Map<String, JsonNode> last) {
    double before = child.cpuSeconds();
    last.put(name, child.ask("run " + count));
    return child.cpuSeconds() - before;
  }

  /** The median of the rounds' ratios of one side to another: rounds are pairs. */
  public static double ratio(Side side, Side to) {
    double[] ratios = new double[side.cpuSeconds().length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = side.cpuSeconds()[i] / to.cpuSeconds()[i];
    }
    return median(ratios);
  }

  /** The middle value, or the mean of the two in the middle. */
  public static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
