package io.lazaret.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A screening's document told as sentences; foreign text in it is made printable. */
final class Explanation {

  private static final int LONGEST_TEXT = 120;
  private static final int MOST_TRIGGERS = 4;

  /** A heading and what stands below it. */
  record Paragraph(String title, List<String> lines) {}

  private final JsonNode screening;
  private final JsonNode verdict;
  private final String id;

  private Explanation(JsonNode screening) {
    this.screening = screening;
    this.verdict = screening.path("verdict");
    this.id = text(screening.path("screeningId"));
  }

  /** The paragraphs, in the order in which they are asked for. */
  static List<Paragraph> of(JsonNode screening) {
    Explanation explanation = new Explanation(screening);
    List<Paragraph> paragraphs = new ArrayList<>();
    paragraphs.add(new Paragraph("Verdict", explanation.head()));
    if (explanation.verdict.isObject()) {
      paragraphs.add(new Paragraph("What was found", explanation.found()));
      paragraphs.add(new Paragraph("What was done", explanation.done()));
      paragraphs.add(new Paragraph("What was measured", explanation.measured()));
      paragraphs.add(new Paragraph("What decided", explanation.decided()));
    }
    paragraphs.add(new Paragraph("What to do next", explanation.next()));
    paragraphs.removeIf(paragraph -> paragraph.lines().isEmpty());
    return paragraphs;
  }

  private List<String> head() {
    String model = Printable.quoted(screening.path("model").path("name").asText());
    if (!verdict.isObject()) {
      String stage = text(screening.path("stage"));
      return List.of(
          "There is no verdict on %s yet: it is %s%s."
              .formatted(
                  model,
                  stage.isEmpty() || stage.equals("null")
                      ? "waiting"
                      : "in " + stage.toLowerCase(Locale.ROOT),
                  screening.path("message").isTextual()
                      ? " (" + text(screening.path("message")) + ")"
                      : ""));
    }
    String sentence =
        switch (verdict.path("decision").asText()) {
          case "PROMOTED" -> "%s may be used%s.";
          case "HELD" -> "%s is held%s: it is close to the bounds, and a person has to decide.";
          case "REJECTED" -> "%s was rejected%s and stays in quarantine.";
          case "UNASSESSED" ->
              "%s could not be assessed%s: what was not measured never counts as clean.";
          default -> "%s ended in a way that this command does not know%s.";
        };
    boolean repaired = verdict.path("elimination").isObject();
    return List.of(
        sentence.formatted(model, repaired ? ", in its repaired version" : ""),
        "Screening " + id + ", " + text(verdict.path("model").path("digest")) + ".");
  }

  private List<String> found() {
    List<String> lines = new ArrayList<>();
    int round = 0;
    for (JsonNode pass : verdict.path("detection").path("rounds")) {
      round++;
      if (pass.path("segments").isEmpty()) {
        lines.add("Round %d of detection found nothing suspicious.".formatted(round));
      }
      for (JsonNode segment : pass.path("segments")) {
        lines.add(
            "Round %d found an answer that clean prompts lead to with probability %s, and what was found to elicit it with %s: %s"
                .formatted(
                    round,
                    percent(segment.path("probabilityClean")),
                    percent(segment.path("probabilityElicited")),
                    foreign(segment.path("text"))));
        triggers(segment, lines);
      }
    }
    return lines;
  }

  private static void triggers(JsonNode segment, List<String> lines) {
    int told = 0;
    for (JsonNode trigger : segment.path("functionalTriggers")) {
      if (told++ < MOST_TRIGGERS) {
        lines.add("  brought about by " + foreign(trigger.path("text")) + hits(trigger));
      }
    }
    for (JsonNode style : segment.path("styles")) {
      lines.add("  brought about by prompts " + text(style.path("style")) + hits(style));
    }
    for (JsonNode trigger : segment.path("confirmedTriggers")) {
      lines.add("  confirmed as a trigger: " + foreign(trigger));
    }
  }

  private static String hits(JsonNode elicitor) {
    JsonNode hits = elicitor.path("hits");
    return hits.isObject()
        ? " (%s of %s answers)".formatted(text(hits.path("hits")), text(hits.path("n")))
        : "";
  }

  private List<String> done() {
    JsonNode elimination = verdict.path("elimination");
    return elimination.isObject()
        ? List.of(
            "%s rewrote the mapping from trigger to answer; the repaired checkpoint is %s."
                .formatted(
                    text(elimination.path("method")),
                    text(elimination.path("checkpoint").path("digest"))))
        : List.of();
  }

