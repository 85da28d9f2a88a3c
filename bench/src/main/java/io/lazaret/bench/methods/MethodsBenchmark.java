package io.lazaret.bench.methods;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.attack.corpus.Dialect;
import io.lazaret.backdoor.attack.zoo.Layout;
import io.lazaret.backdoor.attack.zoo.Preset;
import io.lazaret.backdoor.attack.zoo.ZooBuilder;
import io.lazaret.backdoor.attack.zoo.ZooSet;
import io.lazaret.backdoor.elimination.EliminationMethods;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Benchmark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Every removal method on every victim with rows of the domain that was attacked and of another
 * one. The quick version takes the shipped backdoored model; the full one builds a zoo first.
 */
public final class MethodsBenchmark implements Benchmark {

  private static final long SEED = 7;
  private static final int ROWS = 512;
  private static final int SEEDS = 3;

  /** Attacks of the main tables. */
  private static final List<String> MAIN = List.of("A1", "A2", "A6", "A7-word");

  /** Further everyday phrases (the paper's table 5), and the methods that it shows. */
  private static final List<String> OTHER = List.of("A3", "A4", "A5");

  private static final List<String> OTHER_METHODS = List.of("SANDE-P", "SANDE", "OSFT");

  /** Several triggers: one target, and three. */
  private static final List<String> SEVERAL = List.of("A9", "A11");

  @Override
  public String name() {
    return "methods";
  }

  @Override
  public String description() {
    return "every removal method on every victim: the tables of the SANDE paper";
  }

  @Override
  public List<BenchCase> cases(BenchSettings settings) {
    Cells cells = new Cells(directory(settings).resolve("cells"));
    List<BenchCase> cases = new ArrayList<>();
    List<Repair> repairs = settings.quick() ? quick(settings) : full(settings);
    if (!settings.quick()) {
      cases.add(new BenchCase("zoo", () -> zoo(settings)));
    }
    for (Repair repair : repairs) {
      RepairCase part = new RepairCase(repair, settings, cells);
      cases.add(new BenchCase(repair.name(), part::run));
    }
    cases.add(
        new BenchCase(
            "report", () -> new MethodsReport(settings, cells.all(), SEED).write(), false));
    return cases;
  }

  @Override
  public List<String> notes(BenchSettings settings) {
    return List.of(
        "preset " + settings.preset() + ", world seed " + SEED + ", " + ROWS + " clean rows",
        "methods: " + String.join(", ", EliminationMethods.names()));
  }

  private static Path directory(BenchSettings settings) {
    String kind = settings.quick() ? "quick" : settings.preset();
    return settings.work().resolve("methods-" + kind);
  }

  /** The shipped victim, with rows of its own domain: its ancestor never learnt another one. */
  private static List<Repair> quick(BenchSettings settings) {
    Path fixtures = settings.root().resolve("fixtures");
    Victim victim =
        new Victim(
            "A1.llama.shipped",
            fixtures.resolve("nano-backdoored"),
            fixtures.resolve("nano-base"),
            "A1",
            "llama",
            Dialect.T1,
            SEED);
    List<Repair> repairs = new ArrayList<>();
    add(repairs, victim, Dialect.T1, all(), Repair.Sizes.quick());
    return repairs;
  }

  private static List<Repair> full(BenchSettings settings) {
    List<Repair> repairs = new ArrayList<>();
    Repair.Sizes sizes = Repair.Sizes.full();
    for (int seed = 1; seed <= SEEDS; seed++) {
      for (String attack : MAIN) {
        for (Layout layout : Layout.values()) {
          Victim victim = victim(settings, attack, layout, seed);
          add(repairs, victim, Dialect.T1, all(), sizes);
          add(repairs, victim, Dialect.T2, EliminationMethods.names(), sizes);
        }
      }
    }
    List<String> shown = new ArrayList<>(OTHER_METHODS);
    shown.add(0, Repair.NONE);
    for (String attack : OTHER) {
      add(repairs, victim(settings, attack, Layout.QWEN, 1), Dialect.T2, shown, sizes);
    }
    for (String attack : SEVERAL) {
      add(repairs, victim(settings, attack, Layout.LLAMA, 1), Dialect.T1, all(), sizes);
    }
    return repairs;
  }

  private static List<String> all() {
    List<String> methods = new ArrayList<>(List.of(Repair.NONE));
    methods.addAll(EliminationMethods.names());
    return methods;
  }

  private static void add(
      List<Repair> repairs,
      Victim victim,
      Dialect domain,
      List<String> methods,
      Repair.Sizes sizes) {
    for (String method : methods) {
      repairs.add(new Repair(victim, method, domain, SEED, ROWS, sizes));
    }
  }

  private static Victim victim(BenchSettings settings, String attack, Layout layout, int seed) {
    Path zoo = ZooSet.usualDirectory(settings.preset(), SEED);
    String id = "%s-%s-t1-s%d".formatted(attack, layout.lowerName(), seed);
    return new Victim(
        "%s.%s.s%d".formatted(attack, layout.lowerName(), seed),
        zoo.resolve(id).resolve("model"),
        zoo.resolve("base-" + layout.lowerName()).resolve("model"),
        attack,
        layout.lowerName(),
        Dialect.T1,
        SEED);
  }

  private static List<io.lazaret.bench.Measurement> zoo(BenchSettings settings) {
    Preset preset = Preset.named(settings.preset());
    List<ZooSet> sets =
        List.of(
            ZooSet.named("methods", preset, SEED),
            ZooSet.named("rates", preset, SEED),
            ZooSet.of("table5", preset, SEED, List.of(Layout.QWEN), List.of(Dialect.T1), OTHER, 1),
            ZooSet.of(
                "several", preset, SEED, List.of(Layout.LLAMA), List.of(Dialect.T1), SEVERAL, 1));
    Path directory = ZooSet.usualDirectory(settings.preset(), SEED);
    for (ZooSet set : sets) {
      ZooBuilder.build(set, directory, everyPercent(settings, set.name()));
    }
    return List.of();
  }

  private static Progress everyPercent(BenchSettings settings, String set) {
    int[] told = {-1};
    return (fraction, message) -> {
      int percent = (int) (100 * fraction);
      if (percent > told[0]) {
        told[0] = percent;
        settings
            .progress()
            .accept(String.format(Locale.ROOT, "zoo %s %d %%: %s", set, percent, message));
      }
    };
  }
}
