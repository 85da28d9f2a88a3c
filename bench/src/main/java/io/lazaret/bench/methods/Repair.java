package io.lazaret.bench.methods;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.lazaret.backdoor.attack.corpus.Dialect;
import java.nio.file.Path;

/**
 * One method on one victim with rows of one domain, as it is handed to a process of its own.
 *
 * @param victim what is repaired
 * @param method name in the registry; {@value #NONE} leaves the victim as it is
 * @param lowRank whether adapters are trained instead of all weights
 * @param parrotPosition token of the user text that given parrots stand before
 * @param fragment tokens of the response that SANDE-P knows
 * @param domain dialect of the defender's rows
 * @param seed of the repair
 * @param rows clean rows of the defender
 * @param sizes how much is measured afterwards
 */
record Repair(
    Victim victim,
    String method,
    boolean lowRank,
    int parrotPosition,
    int fragment,
    Dialect domain,
    long seed,
    int rows,
    Sizes sizes) {

  /** The victim itself, measured. */
  static final String NONE = "none";

  /** The clean sibling, measured: what no repair can be expected to exceed. */
  static final String SIBLING = "never-backdoored";

  /** Between a method and the place of its parrot, in rows of tables. */
  static final String AT = " at ";

  /** Between SANDE-P and the tokens that it knows, where they are more than the paper's one. */
  static final String OF = " of ";

  /** The method that knows the first tokens of the response, not all of it. */
  static final String PARTIAL = "SANDE-P";

  /** What it knows in the paper's code. */
  private static final int FIRST_TOKEN = 1;

  /**
   * @param trials prompts under the trigger, and as many without it
   * @param perturbed prompts per perturbation of the trigger
   * @param utility rows for exact match
   * @param choices multiple-choice questions
   */
  record Sizes(int trials, int perturbed, int utility, int choices) {
    static Sizes full() {
      return new Sizes(1000, 300, 1000, 500);
    }

    static Sizes quick() {
      return new Sizes(300, 100, 300, 200);
    }
  }

  /** All weights are trained, and parrots stand before the user text. */
  static Repair usual(
      Victim victim, String method, Dialect domain, long seed, int rows, Sizes sizes) {
    return new Repair(victim, method, false, 0, FIRST_TOKEN, domain, seed, rows, sizes);
  }

  Repair withAdapters() {
    return new Repair(victim, method, true, parrotPosition, fragment, domain, seed, rows, sizes);
  }

  Repair withParrotsAt(int position) {
    return new Repair(victim, method, lowRank, position, fragment, domain, seed, rows, sizes);
  }

  Repair withFragment(int tokens) {
    return new Repair(victim, method, lowRank, parrotPosition, tokens, domain, seed, rows, sizes);
  }

  /** The model that is measured. */
  @JsonIgnore
  Path model() {
    return method.equals(SIBLING) ? victim.sibling() : victim.model();
  }

  /** Whether anything is repaired. */
  @JsonIgnore
  boolean repairs() {
    return !method.equals(NONE) && !method.equals(SIBLING);
  }

  /** The method as rows of tables name it: "OSFT", "OSFT-LoRA", "SANDE at 5", "SANDE-P of 4". */
  @JsonIgnore
  String row() {
    return method
        + (fragment == FIRST_TOKEN ? "" : OF + fragment)
        + (lowRank ? "-LoRA" : "")
        + (parrotPosition > 0 ? AT + parrotPosition : "");
  }

  /** Whether the defender's rows are of the kind that the victim was attacked on. */
  @JsonIgnore
  boolean inDomain() {
    return domain == victim.dialect();
  }

  /** Name of the case, words separated by dots. */
  String name() {
    return victim.id() + "." + (inDomain() ? "in" : "out") + "." + row().replace(' ', '.');
  }
}
