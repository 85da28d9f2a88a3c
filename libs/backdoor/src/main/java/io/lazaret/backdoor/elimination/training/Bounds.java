package io.lazaret.backdoor.elimination.training;

import io.lazaret.problem.ProblemException;

/** Checks of settings, before anything is trained. */
public final class Bounds {

  private Bounds() {}

  /**
   * A share or rate from 0 to 1.
   *
   * @throws ProblemException SETTING_OUT_OF_RANGE
   */
  public static void share(String name, double value) {
    check(name, value, value >= 0 && value <= 1, "from 0 to 1");
  }

  /**
   * A number that is not negative.
   *
   * @throws ProblemException SETTING_OUT_OF_RANGE
   */
  public static void notNegative(String name, double value) {
    check(name, value, value >= 0 && value < Double.POSITIVE_INFINITY, "0 or more");
  }

  /**
   * A number above zero.
   *
   * @throws ProblemException SETTING_OUT_OF_RANGE
   */
  public static void positive(String name, double value) {
    check(name, value, value > 0 && value < Double.POSITIVE_INFINITY, "above 0");
  }

  /**
   * An integer that is not below another.
   *
   * @throws ProblemException SETTING_OUT_OF_RANGE
   */
  public static void atLeast(String name, int value, int least) {
    check(name, value, value >= least, "at least " + least);
  }

  private static void check(String name, Number value, boolean holds, String range) {
    if (!holds) {
      throw ProblemException.of(
          "SETTING_OUT_OF_RANGE",
          "The setting " + name + " is " + value + "; it must be " + range + ".",
          "Correct the setting.");
    }
  }
}
