package io.lazaret.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemResponsesTest {

  @ParameterizedTest
  @CsvSource({
    "POLICY_BAD_VALUE, false, 400",
    "SCREENING_UNKNOWN, false, 404",
    "FILE_TOO_LARGE, false, 413",
    "KAFKA_UNAVAILABLE, true, 503",
    "DISK_FULL, true, 507",
  })
  void codeDecidesTheStatus(String code, boolean retryable, int status) {
    Response response = ProblemResponses.of(new Problem(code, "What.", "Do.", retryable));
    assertThat(response.getStatus()).isEqualTo(status);
  }

  @Test
  void bodyIsTheProblemAsTheStandardHasIt() throws Exception {
    Response response =
        new ProblemResponses().problem(ProblemException.of("X_Y", "It \"broke\".", "Mend it."));
    JsonNode body = new ObjectMapper().readTree((String) response.getEntity());
    assertThat(response.getMediaType()).hasToString("application/problem+json");
    assertThat(body.path("type").asText()).isEqualTo("urn:lazaret:problem:X_Y");
    assertThat(body.path("status").asInt()).isEqualTo(400);
    assertThat(body.path("detail").asText()).isEqualTo("It \"broke\".");
    assertThat(body.path("code").asText()).isEqualTo("X_Y");
    assertThat(body.path("nextStep").asText()).isEqualTo("Mend it.");
  }

  @Test
  void unexpectedErrorsTellNothingOfTheInside() {
    Response response =
        new ProblemResponses().unexpected(new IllegalStateException("password=secret"));
    assertThat(response.getStatus()).isEqualTo(500);
    assertThat((String) response.getEntity()).doesNotContain("secret");
  }
}
