package io.lazaret.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rounds that are done, one line each, so that a long run can be ended at any time and goes on
 * with the next round: kills, seconds, dead letters, violations, stuck services, verdicts.
 */
final class KillLedger {

  private static final String SEPARATOR = "\t";
  private static final int FIELDS = 6;

  private record Line(
      int kills,
      long seconds,
      int letters,
      int violations,
      int stuck,
      Map<String, Integer> verdicts) {

    static Line of(String text) {
      String[] fields = text.split(SEPARATOR, FIELDS);
      Map<String, Integer> verdicts = new TreeMap<>();
      for (String each : fields[5].split(" ")) {
        verdicts.put(each.substring(0, each.indexOf('=')), number(each));
      }
      return new Line(
          Integer.parseInt(fields[0]),
          Long.parseLong(fields[1]),
          Integer.parseInt(fields[2]),
          Integer.parseInt(fields[3]),
          Integer.parseInt(fields[4]),
          verdicts);
    }

    private static int number(String verdict) {
      return Integer.parseInt(verdict.substring(verdict.indexOf('=') + 1));
    }
  }

  private final Path file;

  KillLedger(Path file) {
    this.file = file;
  }

  private List<Line> lines() throws IOException {
    List<Line> lines = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        lines.add(Line.of(line));
      }
    }
    return lines;
  }

  int kills() throws IOException {
    return lines().stream().mapToInt(Line::kills).sum();
  }

  void add(KillRound.Outcome outcome, long seconds) throws IOException {
    List<String> verdicts = new ArrayList<>();
    outcome.decisions().forEach((decision, count) -> verdicts.add(decision + "=" + count));
    String line =
        String.join(
            SEPARATOR,
            "" + outcome.kills(),
            "" + seconds,
            "" + outcome.letters(),
            "" + outcome.violations().size(),
            "" + outcome.stuck().size(),
            String.join(" ", verdicts));
    Files.writeString(
        file,
        line + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** The table for people. */
  void report(Path to) throws IOException {
    List<Line> lines = lines();
    Map<String, Integer> verdicts = new TreeMap<>();
    lines.forEach(line -> line.verdicts().forEach((k, n) -> verdicts.merge(k, n, Integer::sum)));
    int kills = lines.stream().mapToInt(Line::kills).sum();
    long seconds = lines.stream().mapToLong(Line::seconds).sum();
    String text =
        """
        # bench chaos

        Every service that holds work is killed (SIGKILL) at every one of its steps, over and over, while the others run on: `./lazaret bench chaos --kills %d`.
        Broker, registry and store are the embedded ones; jobs are fakes of milliseconds in the code of the real workers. An independent verifier, which
        shares nothing with the lifecycle but the form of the hash, reads each round's record.

        | measurement | value | bar |
        | --- | --- | --- |
        | kills | %d in %d rounds, %d points | >= 3000 |
        | screenings | %s | all PROMOTED, as without kills |
        | promises broken (lost, doubled, gaps, chains, releases) | %d | 0 |
        | dead letters | %d | 0 |
        | stuck | %d | 0 |
        | seconds for a kill, with everything | %.2f | |
        """
            .formatted(
                kills,
                kills,
                lines.size(),
                KillRound.POINTS,
                verdicts,
                lines.stream().mapToInt(Line::violations).sum(),
                lines.stream().mapToInt(Line::letters).sum(),
                lines.stream().mapToInt(Line::stuck).sum(),
                seconds / (double) Math.max(1, kills));
    Files.createDirectories(to.toAbsolutePath().getParent());
    Files.writeString(to, text);
  }
}
