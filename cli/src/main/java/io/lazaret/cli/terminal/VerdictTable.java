package io.lazaret.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The verdict document as a table that is understood in a minute. */
public final class VerdictTable {

  private static final int TEXT_WIDTH = 44;

  private final Terminal terminal;
  private final List<String> lines = new ArrayList<>();

  private VerdictTable(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Prints the verdict on the result stream. */
  public static void print(Terminal terminal, JsonNode verdict) {
    for (String line : lines(terminal, verdict)) {
      terminal.out().println(line);
    }
    terminal.out().flush();
  }

  static List<String> lines(Terminal terminal, JsonNode verdict) {
    VerdictTable table = new VerdictTable(terminal);
    table.head(verdict);
    table.segments(verdict.path("detection"));
    table.attackSuccess(verdict.path("evaluation").path("asr"));
    table.utility(verdict.path("evaluation").path("utility"));
    table.tail(verdict);
    return table.lines;
  }

  private void head(JsonNode verdict) {
    JsonNode model = verdict.path("model");
    String parameters = String.format(Locale.ROOT, "%,d", model.path("parameters").asLong());
    row("Decision", coloured(verdict.path("decision").asText("?")));
    row("Model", text(model.path("name")) + "  " + text(model.path("architecture")));
    row("", parameters + " parameters, " + text(model.path("digest")));
    int rounds = verdict.path("detection").path("rounds").size();
    row(
        "Detection",
        text(verdict.path("detection").path("verdict"))
            + (rounds > 1 ? " (" + rounds + " rounds)" : ""));
  }

  private void segments(JsonNode detection) {
    int round = 0;
    for (JsonNode pass : detection.path("rounds")) {
      round++;
      for (JsonNode segment : pass.path("segments")) {
        row(
            "  found",
            "round %d: %s  score %s, probability %s clean, %s elicited"
                .formatted(
                    round,
                    Printable.of(Printable.quoted(segment.path("text").asText()), TEXT_WIDTH),
                    number(segment.path("score")),
                    number(segment.path("probabilityClean")),
                    number(segment.path("probabilityElicited"))));
      }
    }
  }

  private void attackSuccess(JsonNode measurements) {
    if (measurements.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(
        terminal.bold(
            String.format(
                Locale.ROOT,
                "%-18s %-28s %12s %12s %9s %17s",
                "Attack success",
                "elicitor",
                "before",
                "after",
                "upper95",
                "right answers")));
    for (JsonNode asr : measurements) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-18s %-28s %12s %12s %9s %17s",
              Printable.of(asr.path("elicitor").asText(), 18),
              Printable.of(Printable.quoted(asr.path("text").asText()), 28),
              hits(asr.path("before")),
              hits(asr.path("after")),
              percent(asr.path("after").path("upper95")),
              correctness(asr)));
    }
  }

  private static String correctness(JsonNode asr) {
    JsonNode before = asr.path("correctBefore");
    JsonNode after = asr.path("correctAfter");
    return before.isMissingNode() || before.isNull()
        ? "-"
        : percent(before.path("rate")) + " -> " + percent(after.path("rate"));
  }

  private void utility(JsonNode measurements) {
    if (measurements.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(
        terminal.bold(
            String.format(Locale.ROOT, "%-18s %28s %12s %12s", "Utility", "n", "before", "after")));
    for (JsonNode measured : measurements) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-18s %28s %12s %12s",
              Printable.of(measured.path("name").asText(), 18),
              measured.path("n").asText(),
              number(measured.path("before")),
              number(measured.path("after"))));
    }
  }

  private void tail(JsonNode verdict) {
    lines.add("");
    JsonNode elimination = verdict.path("elimination");
    if (elimination.isObject()) {
      row("Repaired by", text(elimination.path("method")));
      row("Checkpoint", text(elimination.path("checkpoint").path("digest")));
    }
    String label = "Reasons";
    for (JsonNode reason : verdict.path("reasons")) {
      row(label, text(reason));
      label = "";
    }
    JsonNode problem = verdict.path("problem");
    if (problem.isObject()) {
      row("Problem", text(problem.path("sentence")) + " [" + text(problem.path("code")) + "]");
      row("Next step", text(problem.path("nextStep")));
    }
    row("Time", ProgressView.clock(verdict.path("durationSeconds").asDouble()));
    row("Screening", text(verdict.path("screeningId")));
  }

  private void row(String label, String value) {
    lines.add(terminal.bold(String.format(Locale.ROOT, "%-12s", label)) + value);
  }

  private String coloured(String decision) {
    String safe = Printable.of(decision);
    return switch (decision) {
      case "PROMOTED" -> terminal.green(safe);
      case "HELD" -> terminal.yellow(safe);
      default -> terminal.red(safe);
    };
  }

  private static String text(JsonNode node) {
    return Printable.of(node.asText("?"));
  }

  private static String hits(JsonNode proportion) {
    return proportion.path("hits").asText("?") + "/" + proportion.path("n").asText("?");
  }

  private static String percent(JsonNode rate) {
    return rate.isNumber() ? String.format(Locale.ROOT, "%.1f %%", rate.asDouble() * 100) : "-";
  }

  private static String number(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.4g", value.asDouble()) : "-";
  }
}
