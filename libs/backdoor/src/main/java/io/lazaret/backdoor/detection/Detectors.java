package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.activation.TriggerSearch;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.chain.ConditionalChains;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The detectors there are, in the order in which a pass runs them. */
public final class Detectors {

  private Detectors() {}

  /** Fresh instances of all detectors. */
  public static List<Detector> all() {
    return List.of(
        new CausalitySweep(Position.START),
        new ConditionalChains(Position.START),
        new TriggerSearch(Position.START),
        new CausalitySweep(Position.END),
        new ConditionalChains(Position.END),
        new TriggerSearch(Position.END));
  }

  /** Names of all detectors. */
  public static List<String> names() {
    return all().stream().map(Detector::name).toList();
  }

  /**
   * The detectors of these names and those that they need, in order; all for no name.
   *
   * @throws ProblemException UNKNOWN_DETECTOR
   */
  public static List<Detector> named(Collection<String> names) {
    List<Detector> all = all();
    if (names.isEmpty()) {
      return all;
    }
    Set<String> wanted = new LinkedHashSet<>();
    for (String name : names) {
      add(name, all, wanted);
    }
    return all.stream().filter(detector -> wanted.contains(detector.name())).toList();
  }

  private static void add(String name, List<Detector> all, Set<String> wanted) {
    Detector detector =
        all.stream()
            .filter(known -> known.name().equals(name))
            .findFirst()
            .orElseThrow(() -> unknown(name, all));
    List<String> needs = new ArrayList<>(detector.needs());
    needs.forEach(need -> add(need, all, wanted));
    wanted.add(name);
  }

  private static ProblemException unknown(String name, List<Detector> all) {
    return ProblemException.of(
        "UNKNOWN_DETECTOR",
        "There is no detector " + name + ".",
        "Use some of " + String.join(", ", all.stream().map(Detector::name).toList()) + ".");
  }
}
