package io.lazaret.cli.platform;

import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * How a command says who asks: with the token that it was given, with that of {@code
 * LAZARET_TOKEN}, or with one that it issues itself because it can read the key in the platform's
 * data directory.
 */
public final class Credentials {

  /** Environment variable with a token. */
  public static final String VARIABLE = "LAZARET_TOKEN";

  /** How long a token of one command is good; a screening may take that long. */
  private static final Duration VALID = Duration.ofHours(24);

  /** How long the address for a browser may be opened. */
  private static final Duration INVITATION = Duration.ofMinutes(10);

  private final String given;
  private final Path key;

  private Credentials(String given, Path key) {
    this.given = given;
    this.key = key;
  }

  /** A token that was given. */
  public static Credentials ofToken(String token) {
    return new Credentials(token, null);
  }

  /** The token of the environment, or none. */
  public static Credentials ofEnvironment() {
    return new Credentials(System.getenv(VARIABLE), null);
  }

  /** The token of the environment, or the key of a data directory. */
  public static Credentials of(Path data) {
    return new Credentials(System.getenv(VARIABLE), data.resolve("keys").resolve("access.key"));
  }

  /** A token that says that {@code actor} asks; empty where there is nothing to make it of. */
  Optional<String> token(String actor) {
    if (given != null && !given.isBlank()) {
      return Optional.of(given.strip());
    }
    return tokens().map(each -> each.issue(actor, Set.of(Role.ADMIN), Instant.now(), VALID));
  }

  /** A token that lets a browser open one session. */
  Optional<String> invitation(String actor) {
    return tokens()
        .map(each -> each.issueOnce(actor, Set.of(Role.ADMIN), Instant.now(), INVITATION));
  }

  private Optional<Tokens> tokens() {
    return key != null && Files.isReadable(key)
        ? Optional.of(new Tokens(SigningKey.read(key)))
        : Optional.empty();
  }
}
