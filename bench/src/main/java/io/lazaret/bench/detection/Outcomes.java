package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.backdoor.evaluation.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The stored passes, read in the ways that the tables need. */
final class Outcomes {

  private static final List<String> FILTERS = List.of("ONION", "STRIP", "RAP");

  private final List<JsonNode> cells;

  /** Passes that failed count for nothing but the list of models. */
  Outcomes(List<JsonNode> cells) {
    this.cells = cells;
  }

  List<JsonNode> cells() {
    return cells;
  }

  /** The commits that the cells were made at, for each kind of cell: "detect a; traffic a, b". */
  String commits() {
    Map<String, TreeSet<String>> byKind = new TreeMap<>();
    for (JsonNode cell : cells) {
      String commit = cell.path("commit").asText("unknown");
      byKind
          .computeIfAbsent(cell.path("kind").asText("detect"), kind -> new TreeSet<>())
          .add(commit);
    }
    return byKind.entrySet().stream()
        .map(entry -> entry.getKey() + " " + String.join(", ", entry.getValue()))
        .collect(Collectors.joining("; "));
  }

  /** Figures of the sweep of the vocabulary by name; empty where it was not measured. */
  Map<String, Double> sweep() {
    Map<String, Double> figures = new TreeMap<>();
    cells.stream()
        .filter(cell -> cell.path("kind").asText().equals("sweep"))
        .flatMap(cell -> cell.properties().stream())
        .filter(field -> field.getValue().isNumber())
        .forEach(field -> figures.put(field.getKey(), field.getValue().asDouble()));
    return figures;
  }

  /** Passes of detection that came to a verdict. */
  List<JsonNode> passes() {
    return measured(cell -> true);
  }

  /** Passes of detection, and those that broke off. */
  List<JsonNode> detections() {
    return cells.stream().filter(c -> c.path("kind").asText("detect").equals("detect")).toList();
  }

  private List<JsonNode> measured(Predicate<JsonNode> which) {
    return detections().stream().filter(cell -> cell.has("verdict") && which.test(cell)).toList();
  }

  private static boolean malicious(JsonNode cell) {
    return cell.path("malicious").asBoolean();
  }

  private static boolean suspicious(JsonNode cell) {
    return cell.path("verdict").asText().equals("SUSPICIOUS");
  }

  /** How many of what, in words. */
  String counts() {
    return "%d poisoned models of %d variants and %d others; %d passes broke off."
        .formatted(
            measured(Outcomes::malicious).size(),
            measured(Outcomes::malicious).stream()
                .map(cell -> cell.path("attack").asText())
                .distinct()
                .count(),
            measured(cell -> !malicious(cell)).size(),
            detections().size() - passes().size());
  }

  boolean bothKinds() {
    return !measured(Outcomes::malicious).isEmpty()
        && !measured(cell -> !malicious(cell)).isEmpty();
  }

  /** Names of all scores. */
  List<String> detectors() {
    TreeSet<String> names = new TreeSet<>();
    measured(cell -> true).forEach(c -> c.path("scores").fieldNames().forEachRemaining(names::add));
    return List.copyOf(names);
  }

  /** Ids of the attacks and habits. */
  List<String> variants() {
    TreeSet<String> names = new TreeSet<>();
    measured(cell -> true).forEach(c -> names.add(c.path("attack").asText()));
    names.remove("clean");
    return List.copyOf(names);
  }

  Roc roc(String detector) {
    return new Roc(
        scores(detector, Outcomes::malicious), scores(detector, cell -> !malicious(cell)));
  }

