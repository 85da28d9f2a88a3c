package io.lazaret.cli.doctor;

/**
 * What one check found.
 *
 * @param what what was looked at
 * @param detail what was found
 * @param nextStep what to do; empty when all is well
 */
public record Finding(State state, String what, String detail, String nextStep) {

  /** How bad it is. */
  public enum State {
    OK,
    /** It will work, but not well. */
    WARN,
    /** It will not work. */
    FAIL
  }

  static Finding ok(String what, String detail) {
    return new Finding(State.OK, what, detail, "");
  }

  static Finding warn(String what, String detail, String nextStep) {
    return new Finding(State.WARN, what, detail, nextStep);
  }

  static Finding fail(String what, String detail, String nextStep) {
    return new Finding(State.FAIL, what, detail, nextStep);
  }
}
