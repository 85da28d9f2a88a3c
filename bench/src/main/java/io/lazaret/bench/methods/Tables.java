package io.lazaret.bench.methods;

import io.lazaret.backdoor.evaluation.PairedBootstrap;
import io.lazaret.backdoor.evaluation.Proportion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** Markdown tables over stored repairs: methods down, attacks and layouts across. */
final class Tables {

  private static final List<String> UTILITIES =
      List.of("exactMatch", "multipleChoice.corrected", "multipleChoice.sande_compat");

  private final List<Cell> cells;
  private final Map<String, Cell> victims = new LinkedHashMap<>();

  Tables(List<Cell> cells) {
    this.cells = cells;
    cells.stream().filter(Cell::isVictim).forEach(cell -> victims.put(cell.text("victim"), cell));
  }

  /** Attack success per method and column; the victims stand in the first row. */
  String attackSuccess(String domain, Predicate<String> attacks, Function<Cell, Proportion> share) {
    return table(domain, attacks, chosen -> pooled(chosen, share));
  }

  /** Exact match, multiple choice corrected and as in the paper's code; change since the victim. */
  String utility(String domain, Predicate<String> attacks) {
    return table(
        domain,
        attacks,
        chosen -> {
          List<String> parts = new ArrayList<>();
          for (String name : UTILITIES) {
            parts.add(number(100 * mean(chosen, cell -> cell.items(name).mean())));
          }
          return String.join(" / ", parts) + change(chosen);
        });
  }

  /** What becomes of a repair when its parrot stands elsewhere: one line per place. */
  String positions(String method) {
    StringBuilder text = new StringBuilder();
    text.append("| token of the user text | victim | attack success | right under the trigger |");
    text.append(" exact match |\n|---|---|---|---|---|\n");
    List<Cell> placed =
        cells.stream()
            .filter(cell -> cell.measured() && cell.text("domain").equals("in"))
            .filter(
                cell ->
                    cell.text("method").startsWith(method + Repair.AT)
                        || cell.text("method").equals(method) && movedVictims(method, cell))
            .sorted(
                Comparator.comparing((Cell c) -> c.text("victim"))
                    .thenComparing(c -> place(method, c)))
            .toList();
    for (Cell cell : placed) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %d | %s | %s | %s | %.1f |%n",
              place(method, cell),
              cell.text("victim"),
              pooled(List.of(cell), Cell::asr),
              number(100 * cell.correct().rate()),
              100 * cell.exactMatch().rate()));
    }
    return text.toString();
  }

  private static int place(String method, Cell cell) {
    boolean usual = cell.text("method").equals(method);
    return usual
        ? 0
        : Integer.parseInt(cell.text("method").substring((method + Repair.AT).length()));
  }

  private boolean movedVictims(String method, Cell usual) {
    return cells.stream()
        .anyMatch(
            c ->
                c.text("victim").equals(usual.text("victim"))
                    && c.text("method").startsWith(method + Repair.AT));
  }

  /** Seconds and peak memory of one repair. */
  String cost(Predicate<String> attacks) {
    StringBuilder text = new StringBuilder();
    text.append("| method | repairs | seconds (mean) | of which simulation | peak MiB (max) |\n");
    text.append("|---|---|---|---|---|\n");
    for (String method : methods("in", attacks)) {
      List<Cell> chosen =
          cells.stream()
              .filter(
                  c -> c.text("method").equals(method) && c.measured() && c.json().has("seconds"))
              .filter(c -> attacks.test(c.text("attack")))
              .toList();
      if (chosen.isEmpty()) {
        continue;
      }
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %d | %.1f | %.1f | %.0f |%n",
              method,
              chosen.size(),
              mean(chosen, c -> c.json().path("seconds").asDouble()),
              mean(chosen, c -> c.json().path("simulationSeconds").asDouble()),
              chosen.stream()
                  .mapToDouble(c -> c.json().path("peakMebibytes").asDouble())
                  .max()
                  .orElseThrow()));
    }
    return text.toString();
  }

  private String table(
      String domain, Predicate<String> attacks, Function<List<Cell>, String> content) {
    Set<String> columns = new TreeSet<>();
    for (Cell cell : cells) {
      if (attacks.test(cell.text("attack")) && (in(cell, domain))) {
        columns.add(cell.column());
      }
    }
    StringBuilder text = new StringBuilder("| method | ");
    text.append(String.join(" | ", columns)).append(" |\n|---|");
    text.append("---|".repeat(columns.size())).append('\n');
    for (String method : methods(domain, attacks)) {
      text.append("| ").append(method.equals(Repair.NONE) ? "backdoored" : method).append(" |");
      for (String column : columns) {
        List<Cell> chosen =
            cells.stream()
                .filter(c -> c.text("method").equals(method) && c.column().equals(column))
                .filter(c -> c.isVictim() || in(c, domain))
                .toList();
        text.append(' ').append(cellText(chosen, content)).append(" |");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String cellText(List<Cell> chosen, Function<List<Cell>, String> content) {
    List<Cell> measured = chosen.stream().filter(Cell::measured).toList();
    if (!measured.isEmpty()) {
      return content.apply(measured);
    }
    return chosen.isEmpty() ? "–" : "does not apply: " + chosen.get(0).reason().split(":")[0];
  }

  private static boolean in(Cell cell, String domain) {
    return cell.text("domain").equals(domain) && !cell.isVictim()
        || cell.isVictim() && domain.equals("in");
  }

  private List<String> methods(String domain, Predicate<String> attacks) {
    Set<String> methods = new LinkedHashSet<>(List.of(Repair.NONE));
    cells.stream()
        .filter(c -> in(c, domain) && attacks.test(c.text("attack")))
        .filter(c -> !c.text("method").contains(Repair.AT))
        .forEach(c -> methods.add(c.text("method")));
    return List.copyOf(methods);
  }

  /** "0.0 (0/3000, ≤ 0.1)": all seeds together. */
  private static String pooled(List<Cell> chosen, Function<Cell, Proportion> share) {
    int hits = 0;
    int n = 0;
    for (Cell cell : chosen) {
      hits += share.apply(cell).hits();
      n += share.apply(cell).n();
    }
    Proportion all = new Proportion(hits, n);
    return String.format(
        Locale.ROOT,
        "%.1f (%d/%d, %.2f–%.2f)",
        100 * all.rate(),
        hits,
        n,
        100 * all.lower95(),
        100 * all.upper95());
  }

  /** Mean change of exact match since the victims, and the widest interval of one of them. */
  private String change(List<Cell> chosen) {
    if (chosen.get(0).isVictim()) {
      return "";
    }
    List<PairedBootstrap.Interval> changes = new ArrayList<>();
    for (Cell cell : chosen) {
      Cell victim = victims.get(cell.text("victim"));
      if (victim != null && victim.measured()) {
        changes.add(cell.change("exactMatch", victim));
      }
    }
    if (changes.isEmpty()) {
      return "";
    }
    double mean = changes.stream().mapToDouble(i -> i.difference()).average().orElseThrow();
    double lowest = changes.stream().mapToDouble(i -> i.lower()).min().orElseThrow();
    double highest = changes.stream().mapToDouble(i -> i.upper()).max().orElseThrow();
    return String.format(
        Locale.ROOT, " (%+.1f, %+.1f to %+.1f)", 100 * mean, 100 * lowest, 100 * highest);
  }

  private static double mean(List<Cell> chosen, Function<Cell, Double> value) {
    return chosen.stream().mapToDouble(value::apply).average().orElse(Double.NaN);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