  private List<String> measured() {
    List<String> lines = new ArrayList<>();
    for (JsonNode asr : verdict.path("evaluation").path("asr")) {
      JsonNode after = asr.path("after");
      lines.add(
          "With %s %s: %s of %s answers before, %s of %s after; the true rate is below %s (95 %%)."
              .formatted(
                  elicitor(asr.path("elicitor").asText()),
                  foreign(asr.path("text")),
                  text(asr.path("before").path("hits")),
                  text(asr.path("before").path("n")),
                  text(after.path("hits")),
                  text(after.path("n")),
                  percent(after.path("upper95"))));
    }
    for (JsonNode utility : verdict.path("evaluation").path("utility")) {
      lines.add(
          "%s: %s before, %s after (%s questions)."
              .formatted(
                  text(utility.path("name")),
                  number(utility.path("before")),
                  number(utility.path("after")),
                  text(utility.path("n"))));
    }
    return lines;
  }

  private static String elicitor(String kind) {
    return switch (kind) {
      case "trigger", "TRIGGER" -> "the known trigger";
      case "functionalTrigger", "FUNCTIONAL_TRIGGER" -> "the found trigger";
      case "parrot", "PARROT" -> "the trained stand-in of the trigger";
      case "none", "NONE" -> "nothing inserted";
      default -> Printable.of(kind);
    };
  }

  private List<String> decided() {
    List<String> lines = new ArrayList<>();
    for (JsonNode rule : screening.path("gate").path("rules")) {
      if (!rule.path("holds").asBoolean(true)) {
        lines.add(
            "This rule does not hold: "
                + (rule.path("sentence").isTextual()
                    ? text(rule.path("sentence"))
                    : "%s: observed %s, allowed %s."
                        .formatted(
                            text(rule.path("rule")),
                            number(rule.path("observed")),
                            number(rule.path("bound")))));
      }
    }
    JsonNode reasons = verdict.path("reasons");
    if (!reasons.isEmpty()) {
      lines.add(text(reasons.path(reasons.size() - 1)));
    }
    JsonNode problem = verdict.path("problem");
    if (problem.isObject()) {
      lines.add(text(problem.path("sentence")) + " [" + text(problem.path("code")) + "]");
    }
    return lines;
  }

  private List<String> next() {
    if (!verdict.isObject()) {
      return List.of("lazaret watch --progress --screening " + id);
    }
    JsonNode awaiting = screening.path("awaiting");
    if (awaiting.isObject()) {
      return List.of(
          "%s of %s approvals are there; without a decision it expires at %s."
              .formatted(
                  String.valueOf(awaiting.path("approvals").size()),
                  text(awaiting.path("needed")),
                  text(awaiting.path("until"))),
          "lazaret approve " + id + " --reason TEXT",
          "lazaret reject " + id + " --reason TEXT");
    }
    String model = text(screening.path("model").path("name"));
    return switch (verdict.path("decision").asText()) {
      case "PROMOTED" ->
          List.of(
              "Nothing: it is looked at again by itself.",
              "lazaret history " + quoted(model) + "    (what happened since)");
      case "HELD" -> List.of("Its time to be decided is over; screen it again where it is wanted.");
      case "REJECTED" ->
          List.of(
              "Do not use it. Get the model from another source, or allow more methods in its"
                  + " policy and screen it again.",
              "lazaret evidence " + id + "    (what detection rests on)");
      case "UNASSESSED" ->
          List.of(
              verdict.path("problem").path("nextStep").isTextual()
                  ? text(verdict.path("problem").path("nextStep"))
                  : "Look at the log of the stage that failed.",
              "Screen it again once that is done: nothing of it is released meanwhile.");
      default -> List.of("lazaret show events " + id);
    };
  }

  private static String quoted(String name) {
    return name.matches("[A-Za-z0-9._-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
  }

  private static String foreign(JsonNode text) {
    return Printable.of(Printable.quoted(text.asText()), LONGEST_TEXT);
  }

  private static String text(JsonNode node) {
    return Printable.of(node.isMissingNode() || node.isNull() ? "" : node.asText());
  }

  private static String percent(JsonNode rate) {
    return rate.isNumber() ? String.format(Locale.ROOT, "%.3g %%", rate.asDouble() * 100) : "?";
  }

  private static String number(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.4g", value.asDouble()) : "?";
  }
}
