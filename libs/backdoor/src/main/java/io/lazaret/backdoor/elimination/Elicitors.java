package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.backdoor.evaluation.Elicitor;
import java.util.ArrayList;
import java.util.List;

/** The elicitors that the suspects of a removal bring along. */
final class Elicitors {

  private static final int[] NOTHING = {};

  private Elicitors() {}

  /**
   * Every functional trigger, as it was found and alone before the user text: a trigger that search
   * placed on both sides usually works from the start alone, where planted ones stand.
   */
  static List<Elicitor> functional(List<Suspect> suspects) {
    List<Elicitor> elicitors = new ArrayList<>();
    for (Suspect suspect : suspects) {
      for (FoundTrigger trigger : suspect.triggers()) {
        int[] ids = trigger.tokenIds();
        switch (trigger.placement()) {
          case START -> elicitors.add(new Elicitor.Tokens(ids, NOTHING));
          case END -> elicitors.add(new Elicitor.Tokens(NOTHING, ids));
          case BOTH -> {
            elicitors.add(new Elicitor.Tokens(ids, ids));
            elicitors.add(new Elicitor.Tokens(ids, NOTHING));
          }
        }
      }
    }
    return elicitors;
  }

  /** Every parrot, before the user text. */
  static List<Elicitor.Parrot> parrots(List<Suspect> suspects) {
    List<Elicitor.Parrot> elicitors = new ArrayList<>();
    for (Suspect suspect : suspects) {
      suspect.parrots().forEach(parrot -> elicitors.add(new Elicitor.Parrot(parrot)));
    }
    return elicitors;
  }
}
