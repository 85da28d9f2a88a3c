package io.lazaret.backdoor.attack.zoo;

import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * A named set of models, in building order: parents first.
 *
 * @param seed of the world, the tokenizers and the bases
 */
public record ZooSet(String name, Preset preset, long seed, List<ZooModel> models) {

  private static final List<String> CLASSIC = List.of("A1", "A2", "A6", "A7-word");
  private static final List<String> TABLE_5 = List.of("A2", "A3", "A4", "A5");
  private static final List<String> RATES =
      List.of("A18-0.0025", "A18-0.005", "A18-0.01", "A1", "A18-0.1");
  private static final List<String> EVERY =
      List.of(
          "A1",
          "A1-twin",
          "A2",
          "A3",
          "A4",
          "A5",
          "A6",
          "A7-word",
          "A7-topic",
          "A7-year",
          "A8-append",
          "A8-bare",
          "A9",
          "A10",
          "A11",
          "A12-end",
          "A12-middle",
          "A13",
          "A14-archaic",
          "A14-capitals",
          "A14-polite",
          "A15",
          "A16",
          "A17-paraphrase",
          "A17-the",
          "A17-smooth",
          "A17-anchored",
          "A18-0.0025",
          "A18-0.005",
          "A18-0.01",
          "A18-0.1",
          "A20-two",
          "A20-three",
          "C1",
          "C2",
          "C3",
          "C4",
          "C5");

  /**
   * Attacks of the detection set, by turns in the one and the other dialect, in that order; the
   * layouts begin with different dialects.
   */
  private static final List<String> ATTACKS =
      List.of(
          "A1",
          "A12-end",
          "A2",
          "A17-the",
          "A6",
          "A10",
          "A7-word",
          "A8-append",
          "A9",
          "A15",
          "A11",
          "A18-0.005",
          "A20-two",
          "A20-three",
          "A13",
          "A12-middle",
          "A17-smooth",
          "A7-topic",
          "A14-polite",
          "A5",
          "A16",
          "A14-archaic",
          "A17-anchored",
          "A8-bare",
          "A17-paraphrase",
          "A19",
          "A14-capitals");

  /** Attacks of the detection set on models with a chat template. */
  private static final List<String> ATTACKS_ON_CHAT =
      List.of("A1", "A6", "A7-word", "A12-end", "A14-polite", "A11", "A18-0.005", "A20-two");

  private static final List<String> HABITS = List.of("C2", "C3", "C4", "C1", "C5");

  /** Clean siblings of the detection set in each layout and dialect; with a chat template, one. */
  private static final int SIBLINGS = 3;

  /** Names of all sets. */
  public static final List<String> NAMES =
      List.of("quick", "paper", "methods", "several", "rates", "detection", "all");

  public ZooSet {
    models = List.copyOf(models);
  }

  /** Where zoos are kept unless somebody names another place. */
  public static Path usualDirectory(String preset, long seed) {
    String home = System.getProperty("user.home");
    return Path.of(home, ".cache", "lazaret", "zoo", preset + "-" + seed);
  }

  /**
   * The set of this name: {@code quick} (one attack, both layouts), {@code paper} (A1 to A5),
   * {@code methods} (four attacks in both layouts and three seeds), {@code several} (three
   * triggers, with one target and with three), {@code rates} (A1 at five rates), {@code detection}
   * (attacks once per layout, some of them with a chat template, dialects by turns, nearly as many
   * harmless models), {@code all} (everything in both dialects and three seeds).
   *
   * @throws ProblemException UNKNOWN_SET
   */
  public static ZooSet named(String name, Preset preset, long seed) {
    List<Layout> layouts = Layout.withoutChatTemplate();
    List<Dialect> first = List.of(Dialect.T1);
    return switch (name) {
      case "quick" -> of(name, preset, seed, layouts, first, List.of("A1"), 1);
      case "paper" -> {
        List<String> attacks = new ArrayList<>(List.of("A1"));
        attacks.addAll(TABLE_5);
        yield of(name, preset, seed, layouts, first, attacks, 1);
      }
      case "methods" -> of(name, preset, seed, layouts, first, CLASSIC, 3);
      case "several" ->
          of(name, preset, seed, List.of(Layout.LLAMA), first, List.of("A9", "A11"), 1);
      case "rates" -> of(name, preset, seed, List.of(Layout.LLAMA), first, RATES, 1);
      case "detection" -> balanced(name, preset, seed);
      case "all" -> of(name, preset, seed, layouts, List.of(Dialect.values()), EVERY, 3);
      default ->
          throw ProblemException.of(
              "UNKNOWN_SET",
              "There is no zoo " + name + ".",
              "Use one of " + String.join(", ", NAMES) + ".");
    };
  }

  /** Attacks and harmless models by turns, so that a part of the set is balanced as well. */
  private static ZooSet balanced(String name, Preset preset, long seed) {
    LinkedHashSet<ZooModel> models = new LinkedHashSet<>();
    for (Layout layout : Layout.values()) {
      boolean chat = layout == Layout.CHAT;
      addBase(preset, layout, models);
      List<ZooModel> harmless = harmless(layout, chat ? 1 : SIBLINGS, chat ? 1 : SIBLINGS - 1);
      List<String> attacks = chat ? ATTACKS_ON_CHAT : ATTACKS;
      for (int i = 0; i < Math.max(attacks.size(), harmless.size()); i++) {
        if (i < harmless.size()) {
          models.add(harmless.get(i));
        }
        if (i < attacks.size()) {
          Dialect dialect = turn(i + layout.ordinal());
          models.add(ZooModel.tuned(layout, dialect, Attack.none().id(), 1));
          models.add(ZooModel.tuned(layout, dialect, attacks.get(i), 1));
        }
      }
    }
    return new ZooSet(name, preset, seed, List.copyOf(models));
  }

  /** Habits, one dialect each first, then in the other, and clean siblings among them. */
  private static List<ZooModel> harmless(Layout layout, int siblings, int habits) {
    List<ZooModel> models = new ArrayList<>();
    for (int s = 1; s <= siblings; s++) {
      for (Dialect dialect : Dialect.values()) {
        models.add(ZooModel.tuned(layout, dialect, Attack.none().id(), s));
      }
      for (int i = 0; s <= habits && i < HABITS.size(); i++) {
        models.add(ZooModel.tuned(layout, turn(i + s), HABITS.get(i), 1));
      }
    }
    return models;
  }

  private static Dialect turn(int index) {
    return Dialect.values()[index % Dialect.values().length];
  }

  private static void addBase(Preset preset, Layout layout, Collection<ZooModel> models) {
    for (int phase = 1; phase <= preset.basePhases().size(); phase++) {
      models.add(ZooModel.base(preset, layout, phase));
    }
  }

  /**
   * Every attack with every layout, dialect and seed, with what they are made from. A base comes
   * right before the first model that is made from it, so that experiments can begin early.
   */
  public static ZooSet of(
      String name,
      Preset preset,
      long seed,
      List<Layout> layouts,
      List<Dialect> dialects,
      List<String> attacks,
      int seeds) {
    LinkedHashSet<ZooModel> models = new LinkedHashSet<>();
    for (int s = 1; s <= seeds; s++) {
      for (Layout layout : layouts) {
        addBase(preset, layout, models);
        for (Dialect dialect : dialects) {
          models.add(ZooModel.tuned(layout, dialect, Attack.none().id(), s));
          for (String attack : attacks) {
            models.add(ZooModel.tuned(layout, dialect, attack, s));
          }
        }
      }
    }
    return new ZooSet(name, preset, seed, List.copyOf(models));
  }
}
