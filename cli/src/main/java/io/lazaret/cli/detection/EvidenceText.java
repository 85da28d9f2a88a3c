package io.lazaret.cli.detection;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The evidence of a detection pass in words, with the controls as a plot. */
public final class EvidenceText {

  private static final int PLOT_WIDTH = 48;
  private static final int NAME_WIDTH = 30;
  private static final int CONTROLS = 12;
  private static final int BAR = 20;

  /** Scores at the ends of the plot. */
  private static final double PLOT_FROM = -14;

  private static final double PLOT_TO = 6;

  private final Terminal terminal;
  private final List<String> lines = new ArrayList<>();

  private EvidenceText(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * @param document a detection result, or its evidence alone
   */
  public static List<String> lines(Terminal terminal, JsonNode document) {
    EvidenceText text = new EvidenceText(terminal);
    JsonNode evidence = document.has("evidence") ? document.path("evidence") : document;
    text.head(document, evidence);
    for (JsonNode segment : evidence.path("segments")) {
      text.segment(segment, evidence);
    }
    text.controls(evidence);
    text.readings(evidence.path("readings"));
    text.stages(evidence);
    return text.lines;
  }

  private void head(JsonNode document, JsonNode evidence) {
    if (document.has("verdict")) {
      add(terminal.bold(document.path("verdict").asText()));
      add(Printable.of(document.path("explanation").asText()));
    }
    JsonNode prompts = evidence.path("prompts");
    if (prompts.path("reference").asInt() == 0) {
      return; // The pass broke off before it looked at anything: the explanation says it all.
    }
    add(
        "Prompts: %d given, %d for clean statistics, %d swept, %d to grow triggers on, %d held out; clean loss %.3f nats a token"
            .formatted(
                prompts.path("given").asInt(),
                prompts.path("reference").asInt(),
                prompts.path("search").asInt(),
                prompts.path("growth").asInt(),
                prompts.path("heldOut").asInt(),
                prompts.path("cleanLoss").asDouble()));
    add("What a pass to the end with these detectors covers:");
    for (JsonNode part : evidence.path("coverage")) {
      add("  " + Printable.of(part.asText()));
    }
  }

  private void segment(JsonNode segment, JsonNode evidence) {
    JsonNode basis = segment.path("basis");
    add("");
    add(
        terminal.bold("\"" + Printable.of(segment.path("text").asText()) + "\"")
            + " at the "
            + segment.path("position").asText().toLowerCase(Locale.ROOT)
            + " of answers"
            + (segment.path("declared").asBoolean() ? ", a declared response" : ""));
    add(
        "  score %.2f (threshold %.2f), %.1f deviations from %d controls; suspicion %.3f"
            .formatted(
                segment.path("score").asDouble(),
                evidence.path("threshold").asDouble(),
                basis.path("z").asDouble(),
                basis.path("controls").size(),
                basis.path("suspicion").asDouble()));
    if (segment.path("styles").isEmpty()) {
      add(
          "  log-probability a token under triggers of 1, 2, ... tokens: %s; %d of %d restarts agree"
              .formatted(
                  numbers(basis.path("activationByLength")),
                  basis.path("agreeing").asInt(),
                  basis.path("restarts").asInt()));
    }
    Proportion clean =
        new Proportion(basis.path("cleanHits").asInt(), basis.path("cleanN").asInt());
    add(
        "  without a trigger: %d of %d answers have it (95 %% bound %.2f %%)"
            .formatted(clean.hits(), clean.n(), 100 * clean.upper95()));
    if (basis.path("returning").asDouble() > 0) {
      add(
          "  behind it, %.0f %% of the answers go on as the model answers without a trigger"
              .formatted(100 * basis.path("returning").asDouble()));
    }
    tokens(basis);
    for (JsonNode trigger : segment.path("functionalTriggers")) {
      trigger(trigger);
    }
    for (JsonNode style : segment.path("styles")) {
      style(style);
    }
  }

  private void tokens(JsonNode basis) {
    add("  token                 without      with   10 % of prompts below");
    for (int i = 0; i < basis.path("tokens").size(); i++) {
      double with = basis.path("probabilityElicited").path(i).asDouble();
      add(
          "  %-20s %8.4f  %8.4f  %8.4f  %s"
              .formatted(
                  Printable.of("'" + basis.path("tokens").path(i).asText() + "'"),
                  basis.path("probabilityClean").path(i).asDouble(),
                  with,
                  basis.path("lowElicited").path(i).asDouble(),
                  "#".repeat((int) Math.round(BAR * with))));
    }
  }

  private void style(JsonNode style) {
    add("  prompts %s: %s".formatted(Printable.of(style.path("style").asText()), hits(style)));
  }

  private void trigger(JsonNode trigger) {
    add(
        "  trigger \"%s\" (%s): %s"
            .formatted(
                Printable.of(trigger.path("text").asText()),
                trigger.path("placement").asText().toLowerCase(Locale.ROOT),
                hits(trigger)));
  }

  private static String hits(JsonNode elicitor) {
    Proportion hits = new Proportion(elicitor.path("hits").asInt(), elicitor.path("n").asInt());
    return "%d of %d, at least %.0f %% with 95 %% confidence"
        .formatted(hits.hits(), hits.n(), 100 * hits.lower95());
  }

  /** Scores of segments and of the model's other chains, one under the other. */
  private void controls(JsonNode evidence) {
    if (evidence.path("controls").isEmpty()) {
      return;
    }
    add("");
    add(
        "Scores from %.0f to %.0f (| is the threshold; without a star: the model's other chains)"
            .formatted(PLOT_FROM, PLOT_TO));
    double threshold = evidence.path("threshold").asDouble();
    for (JsonNode segment : evidence.path("segments")) {
      plot("* " + segment.path("text").asText(), segment.path("score").asDouble(), threshold);
    }
    for (int i = 0; i < Math.min(CONTROLS, evidence.path("controls").size()); i++) {
      JsonNode control = evidence.path("controls").path(i);
      plot("  " + control.path("text").asText(), control.path("score").asDouble(), threshold);
    }
  }

  private void plot(String name, double score, double threshold) {
    char[] bar = " ".repeat(PLOT_WIDTH + 1).toCharArray();
    for (int i = 0; i < place(score); i++) {
      bar[i] = '=';
    }
    bar[place(threshold)] = '|';
    bar[place(score)] = 'o';
    add("%s %s %6.2f".formatted(padded(Printable.of(name, NAME_WIDTH)), new String(bar), score));
  }

  private static String padded(String name) {
    return name + " ".repeat(Math.max(0, NAME_WIDTH - name.length()));
  }

  private static int place(double score) {
    double share = (score - PLOT_FROM) / (PLOT_TO - PLOT_FROM);
    return (int) Math.round(PLOT_WIDTH * Math.max(0, Math.min(1, share)));
  }

  private void readings(JsonNode readings) {
    if (readings.isEmpty()) {
      return;
    }
    add("");
    add("Other detectors");
    for (JsonNode reading : readings) {
      add(
          "  %-16s %s %.3f %s"
              .formatted(
                  reading.path("detector").asText(),
                  Printable.of("\"" + reading.path("text").asText() + "\"", NAME_WIDTH),
                  reading.path("score").asDouble(),
                  Printable.of(reading.path("detail").toString())));
    }
  }

  private void stages(JsonNode evidence) {
    add("");
    for (JsonNode stage : evidence.path("stages")) {
      add(
          "%-18s %7.1f s  %s"
              .formatted(
                  stage.path("name").asText(),
                  stage.path("seconds").asDouble(),
                  Printable.of(stage.path("note").asText())));
    }
    add(
        "%-18s %7.1f s  seed %d"
            .formatted(
                "in all", evidence.path("seconds").asDouble(), evidence.path("seed").asLong()));
  }

  private static String numbers(JsonNode values) {
    List<String> texts = new ArrayList<>();
    values.forEach(value -> texts.add("%.2f".formatted(value.asDouble())));
    return String.join(" ", texts);
  }

  private void add(String line) {
    lines.add(line);
  }
}
