package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTest {

  @TempDir Path data;

  @Test
  void saysWhoAsksAndInWhichRoles() throws IOException {
    SigningKey key = SigningKey.readOrCreate(data.resolve("keys").resolve("access.key"));
    String token = token("--role", "viewer,approver").out().strip();
    assertThat(new Tokens(key).read(token, Instant.now()).roles())
        .isEqualTo(Set.of(Role.VIEWER, Role.APPROVER));
    JsonNode described =
        new ObjectMapper().readTree(token("--role", "operator", "--json", "--days", "2").out());
    assertThat(described.path("roles").toString()).isEqualTo("[\"operator\"]");
    assertThat(Instant.parse(described.path("expiresAt").asText()))
        .isAfter(Instant.now().plusSeconds(86_400));
    assertThat(new Tokens(key).read(described.path("token").asText(), Instant.now()).actor())
        .isEqualTo("ada");
  }

  @Test
  void withoutAKeyTheNextStepIsNamed() {
    CommandLineRun run = token();
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("ACCESS_KEY_MISSING", "lazaret up");
  }

  private CommandLineRun token(String... more) {
    List<String> all = new ArrayList<>(List.of("token", "--actor", "ada", "--data", "" + data));
    all.addAll(List.of(more));
    return CommandLineRun.of(CommandLineRun.unbuilt(data), all.toArray(String[]::new));
  }
}
