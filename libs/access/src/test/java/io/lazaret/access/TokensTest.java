package io.lazaret.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path directory;

  private Tokens tokens;
  private String token;

  @BeforeEach
  void issue() {
    tokens = new Tokens(SigningKey.readOrCreate(directory.resolve("keys/access.key")));
    token = tokens.issue("ada", Set.of(Role.APPROVER), NOW, Duration.ofHours(1));
  }

  @Test
  void saysWhoAndWhatUntilItExpires() {
    Grant grant = tokens.read(token, NOW.plusSeconds(3_599));
    assertThat(grant.actor()).isEqualTo("ada");
    assertThat(grant.may(Role.APPROVER)).isTrue();
    assertThat(grant.may(Role.VIEWER)).isTrue();
    assertThat(grant.may(Role.OPERATOR)).isFalse();
    assertThat(grant.once()).isFalse();
    refused("TOKEN_EXPIRED", token, NOW.plusSeconds(3_600));
  }

  @Test
  void theKeyIsForItsOwnerAloneAndStays() throws Exception {
    Path file = directory.resolve("keys/access.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Tokens again = new Tokens(SigningKey.readOrCreate(file));
    assertThat(again.read(token, NOW).actor()).isEqualTo("ada");
  }

  @Test
  void everyChangedCharacterOfPayloadAndSignatureIsNoticed() {
    for (int i = token.indexOf('.') + 1; i < token.length() - 1; i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      refused("TOKEN_INVALID", token.substring(0, i) + other + token.substring(i + 1), NOW);
    }
  }

  @Test
  void anotherKeyAnswersForNobody() {
    Tokens others = new Tokens(SigningKey.readOrCreate(directory.resolve("other.key")));
    refused(
        "TOKEN_INVALID", others.issue("ada", Set.of(Role.ADMIN), NOW, Duration.ofHours(1)), NOW);
  }

  @Test
  void noTokenChoosesHowItIsChecked() {
    String none =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
    String payload = token.split("\\.")[1];
    refused("TOKEN_INVALID", none + "." + payload + ".", NOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a.b.c", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.."})
  void whatIsNoTokenIsRefused(String text) {
    refused("TOKEN_INVALID", text, NOW);
  }

  @Test
  void aLongTextIsNotLookedAt() {
    refused("TOKEN_INVALID", token + "A".repeat(1 << 20), NOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00", "zz"})
  void aKeyThatIsNoneIsRefused(String content) throws Exception {
    Path file = Files.writeString(directory.resolve("bad.key"), content);
    assertThatThrownBy(() -> SigningKey.readOrCreate(file))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("ACCESS_KEY_UNUSABLE");
  }

  private void refused(String code, String text, Instant now) {
    assertThatThrownBy(() -> tokens.read(text, now))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().code()).isEqualTo(code));
  }
}