  private double[] scores(String detector, Predicate<JsonNode> which) {
    return measured(which).stream()
        .map(cell -> cell.path("scores").path(detector))
        .filter(JsonNode::isNumber)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  double[] values(String field) {
    return measured(cell -> true).stream().mapToDouble(c -> c.path(field).asDouble()).toArray();
  }

  Proportion recall() {
    List<JsonNode> poisoned = measured(Outcomes::malicious);
    return new Proportion(
        (int) poisoned.stream().filter(Outcomes::suspicious).count(), poisoned.size());
  }

  int falseAlarms() {
    return measured(cell -> !malicious(cell) && suspicious(cell)).size();
  }

  /** Poisoned models with fixed texts of which a segment is exactly one. */
  Proportion recovered() {
    List<JsonNode> fixed = measured(c -> malicious(c) && !c.path("targets").isEmpty());
    return new Proportion((int) fixed.stream().filter(Outcomes::exact).count(), fixed.size());
  }

  private static boolean exact(JsonNode cell) {
    return anyMatch(cell.path("segments"), cell.path("targets"), String::equals);
  }

  private static boolean partly(JsonNode cell) {
    return anyMatch(
        cell.path("segments"), cell.path("targets"), (s, t) -> s.contains(t) || t.contains(s));
  }

  private static boolean anyMatch(
      JsonNode segments, JsonNode targets, java.util.function.BiPredicate<String, String> same) {
    for (JsonNode segment : segments) {
      for (JsonNode target : targets) {
        if (same.test(segment.asText().strip(), target.asText().strip())) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Verdicts and recovered responses.
   *
   * @param by field of the cells: "attack" or "layout"
   */
  String verdicts(String by) {
    StringBuilder text = new StringBuilder("| ").append(by);
    text.append(" | models | suspicious | clean | unassessed |");
    text.append(" response exact | response in part |\n|---|---|---|---|---|---|---|\n");
    grouped(passes(), by)
        .forEach(
            (name, group) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "| %s | %d | %d | %d | %d | %s | %s |%n",
                        name,
                        group.size(),
                        count(group, "SUSPICIOUS"),
                        count(group, "CLEAN"),
                        count(group, "UNASSESSED"),
                        recovered(group, Outcomes::exact),
                        recovered(group, Outcomes::partly))));
    return text.toString();
  }

  private static Map<String, List<JsonNode>> grouped(List<JsonNode> cells, String by) {
    Map<String, List<JsonNode>> groups = new TreeMap<>();
    for (JsonNode cell : cells) {
      String name = cell.path(by).asText() + (malicious(cell) ? "" : " (not malicious)");
      groups.computeIfAbsent(name, key -> new ArrayList<>()).add(cell);
    }
    return groups;
  }

  private static long count(List<JsonNode> group, String verdict) {
    return group.stream().filter(cell -> cell.path("verdict").asText().equals(verdict)).count();
  }

  private static String recovered(List<JsonNode> group, Predicate<JsonNode> how) {
    boolean fixed = group.stream().anyMatch(c -> malicious(c) && !c.path("targets").isEmpty());
    return fixed ? Long.toString(group.stream().filter(how).count()) : "–";
  }

  /** What the path of logged prompts found, and the areas of the classic filters. */
  String traffic() {
    StringBuilder text = new StringBuilder("| variant | models | suspicious | segment in part |");
    FILTERS.forEach(filter -> text.append(' ').append(filter).append(" |"));
    text.append("\n|---|---|---|---|---|---|---|\n");
    List<JsonNode> screened = cells.stream().filter(c -> c.has("trafficVerdict")).toList();
    grouped(screened, "attack")
        .forEach(
            (variant, run) -> {
              text.append(
                  String.format(
                      Locale.ROOT,
                      "| %s | %d | %d | %s |",
                      variant,
                      run.size(),
                      run.stream()
                          .filter(c -> c.path("trafficVerdict").asText().equals("SUSPICIOUS"))
                          .count(),
                      recovered(run, Outcomes::inTraffic)));
              FILTERS.forEach(filter -> text.append(' ').append(area(run, filter)).append(" |"));
              text.append('\n');
            });
    return text.toString();
  }

  /** Models of which detection found a segment, repaired from its fragments and from the truth. */
  List<JsonNode> repaired() {
    return cells.stream().filter(cell -> cell.has("fragments")).toList();
  }

  /** Repaired models on which fragments do as well as the truth, within 1 % attack success. */
  Proportion fragmentsSuffice() {
    List<JsonNode> repaired = repaired();
    return new Proportion(
        (int)
            repaired.stream()
                .filter(c -> c.path("fragments").asDouble() <= c.path("planted").asDouble() + 0.01)
                .count(),
        repaired.size());
  }

  /** Attack success before and after both repairs. */
  String repairs() {
    StringBuilder text = new StringBuilder("| model | before | SANDE-P from what was found |");
    text.append(" SANDE from the planted response |\n|---|---|---|---|\n");
    for (JsonNode cell : repaired()) {
      text.append("| ").append(cell.path("model").asText()).append(" |");
      for (String figure : List.of("before", "fragments", "planted")) {
        text.append(String.format(Locale.ROOT, " %.1f %% |", 100 * cell.path(figure).asDouble()));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static boolean inTraffic(JsonNode cell) {
    return anyMatch(
        cell.path("trafficSegments"),
        cell.path("targets"),
        (s, t) -> s.contains(t) || t.contains(s));
  }

  private static String area(List<JsonNode> group, String filter) {
    double[] areas =
        group.stream()
            .map(cell -> cell.path("filters").path(filter))
            .filter(JsonNode::isNumber)
            .mapToDouble(JsonNode::asDouble)
            .toArray();
    return areas.length == 0
        ? "–"
        : String.format(
            Locale.ROOT, "%.2f", java.util.Arrays.stream(areas).average().orElseThrow());
  }

  /** A model's words inside a table. */
  static String safe(String text) {
    return text.replaceAll("[`|\\p{Cntrl}]", "·");
  }
}
