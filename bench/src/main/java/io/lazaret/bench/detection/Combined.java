package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The figures of each model's best chain as one score. The variants are halved; models of the one
 * half are scored with weights that were fitted on the other, so that no variant is in both.
 *
 * @param testing the curve over all models, each scored with the weights of the other half
 * @param note which variants are in the first half, and both halves' weights
 */
record Combined(Roc testing, String note) {

  static final List<String> FIGURES =
      List.of("soonness", "distance", "memory", "firing", "returning");

  static Combined of(Outcomes outcomes) {
    List<String> variants = outcomes.variants();
    List<String> first = new ArrayList<>();
    for (int i = 0; i < variants.size(); i += 2) {
      first.add(variants.get(i));
    }
    List<JsonNode> one = new ArrayList<>();
    List<JsonNode> other = new ArrayList<>();
    for (JsonNode cell : outcomes.passes()) {
      (inFirst(cell, first) ? one : other).add(cell);
    }
    if (!bothKinds(one) || !bothKinds(other)) {
      return new Combined(new Roc(new double[0], new double[0]), "Too few variants to fit.");
    }
    LogisticRegression fitOne = fit(one);
    LogisticRegression fitOther = fit(other);
    List<Double> positives = new ArrayList<>();
    List<Double> negatives = new ArrayList<>();
    one.forEach(cell -> (malicious(cell) ? positives : negatives).add(score(fitOther, cell)));
    other.forEach(cell -> (malicious(cell) ? positives : negatives).add(score(fitOne, cell)));
    String note =
        "Refitted score: "
            + weights("fitted on " + String.join(", ", first), one, fitOne)
            + "; "
            + weights("fitted on the others", other, fitOther)
            + ". Weights per standard deviation; each half is judged by the weights of the other.";
    return new Combined(new Roc(array(positives), array(negatives)), note);
  }

  /** Clean siblings are the one variant of which each half needs some: by their seed. */
  private static boolean inFirst(JsonNode cell, List<String> first) {
    String attack = cell.path("attack").asText();
    return attack.equals("clean")
        ? cell.path("model").asText().hashCode() % 2 == 0
        : first.contains(attack);
  }

  private static boolean bothKinds(List<JsonNode> cells) {
    return cells.stream().map(Combined::malicious).distinct().count() == 2;
  }

  private static LogisticRegression fit(List<JsonNode> cells) {
    return LogisticRegression.fit(
        cells.stream().map(Combined::row).toList(),
        cells.stream().map(Combined::malicious).toList());
  }

  private static boolean malicious(JsonNode cell) {
    return cell.path("malicious").asBoolean();
  }

  private static double score(LogisticRegression fit, JsonNode cell) {
    return fit.score(row(cell));
  }

  private static double[] row(JsonNode cell) {
    return FIGURES.stream()
        .mapToDouble(name -> cell.path("figures").path(name).asDouble(Double.NaN))
        .toArray();
  }

  private static String weights(String how, List<JsonNode> cells, LogisticRegression fit) {
    StringBuilder text = new StringBuilder(how + " (" + cells.size() + " models):");
    for (int f = 0; f < FIGURES.size(); f++) {
      text.append(String.format(Locale.ROOT, " %s %+.2f", FIGURES.get(f), fit.weights()[f]));
    }
    return text.toString();
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
