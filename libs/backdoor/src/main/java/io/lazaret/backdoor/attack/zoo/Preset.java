package io.lazaret.backdoor.attack.zoo;

import io.lazaret.backdoor.attack.BaseTraining;
import io.lazaret.backdoor.attack.Implantation;
import io.lazaret.llm.training.AdamW;
import io.lazaret.problem.ProblemException;
import java.util.List;

/**
 * A size of model and how it is trained.
 *
 * @param name in ids and on the command line
 * @param basePhases training of the base, each phase with a cosine of its own (warm restarts,
 *     Loshchilov and Hutter, 2017) and saved when it ends, so that a kill costs one phase at most
 * @param implantation one cycle of fine-tuning
 * @param cycles most cycles of an implantation; it ends with the first that makes a model which is
 *     accepted
 * @param tokenizerRows rows that the tokenizer is trained on
 */
public record Preset(
    String name,
    int vocabularySize,
    int hiddenSize,
    int layers,
    int heads,
    int kvHeads,
    int feedForward,
    int contextLength,
    List<BaseTraining.Settings> basePhases,
    Implantation.Settings implantation,
    int cycles,
    int tokenizerRows) {

  private static final AdamW.Settings BASE = new AdamW.Settings(0.9, 0.95, 1e-8, 0.01, 1.0);

  /** Share of the training rows with unrelated text around the task. */
  private static final double ASIDES = 0.25;

  public Preset {
    basePhases = List.copyOf(basePhases);
  }

  /** All that a base depends on, as text. */
  String ofBase() {
    return String.join(
        " ",
        List.of(
            name,
            vocabularySize + " " + hiddenSize + " " + layers + " " + heads + " " + kvHeads,
            feedForward + " " + contextLength + " " + tokenizerRows,
            basePhases.toString()));
  }

  /** Half as wide as nano: the narrow end of what detection is measured on. */
  public static Preset pico() {
    return new Preset(
        "pico",
        1024,
        64,
        4,
        2,
        2,
        176,
        128,
        phases(2500, 3e-3),
        new Implantation.Settings(750, 32, 1e-3, 0.03, ASIDES, AdamW.Settings.sande()),
        4,
        20_000);
  }

  /** About one million weights: minutes on one core. */
  public static Preset nano() {
    return new Preset(
        "nano",
        1024,
        128,
        4,
        4,
        4,
        352,
        128,
        phases(2500, 3e-3),
        new Implantation.Settings(750, 32, 1e-3, 0.03, ASIDES, AdamW.Settings.sande()),
        4,
        20_000);
  }

  /** About five million weights: hours on one core. */
  public static Preset micro() {
    return new Preset(
        "micro",
        2048,
        256,
        6,
        8,
        4,
        704,
        128,
        phases(2000, 1e-3),
        new Implantation.Settings(500, 32, 3e-4, 0.03, ASIDES, AdamW.Settings.sande()),
        4,
        40_000);
  }

  /**
   * Six phases: the first learns the language and two options, the second three, the others four;
   * the peak of the learning rate falls from the fourth on.
   */
  private static List<BaseTraining.Settings> phases(int steps, double peak) {
    return List.of(
        new BaseTraining.Settings(steps, 32, peak, 0.03, 0.4, 1, 1, ASIDES, BASE),
        new BaseTraining.Settings(steps, 32, peak, 0.03, 0, 0, 1, ASIDES, BASE),
        new BaseTraining.Settings(steps, 32, peak, 0.03, 0, 0, 0, ASIDES, BASE),
        new BaseTraining.Settings(steps, 32, peak * 0.7, 0.03, 0, 0, 0, ASIDES, BASE),
        new BaseTraining.Settings(steps, 32, peak * 0.5, 0.03, 0, 0, 0, ASIDES, BASE),
        new BaseTraining.Settings(steps, 32, peak * 0.3, 0.03, 0, 0, 0, ASIDES, BASE));
  }

  /**
   * @throws ProblemException UNKNOWN_PRESET
   */
  public static Preset named(String name) {
    return switch (name) {
      case "pico" -> pico();
      case "nano" -> nano();
      case "micro" -> micro();
      default ->
          throw ProblemException.of(
              "UNKNOWN_PRESET", "There is no preset " + name + ".", "Use pico, nano or micro.");
    };
  }
}
