package io.lazaret.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One fresh platform on which every service that holds work is killed (SIGKILL) at every one of its
 * steps, each so many times, while the other services run on; and what the independent verifier
 * says of the record afterwards.
 */
final class KillRound {

  /** Points of all services together. */
  static final int POINTS = Stream.of(Role.values()).mapToInt(role -> role.points().size()).sum();

  private static final Duration ARRIVAL = Duration.ofMillis(700);
  private static final Duration LONGEST_ARRIVAL = Duration.ofMinutes(10);

  /** Long enough for a run that gets what others leave of the machine. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final int AT_WORK = 3;

  /** A step is passed unharmed up to so many times less one before the process is killed there. */
  private static final int PASSES = 3;

  /**
   * What came of a round.
   *
   * @param decisions how often each verdict was given
   * @param letters records that went to the dead letters
   * @param violations what the record breaks, one sentence each
   * @param stuck services after whose kills a screening never got its verdict
   */
  record Outcome(
      int kills,
      Map<String, Integer> decisions,
      int letters,
      List<String> violations,
      List<String> stuck) {

    /** Nothing lost, doubled, wrong or stuck. */
    boolean good() {
      return violations.isEmpty()
          && stuck.isEmpty()
          && letters == 0
          && decisions.keySet().equals(Set.of("PROMOTED"));
    }
  }

  private final ChaosPlatform platform;
  private final ClassArchive archive;
  private final int perPoint;
  private final int first;
  private final List<String> stuck = new ArrayList<>();

  private KillRound(ChaosPlatform platform, int perPoint, int first) throws Exception {
    this.platform = platform;
    this.archive = ClassArchive.of(platform);
    this.perPoint = perPoint;
    this.first = first;
  }

  /**
   * Runs a round.
   *
   * @param first number of this round's first kill at each point; rounds with different numbers
   *     pass the points differently often before they kill there
   */
  static Outcome run(Path directory, int perPoint, int first) throws Exception {
    try (ChaosPlatform platform = new ChaosPlatform(directory)) {
      return new KillRound(platform, perPoint, first).run();
    }
  }

  private Outcome run() throws Exception {
    int kills = 0;
    for (Role role : Role.values()) {
      kills += killAtEveryPoint(role);
    }
    Recording recording = platform.recording();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (Invariants.undecided(recording) > 0 && System.nanoTime() < deadline) {
      TimeUnit.SECONDS.sleep(1);
      recording = platform.recording();
    }
    Map<String, Integer> decisions = new TreeMap<>();
    platform.verdicts().values().forEach(each -> decisions.merge(each, 1, Integer::sum));
    return new Outcome(
        kills,
        decisions,
        recording.letters().size(),
        Invariants.violations(recording),
        List.copyOf(stuck));
  }

  private int killAtEveryPoint(Role role) throws Exception {
    platform.runHere(EnumSet.complementOf(EnumSet.of(role, Role.INGESTION)));
    Access access = platform.access(role.name());
    int kills = 0;
    ServiceProcess next = ServiceProcess.prepare(role, access, archive);
    for (CrashPoint point : role.points()) {
      for (int i = 0; i < perPoint; i++) {
        try (ServiceProcess victim = next) {
          next = ServiceProcess.prepare(role, access, archive);
          victim.arm(point, (first + i) % PASSES);
          awaitArrival(role, victim, point);
        }
        kills++;
      }
    }
    try (ServiceProcess last = next) {
      // Ingestion would never end, and what it left half done harms nobody.
      if (role != Role.INGESTION) {
        last.runUnharmed();
        if (!platform.awaitVerdicts(PATIENCE)) {
          stuck.add(role.name());
        }
      }
    }
    return kills;
  }

  private void awaitArrival(Role role, ServiceProcess victim, CrashPoint point)
      throws InterruptedException {
    long deadline = System.nanoTime() + LONGEST_ARRIVAL.toNanos();
    do {
      while (role != Role.INGESTION && platform.open() < AT_WORK) {
        platform.ask();
      }
      if (victim.awaitArrival(ARRIVAL)) {
        return;
      }
      if (role != Role.INGESTION && platform.open() < 4 * AT_WORK) {
        platform.ask();
      }
    } while (System.nanoTime() < deadline);
    throw new AssertionError(role + " never came to " + point);
  }
}
