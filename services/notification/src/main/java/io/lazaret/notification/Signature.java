package io.lazaret.notification;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The headers of a webhook, as in the Standard Webhooks specification: {@code webhook-signature} is
 * {@code v1,} and the Base64 of HMAC-SHA256 over {@code id.timestamp.body}.
 */
final class Signature {

  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /**
   * @param secret shared with the receiver; empty: the post is not signed
   */
  static Map<String, String> headers(String secret, String id, Instant at, String body) {
    Map<String, String> headers = new LinkedHashMap<>();
    String timestamp = String.valueOf(at.getEpochSecond());
    headers.put("Idempotency-Key", id);
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", timestamp);
    if (!secret.isEmpty()) {
      headers.put("webhook-signature", "v1," + hmac(secret, id + "." + timestamp + "." + body));
    }
    return headers;
  }

  private static String hmac(String secret, String content) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return Base64.getEncoder()
          .encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
