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
import io.lazaret.bench.Cells;
import io.lazaret.bench.detection.RemovalChild;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Every removal method on every victim with rows of the domain that was attacked and of another
 * one. The quick version takes the shipped backdoored model; the full one builds a zoo first.
 */
public final class MethodsBenchmark implements Benchmark {

  private static final long SEED = 7;

  /** The paper takes 10 000; with 512, two passes of its length overfit (ADR 0042). */
  private static final int ROWS = 4000;

  private static final int SEEDS = 3;

  /** Attacks of the main tables. */
  private static final List<String> MAIN = List.of("A1", "A2", "A6", "A7-word");

  /** Further everyday phrases (the paper's table 5), and the methods that it shows. */
  private static final List<String> OTHER = List.of("A3", "A4", "A5");

  private static final List<String> OTHER_METHODS = List.of("SANDE-P", "SANDE", "OSFT");

  /** Methods of the paper's main tables and the blind variants; the others come after them. */
  private static final List<String> FIRST =
      List.of(
          Repair.NONE,
          Repair.SIBLING,
          "OSFT",
          "SANDE",
          "SANDE-X",
          "SFT",
          "SANDE-P",
          "DPO",
          "SANDE-R");

  /** Removes target after target without being told how many there are. */
  static final String DEFLATION = "SANDE-D";

  /** Methods that are tried with adapters too. */
  private static final List<String> WITH_ADAPTERS =
      List.of("SFT", "DPO", "OSFT", "SANDE", "SANDE-P", "SANDE-X");

  /** Places of the parrot in the paper's table 6. */
  private static final List<Integer> POSITIONS = List.of(2, 5, 10, 15, 20);

  /** Several triggers: one target, and three. */
  static final List<String> SEVERAL = List.of("A9", "A11");

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
      RepairCase part = new RepairCase(repair, settings, cells, Clock.systemUTC());
      cases.add(new BenchCase(repair.name(), part::run));
    }
    cases.add(
        new BenchCase(
            "report",
            () -> new MethodsReport(settings, cells.all(), repairs.size(), SEED).write(),
            false));
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
            fixtures.resolve("nano-clean"),
            "A1",
            "llama",
            Dialect.T1,
            SEED);
    List<Repair> repairs = new ArrayList<>();
    add(repairs, List.of(victim), Dialect.T1, all(), Repair.Sizes.quick());
    return repairs;
  }

  /** What answers the main questions first: methods outside, victims inside. */
  private static List<Repair> full(BenchSettings settings) {
    List<Victim> main = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      for (Layout layout : Layout.withoutChatTemplate()) {
        for (String attack : MAIN) {
          main.add(victim(settings, attack, layout, seed));
        }
      }
    }
    List<Victim> other = new ArrayList<>();
    OTHER.forEach(attack -> other.add(victim(settings, attack, Layout.QWEN, 1)));
    List<Victim> several = new ArrayList<>();
    SEVERAL.forEach(attack -> several.add(victim(settings, attack, Layout.LLAMA, 1)));

    Repair.Sizes sizes = Repair.Sizes.full();
    List<Repair> repairs = new ArrayList<>();
    add(repairs, main, Dialect.T1, FIRST, sizes);
    repairs(main, Dialect.T1, List.of(Repair.PARTIAL), sizes)
        .forEach(repair -> repairs.add(repair.withFragment(RemovalChild.FRAGMENT)));
    add(repairs, several, Dialect.T1, FIRST, sizes);
    add(repairs, several, Dialect.T1, List.of(DEFLATION), sizes);
    add(repairs, other, Dialect.T1, List.of(Repair.NONE), sizes);
    add(repairs, other, Dialect.T2, OTHER_METHODS, sizes);
    add(repairs, main, Dialect.T2, FIRST.subList(2, FIRST.size()), sizes);
    List<Victim> one = List.of(victim(settings, MAIN.get(0), Layout.QWEN, 1));
    for (Repair repair : repairs(one, Dialect.T1, List.of("SANDE"), sizes)) {
      POSITIONS.forEach(position -> repairs.add(repair.withParrotsAt(position)));
    }
    List<Victim> firstSeed = main.subList(0, MAIN.size() * Layout.withoutChatTemplate().size());
    repairs(firstSeed, Dialect.T1, WITH_ADAPTERS, sizes)
        .forEach(repair -> repairs.add(repair.withAdapters()));
    add(repairs, main, Dialect.T1, rest(), sizes);
    add(
        repairs,
        several,
        Dialect.T1,
        rest().stream().filter(name -> !name.equals(DEFLATION)).toList(),
        sizes);
    add(repairs, main, Dialect.T2, rest(), sizes);
    return repairs;
  }

  private static List<String> all() {
    List<String> methods = new ArrayList<>(FIRST);
    methods.addAll(rest());
    return methods;
  }

  private static List<String> rest() {
    return EliminationMethods.names().stream().filter(name -> !FIRST.contains(name)).toList();
  }

  private static void add(
      List<Repair> repairs,
      List<Victim> victims,
      Dialect domain,
      List<String> methods,
      Repair.Sizes sizes) {
    repairs.addAll(repairs(victims, domain, methods, sizes));
  }

  private static List<Repair> repairs(
      List<Victim> victims, Dialect domain, List<String> methods, Repair.Sizes sizes) {
    List<Repair> repairs = new ArrayList<>();
    for (String method : methods) {
      for (Victim victim : victims) {
        repairs.add(Repair.usual(victim, method, domain, SEED, ROWS, sizes));
      }
    }
    return repairs;
  }

  private static Victim victim(BenchSettings settings, String attack, Layout layout, int seed) {
    Path zoo = ZooSet.usualDirectory(settings.preset(), SEED);
    String id = "%s-%s-t1-s%d".formatted(attack, layout.lowerName(), seed);
    return new Victim(
        "%s.%s.s%d".formatted(attack, layout.lowerName(), seed),
        zoo.resolve(id).resolve("model"),
        zoo.resolve("base-" + layout.lowerName()).resolve("model"),
        zoo.resolve("clean-%s-t1-s%d".formatted(layout.lowerName(), seed)).resolve("model"),
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
            ZooSet.named("several", preset, SEED));
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
