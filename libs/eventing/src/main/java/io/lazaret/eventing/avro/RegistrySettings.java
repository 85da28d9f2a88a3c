package io.lazaret.eventing.avro;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How to reach the schema registry, in Confluent's property names.
 *
 * @param urls {@code schema.registry.url}, comma separated; tried in turn when one does not answer
 * @param authorization the value of the Authorization header, from {@code basic.auth.user.info}
 *     ({@code user:password}) or {@code bearer.auth.token}
 * @param connectTimeout {@code http.connect.timeout.ms}. Default 5 s
 * @param readTimeout {@code http.read.timeout.ms}, for one whole request. Default 10 s
 * @param retries {@code max.retries}: further rounds over all URLs after the first. Default 5
 * @param retryWait {@code retries.wait.ms}: wait before the first retry; it doubles each time.
 *     Default 200 ms
 * @param maxRetryWait {@code retries.max.wait.ms}. Default 5 s
 * @param missingTtl {@code missing.cache.ttl.ms}: for how long an id or schema that the registry
 *     does not know is not asked for again. Default 10 s
 */
public record RegistrySettings(
    List<URI> urls,
    Optional<String> authorization,
    Duration connectTimeout,
    Duration readTimeout,
    int retries,
    Duration retryWait,
    Duration maxRetryWait,
    Duration missingTtl) {

  public static final String URL = "schema.registry.url";
  public static final String USER_INFO = "basic.auth.user.info";
  public static final String BEARER_TOKEN = "bearer.auth.token";

  public RegistrySettings {
    urls = List.copyOf(urls);
    if (urls.isEmpty()) {
      throw new IllegalArgumentException(URL + " is empty");
    }
  }

  /** A registry that needs no credentials. */
  public static RegistrySettings of(String urls) {
    return from(Map.of(URL, urls));
  }

  /**
   * Reads the properties above; others are ignored.
   *
   * @throws IllegalArgumentException naming the property that is missing or malformed
   */
  public static RegistrySettings from(Map<String, ?> properties) {
    Object urls = properties.get(URL);
    if (urls == null) {
      throw new IllegalArgumentException(URL + " is missing");
    }
    List<URI> parsed = new ArrayList<>();
    for (String each : (urls instanceof List<?> list ? join(list) : urls.toString()).split(",")) {
      if (!each.isBlank()) {
        parsed.add(url(each.strip()));
      }
    }
    return new RegistrySettings(
        parsed,
        authorization(properties),
        millis(properties, "http.connect.timeout.ms", 5_000),
        millis(properties, "http.read.timeout.ms", 10_000),
        (int) number(properties, "max.retries", 5),
        millis(properties, "retries.wait.ms", 200),
        millis(properties, "retries.max.wait.ms", 5_000),
        millis(properties, "missing.cache.ttl.ms", 10_000));
  }

  private static String join(List<?> list) {
    return String.join(",", list.stream().map(String::valueOf).toList());
  }

  private static URI url(String text) {
    URI uri = URI.create(text.replaceAll("/+$", ""));
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!http || uri.getHost() == null || uri.getUserInfo() != null) {
      throw new IllegalArgumentException(
          URL + ": not an http(s) URL without credentials in it; use " + USER_INFO);
    }
    return uri;
  }

  private static Optional<String> authorization(Map<String, ?> properties) {
    Object user = properties.get(USER_INFO);
    if (user != null && !user.toString().isEmpty()) {
      byte[] bytes = user.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
      return Optional.of("Basic " + java.util.Base64.getEncoder().encodeToString(bytes));
    }
    Object token = properties.get(BEARER_TOKEN);
    return token == null || token.toString().isEmpty()
        ? Optional.empty()
        : Optional.of("Bearer " + token);
  }

  private static Duration millis(Map<String, ?> properties, String key, long otherwise) {
    return Duration.ofMillis(number(properties, key, otherwise));
  }

  private static long number(Map<String, ?> properties, String key, long otherwise) {
    Object value = properties.get(key);
    try {
      long number = value == null ? otherwise : Long.parseLong(value.toString().strip());
      if (number < 0) {
        throw new IllegalArgumentException(key + " is negative: " + number);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " is not a whole number: " + value, e);
    }
  }

  /** The same registry with other retry behaviour. */
  public RegistrySettings withRetries(int count, Duration wait) {
    return new RegistrySettings(
        urls, authorization, connectTimeout, readTimeout, count, wait, maxRetryWait, missingTtl);
  }

  /** Never shows credentials. */
  @Override
  public String toString() {
    return "RegistrySettings" + new HashMap<>(Map.of("urls", urls, "retries", retries));
  }
}
