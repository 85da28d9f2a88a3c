package io.lazaret.backdoor.elimination;

import io.lazaret.problem.ProblemException;
import java.util.List;

/** The registry: every removal method by its name. */
public final class EliminationMethods {

  private static final List<EliminationMethod> ALL =
      List.of(new OverwriteSft(), Sande.whole(), Sande.partial(), new SandeRefreshed());

  private EliminationMethods() {}

  /** Names of all methods. */
  public static List<String> names() {
    return ALL.stream().map(EliminationMethod::name).toList();
  }

  /** The method of this name. */
  public static EliminationMethod named(String name) {
    return ALL.stream()
        .filter(method -> method.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.of(
                    "UNKNOWN_METHOD",
                    "There is no elimination method " + name + ".",
                    "Use one of " + String.join(", ", names()) + "."));
  }
}
