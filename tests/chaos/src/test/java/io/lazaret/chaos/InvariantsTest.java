package io.lazaret.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseRolledBack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verifier finds every kind of lie in an otherwise true record. */
class InvariantsTest {

  private static Recording truth;

  @BeforeAll
  static void record(@TempDir Path directory) throws Exception {
    try (ChaosPlatform platform = new ChaosPlatform(directory)) {
      platform.runHere(EnumSet.complementOf(EnumSet.of(Role.INGESTION)));
      platform.ask();
      platform.ask();
      assertThat(platform.awaitVerdicts(Duration.ofMinutes(2))).isTrue();
      truth = platform.recording();
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends SpecificRecord> T copy(T record) {
    return (T) SpecificData.getForClass(record.getClass()).deepCopy(record.getSchema(), record);
  }

  private static Recording events(UnaryOperator<List<SpecificRecord>> change) {
    List<SpecificRecord> copies = new ArrayList<>();
    truth.events().forEach(event -> copies.add(copy(event)));
    return new Recording(
        truth.inbox(), change.apply(copies), truth.releases(), truth.commands(), truth.letters());
  }

  private static Recording without(Predicate<SpecificRecord> lost) {
    return events(all -> all.stream().filter(lost.negate()).toList());
  }

  private static <T> T first(List<SpecificRecord> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
  }

  private static void breaks(String invariant, Recording lie) {
    assertThat(Invariants.violations(lie))
        .anyMatch(violation -> violation.startsWith(invariant + ":"));
  }

  @Test
  void theTruthBreaksNothing() {
    assertThat(Invariants.violations(truth)).isEmpty();
    assertThat(truth.events()).hasSizeGreaterThanOrEqualTo(16);
  }

  @Test
  void aScreeningWithoutVerdictOrWithTwo() {
    breaks("I1", without(event -> Invariants.verdict(event).isPresent()));
    breaks(
        "I1",
        events(
            all -> {
              all.add(copy(first(all, ModelPromoted.class)));
              return all;
            }));
  }

  @Test
  void anEventThatIsLostOrDoubled() {
    breaks("I2", without(EvaluationCompleted.class::isInstance));
    breaks(
        "I2",
        events(
            all -> {
              all.add(all.get(0));
              return all;
            }));
  }

  @Test
  void aReleasesTopicThatSaysSomethingElse() {
    List<Recording.Keyed> releases = new ArrayList<>(truth.releases());
    releases.remove(releases.size() - 1);
    breaks(
        "I3",
        new Recording(truth.inbox(), truth.events(), releases, truth.commands(), truth.letters()));
  }

  @Test
  void aChannelThatNamesWhatNobodyPromoted() {
    List<Recording.Keyed> releases = new ArrayList<>();
    for (Recording.Keyed each : truth.releases()) {
      ChannelState state = copy((ChannelState) each.value());
      state.getReleased().setDigest("sha256:other");
      releases.add(new Recording.Keyed(each.key(), state));
    }
    breaks(
        "I4",
        new Recording(truth.inbox(), truth.events(), releases, truth.commands(), truth.letters()));
    breaks(
        "I4",
        events(
            all -> {
              first(all, ModelPromoted.class).getVerdict().getRounds().get(0).setEvidence(null);
              return all;
            }));
  }

  @Test
  void aReleaseThatComesBackWithoutANewPromotion() {
    breaks(
        "I5",
        events(
            all -> {
              ReleaseAdvanced advanced = first(all, ReleaseAdvanced.class);
              all.add(
                  ReleaseRolledBack.newBuilder()
                      .setEnvelope(advanced.getEnvelope())
                      .setChannel(advanced.getChannel())
                      .setWithdrawn(advanced.getReleased())
                      .setReason("regression")
                      .build());
              all.add(copy(advanced));
              return all;
            }));
  }

  @Test
  void aJobThatTakesEffectTwice() {
    breaks(
        "I6",
        events(
            all -> {
              all.add(copy(first(all, BackdoorEliminated.class)));
              return all;
            }));
  }

  @Test
  void anEventThatWasChangedAfterwards() {
    breaks(
        "I7",
        events(
            all -> {
              first(all, DetectionCompleted.class).getReport().setBestScore(-7.0);
              return all;
            }));
  }

  @Test
  void aReleaseBeforeTheVerdictAndACommandFromNowhere() {
    breaks("I8", without(ModelPromoted.class::isInstance));
    List<SpecificRecord> commands = new ArrayList<>(truth.commands());
    DetectBackdoor stray = copy(first(commands, DetectBackdoor.class));
    Envelopes.of(stray).setScreeningId("stray");
    commands.add(stray);
    breaks(
        "I8",
        new Recording(truth.inbox(), truth.events(), truth.releases(), commands, truth.letters()));
  }

  @Test
  void anUnassessedLookThatIsPromoted() {
    breaks(
        "I10",
        events(
            all -> {
              all.stream()
                  .filter(DetectionCompleted.class::isInstance)
                  .map(DetectionCompleted.class::cast)
                  .filter(e -> e.getReport().getVerdict() == DetectionVerdict.CLEAN)
                  .forEach(e -> e.getReport().setVerdict(DetectionVerdict.UNASSESSED));
              return all;
            }));
    breaks("I10", without(EvaluationCompleted.class::isInstance));
  }
}
