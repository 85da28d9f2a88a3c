package io.lazaret.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of kills, round after round, each on a fresh platform: {@code ./lazaret bench chaos}.
 * Ended at any time, it goes on after the last whole round when it is started again. Not among the
 * tests of a build. System properties: {@code chaos.kills}, {@code chaos.work} for the rounds that
 * are done, {@code chaos.result} for the table.
 */
class ManyKills {

  /** More would make the record of a round long to verify, fewer the platform's start dear. */
  private static final int PER_POINT = 5;

  @Test
  void nothingIsLostDoubledOrStuckHoweverOftenServicesDie() throws Exception {
    int wanted = Integer.getInteger("chaos.kills");
    Path work = Files.createDirectories(Path.of(System.getProperty("chaos.work")));
    KillLedger ledger = new KillLedger(work.resolve("rounds.tsv"));
    for (int done = ledger.kills(); done < wanted; done = ledger.kills()) {
      int round = done / (PER_POINT * KillRound.POINTS);
      Path directory = Files.createTempDirectory(work, "round-" + round + "-");
      long start = System.nanoTime();
      KillRound.Outcome outcome = KillRound.run(directory, PER_POINT, round);
      ledger.add(outcome, Duration.ofNanos(System.nanoTime() - start).toSeconds());
      ledger.report(Path.of(System.getProperty("chaos.result")));
      System.out.printf("%d kills: %s%n", ledger.kills(), outcome);
      // What is left of a bad round stays for whoever looks into it.
      assertThat(outcome.good()).as("%s in %s", outcome, directory).isTrue();
      delete(directory);
    }
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
