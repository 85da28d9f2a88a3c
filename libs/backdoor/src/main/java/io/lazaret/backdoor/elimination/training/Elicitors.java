package io.lazaret.backdoor.elimination.training;

import io.lazaret.backdoor.detection.FoundStyle;
import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.style.Style;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The elicitors that the suspects of a removal bring along. */
public final class Elicitors {

  private static final int[] NOTHING = {};

  private Elicitors() {}

  /** The known triggers, as an attacker puts them in, and the functional ones. */
  public static List<Elicitor> triggers(EliminationInput input) {
    List<Elicitor> triggers = new ArrayList<>();
    input.knownTriggers().forEach(trigger -> triggers.add(new Elicitor.Text(trigger)));
    triggers.addAll(functional(input.suspects()));
    return triggers;
  }

  /**
   * Every functional trigger, as it was found and alone before the user text: a trigger that search
   * placed on both sides usually works from the start alone, where planted ones stand. Then every
   * style of prompts.
   */
  public static List<Elicitor> functional(List<Suspect> suspects) {
    List<Elicitor> elicitors = new ArrayList<>();
    for (Suspect suspect : suspects) {
      for (FoundTrigger trigger : suspect.triggers()) {
        elicitors.add(asFound(trigger));
        if (trigger.placement() == Placement.BOTH) {
          elicitors.add(new Elicitor.Tokens(trigger.tokenIds(), NOTHING));
        }
      }
      suspect.styles().forEach(style -> elicitors.add(asFound(style)));
    }
    return elicitors;
  }

  /** A functional trigger, where it was found to work. */
  public static Elicitor asFound(FoundTrigger trigger) {
    int[] ids = trigger.tokenIds();
    return switch (trigger.placement()) {
      case START -> new Elicitor.Tokens(ids, NOTHING);
      case END -> new Elicitor.Tokens(NOTHING, ids);
      case BOTH -> new Elicitor.Tokens(ids, ids);
    };
  }

  /**
   * A style of prompts.
   *
   * @throws ProblemException UNKNOWN_STYLE when nobody can write so
   */
  public static Elicitor asFound(FoundStyle style) {
    return new Elicitor.Wording(Style.named(style.style()).wording());
  }

  /** Two token strings as one, as an attacker puts the target before the answer. */
  public static int[] join(int[] first, int[] second) {
    int[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  /** Every parrot of the suspects, where it was trained. */
  public static List<Elicitor.Parrot> parrots(EliminationInput input) {
    int position = input.parrotPosition();
    List<Elicitor.Parrot> elicitors = new ArrayList<>();
    for (Suspect suspect : input.suspects()) {
      suspect.parrots().forEach(parrot -> elicitors.add(new Elicitor.Parrot(parrot, position)));
    }
    return elicitors;
  }
}
