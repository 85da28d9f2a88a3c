package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import io.lazaret.cli.platform.StandaloneProcess;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A platform that believes an OpenID provider, configured as docs/operations.md says. */
class OpenIdTest {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir static Path data;

  private static OpenIdProvider provider;
  private static StandaloneProcess platform;

  @BeforeAll
  static void start() throws Exception {
    provider = new OpenIdProvider();
    String settings =
        """
        lazaret.access.mode=oidc
        lazaret.access.open-metrics=true
        quarkus.oidc.tenant-enabled=true
        quarkus.oidc.auth-server-url=%s
        quarkus.oidc.client-id=lazaret
        quarkus.oidc.token.audience=lazaret
        quarkus.oidc.roles.role-claim-path=groups
        """
            .formatted(provider.issuer());
    platform = ConfiguredPlatform.start(data, settings);
  }

  @AfterAll
  static void stop() {
    if (platform != null) {
      platform.close();
    }
    provider.close();
  }

  private static HttpRequest.Builder with(String token, String path) {
    return HttpRequest.newBuilder(platform.address().resolve(path))
        .header("Authorization", "Bearer " + token);
  }

  private static HttpResponse<String> get(String token, String path) throws Exception {
    return HTTP.send(with(token, path).build(), BodyHandlers.ofString());
  }

  private static void assertRefused(String token) throws Exception {
    HttpResponse<String> answer = get(token, "/api/models");
    ConsoleUnderTest.assertProblem(answer, 401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Bearer");
  }

  @Test
  void aTokenOfTheProviderOpensWhatItsRolesAllow() throws Exception {
    String viewer = provider.token(provider.claims("vera", "lazaret-viewer", "staff"));
    assertThat(get(viewer, "/api/models").statusCode()).isEqualTo(200);
    assertThat(get(viewer, "/api/session").body()).contains("\"vera\"", "\"viewer\"");
    ConsoleUnderTest.assertProblem(get(viewer, "/api/audit"), 403);
    String admin = provider.token(provider.claims("ada", "admin"));
    assertThat(get(admin, "/api/audit").statusCode()).isEqualTo(200);
    String stranger = provider.token(provider.claims("eve", "staff"));
    ConsoleUnderTest.assertProblem(get(stranger, "/api/models"), 403);
  }

  @Test
  void theProvidersNameOfSomebodyStandsInTheRecord() throws Exception {
    String operator = provider.token(provider.claims("olga", "operator"));
    HttpResponse<String> answer =
        HTTP.send(
            with(operator, "/api/triggers")
                .header("Content-Type", "application/json")
                .POST(
                    BodyPublishers.ofString(
                        "{\"actor\":\"eve\",\"trigger\":\"t\",\"target\":\"u\",\"reason\":\"seen\"}"))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("\"actor\":\"olga\"");
  }

  @Test
  void whatTheProviderDidNotIssueForThisPlatformIsRefused() throws Exception {
    ObjectNode good = provider.claims("ada", "admin");
    assertRefused(provider.token(good.deepCopy().put("aud", "another-service")));
    assertRefused(provider.token(good.deepCopy().put("iss", "http://127.0.0.1:1")));
    long past = Instant.now().minus(Duration.ofHours(1)).getEpochSecond();
    assertRefused(provider.token(good.deepCopy().put("exp", past)));
    assertRefused(provider.token(good, "none"));
    String token = provider.token(good);
    assertRefused(token.substring(0, token.length() - 4) + "AAAA");
    assertRefused("x");
    try (OpenIdProvider other = new OpenIdProvider()) {
      assertRefused(other.token(good));
    }
    Tokens own = new Tokens(SigningKey.readOrCreate(data.resolve("keys/access.key")));
    assertRefused(own.issue("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofHours(1)));
    assertThat(get(token, "/api/models").statusCode()).isEqualTo(200);
  }

  @Test
  void metricsMayBeOpenAndNothingElseIs() throws Exception {
    HttpRequest.Builder metrics = HttpRequest.newBuilder(platform.address().resolve("/q/metrics"));
    assertThat(HTTP.send(metrics.build(), BodyHandlers.ofString()).body()).contains("jvm_");
    HttpRequest.Builder models = HttpRequest.newBuilder(platform.address().resolve("/api/models"));
    ConsoleUnderTest.assertProblem(HTTP.send(models.build(), BodyHandlers.ofString()), 401);
  }

  @Test
  void newKeysOfTheProviderAreTakenUpAndOldOnesForgotten() throws Exception {
    String old = provider.token(provider.claims("vera", "viewer"));
    assertThat(get(old, "/api/models").statusCode()).isEqualTo(200);
    provider.rotate();
    String fresh = provider.token(provider.claims("vera", "viewer"));
    assertThat(get(fresh, "/api/models").statusCode()).isEqualTo(200);
    assertRefused(old);
  }
}
