package io.lazaret.access;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

/**
 * JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 (HS256, RFC 7518 section 3.2), issued and
 * read. One header only is accepted, so that no token chooses how it is checked.
 */
public final class Tokens {

  /** Who issues tokens of this kind. */
  public static final String ISSUER = "lazaret";

  /** Characters of the longest token that is looked at. */
  private static final int LONGEST = 4_096;

  private static final int DEEPEST = 4;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final String HEADER =
      ENCODER.encodeToString(
          "{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
  private static final ObjectMapper JSON = mapper();

  private final SigningKey key;

  public Tokens(SigningKey key) {
    this.key = key;
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    mapper
        .getFactory()
        .setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build());
    return mapper;
  }

  /** A token for an actor, from now on. */
  public String issue(String actor, Set<Role> roles, Instant now, Duration valid) {
    return issue(new Grant(actor, roles, now.plus(valid), UUID.randomUUID().toString(), false));
  }

  /** A token that opens one session. */
  public String issueOnce(String actor, Set<Role> roles, Instant now, Duration valid) {
    return issue(new Grant(actor, roles, now.plus(valid), UUID.randomUUID().toString(), true));
  }

  /** The token of a grant. */
  public String issue(Grant grant) {
    ObjectNode claims =
        JSON.createObjectNode()
            .put("iss", ISSUER)
            .put("sub", grant.actor())
            .put("exp", grant.expires().getEpochSecond())
            .put("jti", grant.id());
    ArrayNode roles = claims.putArray("roles");
    grant.roles().stream().map(Role::label).sorted().forEach(roles::add);
    if (grant.once()) {
      claims.put("once", true);
    }
    String signed =
        HEADER + "." + ENCODER.encodeToString(claims.toString().getBytes(StandardCharsets.UTF_8));
    return signed + "." + ENCODER.encodeToString(signature(signed));
  }

  /** Whether a text looks like a token of this kind, and not like one of another issuer. */
  public static boolean looksLikeOurs(String token) {
    return token.startsWith(HEADER + ".");
  }

  /**
   * What a token says.
   *
   * @throws ProblemException TOKEN_INVALID, TOKEN_EXPIRED
   */
  public Grant read(String token, Instant now) {
    int end = token.lastIndexOf('.');
    if (token.length() > LONGEST || end < 0 || !token.startsWith(HEADER + ".")) {
      throw invalid();
    }
    String signed = token.substring(0, end);
    try {
      byte[] given = Base64.getUrlDecoder().decode(token.substring(end + 1));
      if (!MessageDigest.isEqual(given, signature(signed))) {
        throw invalid();
      }
      String claims = signed.substring(HEADER.length() + 1);
      return grant(JSON.readTree(Base64.getUrlDecoder().decode(claims)), now);
    } catch (IllegalArgumentException | IOException malformed) {
      throw invalid();
    }
  }

  private static Grant grant(JsonNode claims, Instant now) {
    String actor = claims.path("sub").asText();
    boolean whole =
        claims.path("iss").asText().equals(ISSUER)
            && !actor.isBlank()
            && actor.length() <= Grant.LONGEST_ACTOR
            && claims.path("exp").isIntegralNumber()
            && claims.path("exp").canConvertToLong()
            && claims.path("jti").isTextual()
            && claims.path("roles").isArray();
    if (!whole) {
      throw invalid();
    }
    Instant expires;
    try {
      expires = Instant.ofEpochSecond(claims.path("exp").asLong());
    } catch (java.time.DateTimeException beyond) {
      throw invalid();
    }
    if (!now.isBefore(expires)) {
      throw ProblemException.of(
          "TOKEN_EXPIRED", "The token has expired.", "Get a new one, and sign in again.");
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    claims.path("roles").forEach(role -> roles.add(Role.of(role.asText())));
    return new Grant(
        actor, roles, expires, claims.path("jti").asText(), claims.path("once").asBoolean(false));
  }

  private byte[] signature(String signed) {
    return key.sign(signed.getBytes(StandardCharsets.US_ASCII));
  }

  private static ProblemException invalid() {
    return ProblemException.of(
        "TOKEN_INVALID",
        "The token is not one that this platform accepts.",
        "Use a token as it was issued; with lazaret up, the address that it prints.");
  }
}
