package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.UtilityMeasurement;
import io.lazaret.schemas.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A new revision of a model is measured beside what its channel names. */
class RevisionTest {

  private final Story story = new Story();

  private Verdict screened(String id, String digest, double exactMatch, String protocol) {
    story.next();
    ModelIngested ingested = Story.ingested("{}");
    ingested.getEnvelope().setScreeningId(id);
    ingested.getEnvelope().setEventId("ingested " + id);
    ingested.getModel().setDigest(digest);
    story.send(ingested);
    story.send(story.clean());
    EvaluationCompleted measured =
        (EvaluationCompleted)
            story.evaluated(
                List.of(),
                List.of(new UtilityMeasurement("exactMatch", exactMatch, exactMatch, 512)));
    measured.getReport().setProtocol(protocol);
    return story.send(measured).events().stream()
        .map(Screening::verdictOf)
        .filter(verdict -> verdict != null)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRevisionThatWorksAsWellReplacesWhatIsReleased() {
    screened("s1", "sha256:one", 0.80, "p");
    Verdict second = screened("s2", "sha256:two", 0.78, "p");
    assertThat(story.channels.get("production").getDigest()).isEqualTo("sha256:two");
    assertThat(second.getRules())
        .anySatisfy(
            rule -> {
              assertThat(rule.getRule()).isEqualTo("dropFromReleased exactMatch");
              assertThat(rule.getHolds()).isTrue();
            });
    assertThat(second.getReasons()).anyMatch(r -> r.contains("with the released sha256:one"));
  }

  @Test
  void aRevisionThatWorksWorseThanWhatIsReleasedWaitsForAPerson() {
    screened("s1", "sha256:one", 0.80, "p");
    Verdict second = screened("s2", "sha256:two", 0.70, "p");
    assertThat(second.getRules())
        .filteredOn(rule -> !rule.getHolds())
        .extracting(rule -> rule.getRule())
        .containsExactly("dropFromReleased exactMatch");
    assertThat(story.state).isInstanceOf(Screening.AwaitingApproval.class);
    assertThat(story.channels.get("production").getDigest()).isEqualTo("sha256:one");
  }

  @Test
  void figuresOfAnotherProtocolAreNotCompared() {
    screened("s1", "sha256:one", 0.80, "p");
    Verdict second = screened("s2", "sha256:two", 0.70, "another");
    assertThat(second.getReasons()).anyMatch(r -> r.startsWith("Not compared with the released"));
    assertThat(story.channels.get("production").getDigest()).isEqualTo("sha256:two");
  }
}
