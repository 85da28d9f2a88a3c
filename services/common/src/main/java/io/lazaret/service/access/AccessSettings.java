package io.lazaret.service.access;

import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import io.lazaret.problem.ProblemException;
import io.lazaret.service.PlatformSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How people and programs say who they are. */
@ApplicationScoped
public class AccessSettings {

  /** Where names say who asks, and how they are believed. */
  enum Mode {
    /** Tokens that were signed with the platform's own key. */
    TOKEN,
    /** Tokens of an OpenID provider, by quarkus.oidc.*. */
    OIDC,
    /** Everybody may do everything: for tests, and behind something that decides. */
    OPEN
  }

  /** How long the address that is printed at the start may be opened. */
  private static final Duration INVITATION = Duration.ofMinutes(10);

  @Inject PlatformSettings platform;
  @Inject Clock clock;

  /** token, oidc or open. */
  @ConfigProperty(name = "lazaret.access.mode", defaultValue = "token")
  String mode;

  /** The file of the signing key; made where it is missing. */
  @ConfigProperty(name = "lazaret.access.key")
  Optional<Path> key;

  /** How long a session of a browser lasts. */
  @ConfigProperty(name = "lazaret.access.session-hours", defaultValue = "12")
  double sessionHours;

  /** Host names under which a platform on loopback may be asked, between commas. */
  @ConfigProperty(
      name = "lazaret.access.loopback-hosts",
      defaultValue = "localhost,127.0.0.1,[::1]")
  List<String> loopbackHosts;

  /** Whether metrics are read without a token, by whoever reaches the port. */
  @ConfigProperty(name = "lazaret.access.open-metrics", defaultValue = "false")
  boolean openMetrics;

  @ConfigProperty(name = "quarkus.http.host", defaultValue = "127.0.0.1")
  String host;

  /** Bytes of the largest body, uploads of models apart. */
  @ConfigProperty(name = "lazaret.http.largest-body-bytes", defaultValue = "1048576")
  long largestBody;

  private volatile Tokens tokens;

  Mode mode() {
    return switch (mode) {
      case "token" -> Mode.TOKEN;
      case "oidc" -> Mode.OIDC;
      case "open" -> Mode.OPEN;
      default ->
          throw ProblemException.of(
              "SETTING_INVALID",
              "lazaret.access.mode is none of token, oidc, open.",
              "Give one of them.");
    };
  }

  /** The key's file. */
  public Path keyFile() {
    return key.orElseGet(() -> platform.workDir().resolve("access.key")).toAbsolutePath();
  }

  /** Issues and reads tokens. */
  public Tokens tokens() {
    Tokens present = tokens;
    if (present == null) {
      present = new Tokens(SigningKey.readOrCreate(keyFile()));
      tokens = present;
    }
    return present;
  }

  /** A token that lets the owner of this process open one session; none where others decide. */
  public Optional<String> invitation() {
    return mode() == Mode.TOKEN
        ? Optional.of(
            tokens()
                .issueOnce(
                    System.getProperty("user.name"),
                    Set.of(Role.ADMIN),
                    clock.instant(),
                    INVITATION))
        : Optional.empty();
  }

  /** How long a session of a browser lasts. */
  public Duration session() {
    return Duration.ofSeconds(Math.round(sessionHours * 3_600));
  }

  /** Whether a request may be addressed to this host, without its port. */
  boolean knowsHost(String asked) {
    boolean loopback = Set.of("127.0.0.1", "localhost", "::1", "[::1]").contains(host);
    return !loopback || loopbackHosts.contains(asked);
  }

  boolean openMetrics() {
    return openMetrics;
  }

  long largestBody() {
    return largestBody;
  }
}
