package io.lazaret.backdoor;

/** Hears how far a long computation has come. */
@FunctionalInterface
public interface Progress {

  /**
   * @param fraction work done so far, 0 to 1, never falling
   * @param message what is going on, for a person
   * @throws java.util.concurrent.CancellationException to end the computation; models that it was
   *     changing in place must then be discarded
   */
  void at(double fraction, String message);

  /** Hears nothing and never cancels. */
  static Progress none() {
    return (fraction, message) -> {};
  }

  /**
   * The part of this progress between two fractions, as a progress of its own from 0 to 1.
   *
   * @param from fraction of this progress at which the part begins
   * @param to fraction of this progress at which the part ends
   */
  default Progress part(double from, double to) {
    return (fraction, message) -> at(from + (to - from) * fraction, message);
  }
}
