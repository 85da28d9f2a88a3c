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
  public static double share(String name, double value) {
    return within(name, value, 0, 1);
  }

  /**
   * A number that is not negative.
   *
   * @throws ProblemException SETTING_OUT_OF_RANGE
   */
  public static double notNegative(String name, double value) {
    return within(name, value, 0, Double.MAX_VALUE);
  }

  /**
   * A number above zero.
   *
   * @throws ProblemException SETTING_OUT_OF_RANGE
   */
  public static double positive(String name, double value) {
    return within(name, value, Double.MIN_VALUE, Double.MAX_VALUE);
  }

  private static double within(String name, double value, double low, double high) {
    // Written so that NaN fails too.
    if (!(value >= low && value <= high)) {
      String range = high <= 1 ? "from 0 to 1" : low > 0 ? "above 0" : "0 or more";
      throw ProblemException.of(
          "SETTING_OUT_OF_RANGE",
          "The setting " + name + " is " + value + "; it must be " + range + ".",
          "Correct the setting.");
    }
    return value;
  }
}
