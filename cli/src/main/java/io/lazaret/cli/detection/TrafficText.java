package io.lazaret.cli.detection;

import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.backdoor.traffic.TrafficReport;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What logged prompts told, in words. */
public final class TrafficText {

  private TrafficText() {}

  /** The report for a person; whatever a model or a log says is made printable. */
  public static List<String> lines(Terminal terminal, TrafficReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(terminal.bold(report.verdict().name()));
    lines.add(Printable.of(report.explanation()));
    lines.add(
        "%d of %d logged prompts looked at, %d too long; %d answers in %.0f s"
            .formatted(
                report.examined(),
                report.prompts(),
                report.tooLong(),
                report.asked(),
                report.seconds()));
    for (TrafficReport.Finding finding : report.findings()) {
      lines.add("");
      lines.add(terminal.bold("\"" + Printable.of(finding.segment()) + "\""));
      lines.add(
          "  words \"%s\" (%s): %s of clean prompts; without them %s"
              .formatted(
                  Printable.of(finding.trigger()),
                  finding.place().name().toLowerCase(Locale.ROOT),
                  share(finding.hits()),
                  share(finding.without())));
      lines.add("  in the answers to %d logged prompts, such as:".formatted(finding.promptsWith()));
      lines.add("    " + Printable.of(finding.prompt()));
    }
    for (TrafficReport.Recurring recurring : report.recurring()) {
      lines.add(
          "  \"%s\": in the answers to %d logged prompts, unexplained"
              .formatted(Printable.of(recurring.segment()), recurring.promptsWith()));
    }
    for (TrafficReport.Recurring declared : report.declared()) {
      lines.add(
          "  \"%s\": declared, in the answers to %d logged prompts"
              .formatted(Printable.of(declared.segment()), declared.promptsWith()));
    }
    if (!report.controls().isEmpty()) {
      lines.add("");
      lines.add("Words of other prompts brought out at most " + share(report.controls().get(0)));
    }
    return lines;
  }

  private static String share(Proportion hits) {
    return "%d of %d (95 %% bounds %.0f to %.0f %%)"
        .formatted(hits.hits(), hits.n(), 100 * hits.lower95(), 100 * hits.upper95());
  }
}
