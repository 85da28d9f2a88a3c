package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.cli.ExitCode;
import io.lazaret.cli.ServerOptions;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.Platform;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import io.lazaret.lifecycle.replay.Replay;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decides recorded verdicts anew, in this process, which can have no effect on anything. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Fold recorded events again and compare every verdict with the recorded one, byte by byte."
            + " Nothing is written anywhere.",
    footer = {"", "Exit codes: 0 every verdict is the same, 11 one is not, 2 bad usage or input."})
public final class ReplayCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final Installation installation;

  @Parameters(arity = "0..1", paramLabel = "SCREENING", description = "Id of the screening.")
  private String screening;

  @Option(names = "--all", description = "The whole record.")
  private boolean all;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "Events from a file, e.g. events.jsonl of a dossier, instead of a platform.")
  private Path file;

  @Mixin private ServerOptions server;

  public ReplayCommand(Terminal terminal, Installation installation) {
    this.terminal = terminal;
    this.installation = installation;
  }

  @Override
  public Integer call() {
    if ((screening == null) == (!all && file == null)) {
      throw ProblemException.of(
          "USAGE", "One of SCREENING, --all and --record is needed.", "Give one of them.");
    }
    List<SpecificRecord> record = record();
    List<Replay.Outcome> outcomes = Replay.all(record);
    if (server.json()) {
      terminal.out().println(document(outcomes, record.size()));
    } else {
      outcomes.forEach(outcome -> terminal.out().println(Printable.of(line(outcome))));
      long differing = outcomes.stream().filter(outcome -> !outcome.holds()).count();
      terminal
          .out()
          .println(
              "%d events, %d histories, %d of them differ."
                  .formatted(record.size(), outcomes.size(), differing));
    }
    terminal.out().flush();
    return outcomes.stream().allMatch(Replay.Outcome::holds) ? ExitCode.OK : ExitCode.REJECTED;
  }

  private List<SpecificRecord> record() {
    if (file != null) {
      return RecordFile.read(file);
    }
    try (Platform platform = server.open(installation, terminal);
        Stream<String> lines =
            platform.client().lines(all ? "api/record" : "api/record/" + screening, Map.of())) {
      return RecordFile.read(lines);
    }
  }

  private static String line(Replay.Outcome outcome) {
    String verdict =
        outcome.recorded() == null
            ? "no verdict"
            : outcome.recorded().equals(outcome.replayed()) ? "same verdict" : "OTHER VERDICT";
    return "%s  %s  %s  %s%s"
        .formatted(
            outcome.id(),
            outcome.model(),
            verdict,
            outcome.chain().status(),
            outcome.problem() == null ? "" : "  " + outcome.problem());
  }

  private static ObjectNode document(List<Replay.Outcome> outcomes, int events) {
    ObjectNode document = JsonNodeFactory.instance.objectNode().put("events", events);
    ArrayNode array = document.putArray("histories");
    outcomes.forEach(
        outcome ->
            array
                .addObject()
                .put("id", outcome.id())
                .put("model", outcome.model())
                .put("holds", outcome.holds())
                .put("chain", outcome.chain().status().name())
                .put("chainSays", outcome.chain().sentence())
                .put("head", outcome.chain().head())
                .put("recorded", outcome.recorded())
                .put("replayed", outcome.replayed())
                .put("problem", outcome.problem()));
    return document.put("holds", outcomes.stream().allMatch(Replay.Outcome::holds));
  }
}
