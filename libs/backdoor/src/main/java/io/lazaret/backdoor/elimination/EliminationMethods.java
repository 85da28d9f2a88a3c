package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.elimination.baseline.AttentionDistillation;
import io.lazaret.backdoor.elimination.baseline.DirectPreference;
import io.lazaret.backdoor.elimination.baseline.FineMixing;
import io.lazaret.backdoor.elimination.baseline.GradientAscent;
import io.lazaret.backdoor.elimination.baseline.Sft;
import io.lazaret.backdoor.elimination.overwrite.OverwriteSft;
import io.lazaret.backdoor.elimination.overwrite.Sande;
import io.lazaret.backdoor.elimination.overwrite.SandeDeflation;
import io.lazaret.backdoor.elimination.overwrite.SandeExtended;
import io.lazaret.backdoor.elimination.overwrite.SandeJoint;
import io.lazaret.backdoor.elimination.overwrite.SandeRefreshed;
import io.lazaret.backdoor.elimination.repair.Crow;
import io.lazaret.backdoor.elimination.repair.PlantAndFlush;
import io.lazaret.backdoor.elimination.repair.Signature;
import io.lazaret.backdoor.elimination.repair.UnlearnRelearn;
import io.lazaret.problem.ProblemException;
import java.util.List;

/** The registry: every removal method by its name. */
public final class EliminationMethods {

  private static final List<EliminationMethod> ALL =
      List.of(
          new OverwriteSft(),
          Sande.whole(),
          Sande.partial(),
          new SandeRefreshed(),
          SandeExtended.ensemble(),
          SandeExtended.converged(),
          SandeExtended.all(),
          new SandeJoint(),
          SandeDeflation.standard(),
          new Sft(),
          DirectPreference.clean(),
          DirectPreference.underParrots(),
          GradientAscent.plain(),
          GradientAscent.targetOnly(),
          GradientAscent.difference(),
          GradientAscent.tuned(),
          AttentionDistillation.saliency(),
          AttentionDistillation.maps(),
          AttentionDistillation.tuned(),
          FineMixing.topDelta(),
          FineMixing.random(),
          FineMixing.purifiedEmbeddings(),
          Crow.allLayers(),
          Crow.published(),
          Crow.tuned(),
          UnlearnRelearn.adapted(),
          UnlearnRelearn.tuned(),
          Signature.cautious(),
          Signature.tuned(),
          PlantAndFlush.brief(),
          PlantAndFlush.tuned());

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
