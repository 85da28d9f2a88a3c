package io.lazaret.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every service that holds work is killed (SIGKILL) at every one of its steps; how often, the
 * system property {@code chaos.kills} says for all points together. The other services run on
 * meanwhile.
 */
class KilledServicesTest {

  private static final int KILLS = Integer.getInteger("chaos.kills", 40);
  private static final Duration ARRIVAL = Duration.ofMillis(700);
  private static final Duration LONGEST_ARRIVAL = Duration.ofSeconds(90);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int AT_WORK = 3;

  @TempDir Path directory;

  @Test
  void nothingIsLostDoubledOrStuckHoweverServicesDie() throws Exception {
    int points = List.of(Role.values()).stream().mapToInt(role -> role.points().size()).sum();
    int perPoint = Math.max(1, KILLS / points);
    int kills = 0;
    long start = System.nanoTime();
    try (ChaosPlatform platform = new ChaosPlatform(directory)) {
      ClassArchive archive = ClassArchive.make(directory.resolve("archive"), platform);
      for (Role role : Role.values()) {
        kills += killAtEveryPoint(platform, archive, role, perPoint);
      }
      System.out.printf(
          "%d kills at %d points in %d s: %d screenings%n",
          kills,
          points,
          Duration.ofNanos(System.nanoTime() - start).toSeconds(),
          platform.verdicts().size());
      assertThat(kills).isEqualTo(perPoint * points);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  Invariants.violations(platform.recording()).stream()
                      .noneMatch(violation -> violation.startsWith("I1:")));
      assertThat(Invariants.violations(platform.recording())).isEmpty();
      assertThat(platform.recording().letters()).isEmpty();
      assertThat(platform.verdicts().values()).containsOnly("PROMOTED");
    }
  }

  private static int killAtEveryPoint(
      ChaosPlatform platform, ClassArchive archive, Role role, int perPoint) throws Exception {
    platform.runHere(EnumSet.complementOf(EnumSet.of(role, Role.INGESTION)));
    Access access = platform.access(role.name());
    int kills = 0;
    ServiceProcess next = ServiceProcess.prepare(role, access, archive);
    for (CrashPoint point : role.points()) {
      for (int i = 0; i < perPoint; i++) {
        try (ServiceProcess victim = next) {
          next = ServiceProcess.prepare(role, access, archive);
          victim.arm(point, i % 3);
          awaitArrival(platform, role, victim, point);
        }
        kills++;
      }
    }
    try (ServiceProcess last = next) {
      if (role == Role.INGESTION) {
        // It would never end, and what it left half done harms nobody.
        return kills;
      }
      last.runUnharmed();
      assertThat(platform.awaitVerdicts(PATIENCE)).as("screenings stuck after " + role).isTrue();
    }
    return kills;
  }

  private static void awaitArrival(
      ChaosPlatform platform, Role role, ServiceProcess victim, CrashPoint point)
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
