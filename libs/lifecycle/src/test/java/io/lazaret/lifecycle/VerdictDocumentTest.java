package io.lazaret.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.screening.VerdictDocument;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.UtilityMeasurement;
import io.lazaret.schemas.Verdict;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictDocumentTest {

  private static final ObjectMapper PRETTY =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Test
  void sameVerdictIsTheSameTextAsRecorded() throws Exception {
    String rendered = PRETTY.writeValueAsString(VerdictDocument.of(verdict())) + "\n";
    try (InputStream golden = getClass().getResourceAsStream("verdict.json")) {
      assertThat(rendered).isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static Verdict verdict() {
    Story story = Story.of(Policy.standard());
    story.send(story.suspicious(Story.SEGMENT));
    story.send(story.simulated());
    story.send(story.eliminated());
    story.send(story.clean());
    story.send(
        story.evaluated(
            List.of(Story.asr(Story.SEGMENT, 0, 300)),
            List.of(
                new UtilityMeasurement("exactMatch", 0.62, 0.61, 512),
                new UtilityMeasurement("perplexity", 3.5, Double.NaN, 512))));
    return story.history.stream()
        .filter(ModelPromoted.class::isInstance)
        .map(event -> ((ModelPromoted) event).getVerdict())
        .findFirst()
        .orElseThrow();
  }
}
