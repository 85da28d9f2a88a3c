package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * All scores as one, fitted on the models of one half of the variants and tested on the others, so
 * that no variant is in both.
 *
 * @param testing the curve on the half that took no part in the fit
 * @param note which variants were fitted, and the weights
 */
record Combined(Roc testing, String note) {

  static Combined of(Outcomes outcomes) {
    List<String> features = outcomes.detectors();
    List<double[]> rows = new ArrayList<>();
    List<Boolean> labels = new ArrayList<>();
    List<JsonNode> others = new ArrayList<>();
    List<String> variants = outcomes.variants();
    List<String> fitted = new ArrayList<>();
    for (int i = 0; i < variants.size(); i += 2) {
      fitted.add(variants.get(i));
    }
    for (JsonNode cell : outcomes.cells()) {
      // Clean siblings are the one variant of which each half needs some: by their seed.
      String attack = cell.path("attack").asText();
      boolean clean = attack.equals("clean");
      boolean fits =
          clean ? cell.path("model").asText().hashCode() % 2 == 0 : fitted.contains(attack);
      if (fits) {
        rows.add(row(cell, features));
        labels.add(cell.path("malicious").asBoolean());
      } else {
        others.add(cell);
      }
    }
    if (!labels.contains(true) || !labels.contains(false)) {
      return new Combined(new Roc(new double[0], new double[0]), "Too few variants to fit.");
    }
    LogisticRegression fit = LogisticRegression.fit(rows, labels);
    double[] positives = scores(others, true, fit, features);
    double[] negatives = scores(others, false, fit, features);
    StringBuilder note = new StringBuilder("Weights of the combined score, fitted on ");
    note.append(fitted.stream().collect(Collectors.joining(", "))).append(" (");
    note.append(rows.size()).append(" models), per standard deviation: ");
    double[] weights = fit.weights();
    for (int f = 0; f < features.size(); f++) {
      note.append(String.format(Locale.ROOT, "%s %+.2f, ", features.get(f), weights[f]));
    }
    note.setLength(note.length() - 2);
    return new Combined(new Roc(positives, negatives), note.append('.').toString());
  }

  private static double[] scores(
      List<JsonNode> cells, boolean malicious, LogisticRegression fit, List<String> features) {
    return cells.stream()
        .filter(cell -> cell.path("malicious").asBoolean() == malicious)
        .mapToDouble(cell -> fit.score(row(cell, features)))
        .toArray();
  }

  private static double[] row(JsonNode cell, List<String> features) {
    return features.stream()
        .mapToDouble(name -> cell.path("scores").path(name).asDouble(Double.NaN))
        .toArray();
  }
}
