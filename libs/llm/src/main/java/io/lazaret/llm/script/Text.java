package io.lazaret.llm.script;

import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;
import java.util.Locale;

/** Fills templates of TorchScript text for one layout of weights. */
final class Text {

  private final WeightLayout layout;

  Text(WeightLayout layout) {
    this.layout = layout;
  }

  /** Index expression of a layer's weight; {@code o} is the index of the layer's first weight. */
  String at(Role role) {
    return "o + " + layout.index(role);
  }

  /** Product of {@code x} with a layer's weight, plus its bias where the layout has one. */
  String product(String x, Role weight, Role bias) {
    return layout.has(bias)
        ? "(self).biased(" + x + ", " + at(weight) + ", " + at(bias) + ")"
        : "(self).linear(" + x + ", " + at(weight) + ")";
  }

  /** Norm of {@code x} by a layer's weight. */
  String norm(String x, Role role) {
    return "(self).norm(" + x + ", " + at(role) + ")";
  }

  /** A statement where a condition holds, else nothing. */
  static String when(boolean condition, String statement) {
    return condition ? "    " + statement + "\n" : "";
  }

  /** A number that reads back as the same double. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%.17e", value);
  }
}
