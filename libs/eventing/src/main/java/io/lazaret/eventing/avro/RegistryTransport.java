package io.lazaret.eventing.avro;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** One request to whichever registry node answers: several URLs, back-off, bounded answers. */
final class RegistryTransport {

  /** Larger than any schema that fits into a request to a registry. */
  private static final int MAX_ANSWER_BYTES = 8 << 20;

  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a node said. */
  record Answer(int status, JsonNode body) {
    boolean ok() {
      return status / 100 == 2;
    }

    int errorCode() {
      return body.path("error_code").asInt(0);
    }

    String message() {
      return body.path("message").asText("status " + status);
    }
  }

  private final RegistrySettings settings;
  private final HttpClient http;
  private final SplittableRandom jitter = new SplittableRandom();
  private volatile int preferred;

  RegistryTransport(RegistrySettings settings) {
    this.settings = settings;
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(settings.connectTimeout())
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  Answer get(String path) {
    return call("GET", path, null);
  }

  Answer call(String method, String path, Object body) {
    IOException last = null;
    for (int round = 0; round <= settings.retries(); round++) {
      if (round > 0) {
        pause(round);
      }
      List<URI> urls = settings.urls();
      int first = preferred;
      for (int i = 0; i < urls.size(); i++) {
        int index = (first + i) % urls.size();
        try {
          Answer answer = once(urls.get(index), method, path, body);
          preferred = index;
          return answer;
        } catch (IOException e) {
          last = e;
        }
      }
    }
    throw new ProblemException(
        Problem.passing(
            "REGISTRY_UNAVAILABLE",
            "The schema registry at " + settings.urls() + " did not answer: " + last,
            "Check schema.registry.url, the network, and that the registry runs."),
        last);
  }

  private Answer once(URI base, String method, String path, Object body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(settings.readTimeout())
            .header("Accept", MEDIA_TYPE);
    settings.authorization().ifPresent(value -> request.header("Authorization", value));
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request.header("Content-Type", MEDIA_TYPE);
      request.method(method, HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    }
    try {
      HttpResponse<InputStream> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        if (response.statusCode() >= 500 || response.statusCode() == 429) {
          throw new IOException(base + " answered status " + response.statusCode());
        }
        return new Answer(response.statusCode(), parse(in.readNBytes(MAX_ANSWER_BYTES + 1)));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static JsonNode parse(byte[] bytes) throws IOException {
    if (bytes.length > MAX_ANSWER_BYTES) {
      throw new IOException("the answer is larger than " + MAX_ANSWER_BYTES + " bytes");
    }
    try {
      return bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new IOException("the answer is not JSON", e);
    }
  }

  private void pause(int round) {
    long wait = settings.retryWait().toMillis() << Math.min(round - 1, 20);
    long bounded = Math.min(wait, settings.maxRetryWait().toMillis());
    long spread;
    synchronized (jitter) {
      spread = jitter.nextLong(bounded / 2 + 1);
    }
    try {
      Thread.sleep(Duration.ofMillis(bounded / 2 + spread).toMillis());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static ProblemException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new ProblemException(
        Problem.passing(
            "INTERRUPTED", "Interrupted while waiting for the schema registry.", "Try again."),
        cause);
  }
}
