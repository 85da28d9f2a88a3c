package io.lazaret.llm.arch;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Non-linearities of the feed-forward part, with their names in a config.json. */
public enum Activation {
  SILU("silu", "swish"),
  /** With the error function. */
  GELU("gelu"),
  /** With the tanh approximation (Hendrycks and Gimpel, "Gaussian Error Linear Units"). */
  GELU_TANH("gelu_pytorch_tanh", "gelu_new", "gelu_fast"),
  RELU("relu");

  private final List<String> names;

  Activation(String... names) {
    this.names = List.of(names);
  }

  /** The activation with this name in a config.json. */
  public static Optional<Activation> of(String name) {
    return Arrays.stream(values()).filter(a -> a.names.contains(name)).findFirst();
  }

  /** The name that is written into a config.json. */
  public String configName() {
    return names.get(0);
  }

  /** All names that {@link #of} knows. */
  public static List<String> supported() {
    return Arrays.stream(values()).flatMap(a -> a.names.stream()).toList();
  }
}
