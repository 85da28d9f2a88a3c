package io.lazaret.tests;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/**
 * As much of an OpenID provider as a resource server asks: its description (OpenID Connect
 * Discovery 1.0) and its keys (RFC 7517). Tokens are RS256 (RFC 7518 section 3.3).
 */
final class OpenIdProvider implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final int KEY_BITS = 2048;

  private final HttpServer server;
  private volatile KeyPair keys;
  private volatile String keyId;
  private int generation;

  OpenIdProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    rotate();
    server.createContext("/.well-known/openid-configuration", each -> send(each, description()));
    server.createContext("/jwks", each -> send(each, published()));
    server.start();
  }

  /** The issuer, which is its address too. */
  String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Signs with new keys from now on, and publishes those alone. */
  void rotate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(KEY_BITS);
      keys = generator.generateKeyPair();
      keyId = "key-" + ++generation;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Claims of somebody, good for an hour from now on. */
  ObjectNode claims(String actor, String... groups) {
    Instant now = Instant.now();
    ObjectNode claims =
        JSON.createObjectNode()
            .put("iss", issuer())
            .put("aud", "lazaret")
            .put("sub", "id-of-" + actor)
            .put("preferred_username", actor)
            .put("iat", now.getEpochSecond())
            .put("exp", now.plus(Duration.ofHours(1)).getEpochSecond());
    for (String group : groups) {
      claims.withArray("groups").add(group);
    }
    return claims;
  }

  /** A token as this provider issues it. */
  String token(ObjectNode claims) {
    return token(claims, "RS256");
  }

  /** A token whose header names an algorithm; without a signature for {@code none}. */
  String token(ObjectNode claims, String algorithm) {
    ObjectNode header =
        JSON.createObjectNode().put("alg", algorithm).put("typ", "JWT").put("kid", keyId);
    String signed = encoded(header) + "." + encoded(claims);
    return signed + "." + (algorithm.equals("none") ? "" : BASE64.encodeToString(sign(signed)));
  }

  private byte[] sign(String text) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(ObjectNode part) {
    return BASE64.encodeToString(part.toString().getBytes(StandardCharsets.UTF_8));
  }

  private ObjectNode description() {
    ObjectNode node =
        JSON.createObjectNode()
            .put("issuer", issuer())
            .put("jwks_uri", issuer() + "/jwks")
            .put("authorization_endpoint", issuer() + "/authorize")
            .put("token_endpoint", issuer() + "/token");
    node.putArray("id_token_signing_alg_values_supported").add("RS256");
    return node;
  }

  private ObjectNode published() {
    RSAPublicKey key = (RSAPublicKey) keys.getPublic();
    ObjectNode node = JSON.createObjectNode();
    node.putArray("keys")
        .addPOJO(
            Map.of(
                "kty",
                "RSA",
                "use",
                "sig",
                "alg",
                "RS256",
                "kid",
                keyId,
                "n",
                BASE64.encodeToString(unsigned(key.getModulus().toByteArray())),
                "e",
                BASE64.encodeToString(unsigned(key.getPublicExponent().toByteArray()))));
    return node;
  }

  private static byte[] unsigned(byte[] number) {
    return number[0] == 0 ? java.util.Arrays.copyOfRange(number, 1, number.length) : number;
  }

  private static void send(HttpExchange exchange, ObjectNode document) throws IOException {
    byte[] body = JSON.writeValueAsBytes(document);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
