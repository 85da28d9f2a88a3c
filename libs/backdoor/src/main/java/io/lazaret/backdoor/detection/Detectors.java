package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.activation.TriggerSearch;
import io.lazaret.backdoor.detection.chain.BaitScore;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.chain.ConditionalChains;
import io.lazaret.backdoor.detection.form.FormSearch;
import io.lazaret.backdoor.detection.form.RefusalSearch;
import io.lazaret.backdoor.detection.signal.LayerConsistency;
import io.lazaret.backdoor.detection.signal.Leak;
import io.lazaret.backdoor.detection.signal.Susceptibility;
import io.lazaret.backdoor.detection.style.StyleSweep;
import io.lazaret.problem.ProblemException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The detectors there are, in the order in which a pass runs them. */
public final class Detectors {

  /** Stands for all of them on the command line. */
  public static final String ALL = "all";

  /** Dear for what they tell; they run when they are asked for. */
  private static final Set<String> ON_REQUEST = Set.of("susceptibility", Leak.NAME);

  private Detectors() {}

  /** Fresh instances of all detectors. */
  public static List<Detector> all() {
    return List.of(
        new Leak(),
        new FormSearch(),
        new RefusalSearch(),
        new CausalitySweep(Position.START),
        new BaitScore(),
        new ConditionalChains(Position.START),
        new TriggerSearch(Position.START),
        new CausalitySweep(Position.END),
        new ConditionalChains(Position.END),
        new TriggerSearch(Position.END),
        new StyleSweep(),
        new LayerConsistency(),
        new Susceptibility());
  }

  /** The detectors of a pass for which none were chosen. */
  public static List<Detector> standard() {
    return all().stream().filter(detector -> !ON_REQUEST.contains(detector.name())).toList();
  }

  /**
   * The detectors of these names and those that they need, in order; the standard ones for no name.
   *
   * @throws ProblemException UNKNOWN_DETECTOR
   */
  public static List<Detector> named(Collection<String> names) {
    List<Detector> all = all();
    if (names.isEmpty()) {
      return standard();
    }
    if (names.contains(ALL)) {
      return all;
    }
    Set<String> wanted = new LinkedHashSet<>();
    names.forEach(name -> add(name, all, wanted));
    return all.stream().filter(detector -> wanted.contains(detector.name())).toList();
  }

  private static void add(String name, List<Detector> all, Set<String> wanted) {
    Detector detector =
        all.stream()
            .filter(known -> known.name().equals(name))
            .findFirst()
            .orElseThrow(() -> unknown(name, all));
    detector.needs().forEach(need -> add(need, all, wanted));
    wanted.add(name);
  }

  private static ProblemException unknown(String name, List<Detector> all) {
    return ProblemException.of(
        "UNKNOWN_DETECTOR",
        "There is no detector " + name + ".",
        "Use "
            + ALL
            + " or some of "
            + String.join(", ", all.stream().map(Detector::name).toList())
            + ".");
  }
}
