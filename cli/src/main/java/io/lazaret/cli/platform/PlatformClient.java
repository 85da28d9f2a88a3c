package io.lazaret.cli.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The platform's REST interface. A refusal of the input arrives as {@link ProblemException}; a
 * platform that fails or does not answer as {@link PlatformFailure}.
 */
public final class PlatformClient {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  /** Uploading or storing a large model takes as long as disk and network need. */
  private static final Duration TRANSFER_TIMEOUT = Duration.ofHours(2);

  /** Items that the platform gives out at a time. */
  private static final int LARGEST_PAGE = 500;

  private static final int OK = 200;
  private static final int SERVER_ERROR = 500;
  private static final int TOO_MANY_REQUESTS = 429;

  private final URI base;
  private final Credentials credentials;
  private final String actor;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_TIMEOUT)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  /**
   * @param base address of the platform, e.g. http://127.0.0.1:8080
   * @param credentials who asks
   */
  public PlatformClient(URI base, Credentials credentials) {
    this(base, credentials, System.getProperty("user.name"));
  }

  private PlatformClient(URI base, Credentials credentials, String actor) {
    this.base = base;
    this.credentials = credentials;
    this.actor = actor;
  }

  /** The same platform, asked by somebody else; a token of the environment still counts more. */
  public PlatformClient as(String another) {
    return new PlatformClient(base, credentials, another);
  }

  /** The same platform, asked with a token that counts more than any other. */
  public PlatformClient asking(String token) {
    return new PlatformClient(base, Credentials.ofToken(token), actor);
  }

  /** The address that opens the console in a browser, at a page of it. */
  public String page(String hash) {
    return credentials
        .invitation(actor)
        .map(token -> base + "/#token=" + token + (hash.isEmpty() ? "" : "&to=" + hash))
        .orElse(base + "/#" + hash);
  }

  /** Address that this client talks to. */
  public URI base() {
    return base;
  }

  /** Whether the platform says that it is ready. */
  public boolean isReady() {
    try {
      HttpResponse<Void> answer =
          http.send(request("q", "health", "ready").GET().build(), BodyHandlers.discarding());
      return answer.statusCode() == OK;
    } catch (IOException notThere) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Opens an upload and returns its id. */
  public String openUpload(String name) {
    ObjectNode body = JSON.createObjectNode().put("name", name);
    return json(post(body, "api", "ingestion", "uploads")).path("uploadId").asText();
  }

  /** Streams one file of the model. */
  public void putModelFile(String uploadId, String name, Path file) {
    put(file, "api", "ingestion", "uploads", uploadId, "model", name);
  }

  /**
   * Streams one data file; {@code kind} is prompts, evaluation, multipleChoice, scoringTriggers.
   */
  public void putDataFile(String uploadId, String kind, Path file) {
    put(file, "api", "ingestion", "uploads", uploadId, "data", kind);
  }

  /** Hands the upload over to screening and returns the screening's id. */
  public String submit(String uploadId, String policy, String template, long seed) {
    ObjectNode body = JSON.createObjectNode();
    body.put("policy", policy).put("template", template).put("seed", seed);
    body.put("requestedBy", System.getProperty("user.name"));
    return json(post(body, "api", "ingestion", "uploads", uploadId, "submit"))
        .path("screeningId")
        .asText();
  }

  /** How far a screening has come. */
  public ScreeningStatus screening(String screeningId) {
    return ScreeningStatus.of(json(get("api", "screenings", screeningId)));
  }

  /** Dead letters of a topic, or of all with null: an array, newest first within each topic. */
  public JsonNode deadLetters(String topic, int limit) {
    String query = "limit=" + limit + (topic == null ? "" : "&topic=" + encoded(topic));
    URI uri = URI.create(request("api", "dead-letters").build().uri() + "?" + query);
    return json(signed(uri).GET().build()).path("items");
  }

  /** Puts dead letters back, all or the one at an offset; returns how many. */
  public int replayDeadLetters(String topic, Long offset) {
    ObjectNode body = JSON.createObjectNode().put("topic", topic).put("offset", offset);
    return json(post(body, "api", "dead-letters", "replay")).path("replayed").asInt();
  }

  /** Files of a stored model: an array of objects with path, size and sha256. */
  public JsonNode modelFiles(String digest) {
    return json(get("api", "checkpoints", digest, "files"));
  }

  /** Downloads one file of a stored model. */
  public void downloadModelFile(String digest, String path, Path to) {
    HttpRequest request =
        request("api", "checkpoints", digest, "files", path)
            .timeout(TRANSFER_TIMEOUT)
            .GET()
            .build();
    HttpResponse<Path> answer =
        send(
            request,
            info ->
                info.statusCode() == OK
                    ? BodyHandlers.ofFile(to).apply(info)
                    : HttpResponse.BodySubscribers.replacing(to));
    if (answer.statusCode() != OK) {
      throw failure(answer.statusCode(), "", request.uri());
    }
  }

  /** The JSON document at a path, e.g. {@code api/releases}. */
  public JsonNode read(String path, Map<String, String> query) {
    return json(at(path, query).GET().build());
  }

  /** All items of a list, read page by page. */
  public ArrayNode all(String path, Map<String, String> query) {
    ArrayNode items = JSON.createArrayNode();
    Map<String, String> page = new HashMap<>(query);
    page.put("limit", Integer.toString(LARGEST_PAGE));
    while (true) {
      JsonNode answer = read(path, page);
      answer.path("items").forEach(items::add);
      if (!answer.path("next").isTextual()) {
        return items;
      }
      page.put("cursor", answer.path("next").asText());
    }
  }

  /** The JSON answer to a request of a person. */
  public JsonNode ask(String path, JsonNode body, Map<String, String> headers) {
    HttpRequest.Builder request =
        at(path, Map.of())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    headers.forEach(request::header);
    return json(request.build());
  }

  /** The lines at a path, read as they come; to be closed. */
  public Stream<String> lines(String path, Map<String, String> query) {
    HttpRequest request = at(path, query).timeout(TRANSFER_TIMEOUT).GET().build();
    HttpResponse<Stream<String>> answer = send(request, BodyHandlers.ofLines());
    if (answer.statusCode() != OK) {
      try (Stream<String> body = answer.body()) {
        throw failure(answer.statusCode(), body.collect(Collectors.joining("\n")), request.uri());
      }
    }
    return answer.body();
  }

  /** The bytes at a path. */
  public byte[] bytes(String path, Map<String, String> query) {
    HttpRequest request = at(path, query).timeout(TRANSFER_TIMEOUT).GET().build();
    HttpResponse<byte[]> answer = send(request, BodyHandlers.ofByteArray());
    if (answer.statusCode() != OK) {
      throw failure(
          answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8), request.uri());
    }
    return answer.body();
  }

  private HttpRequest.Builder at(String path, Map<String, String> query) {
    String uri = request(path.split("/")).build().uri().toString();
    String parameters =
        query.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    return signed(URI.create(parameters.isEmpty() ? uri : uri + "?" + parameters));
  }

  private HttpRequest post(JsonNode body, String... path) {
    return request(path)
        .timeout(TRANSFER_TIMEOUT)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body.toString()))
        .build();
  }

  private HttpRequest get(String... path) {
    return request(path).timeout(ANSWER_TIMEOUT).GET().build();
  }

  private void put(Path file, String... path) {
    try {
      BodyPublisher bytes =
          Files.size(file) == 0 ? BodyPublishers.noBody() : BodyPublishers.ofFile(file);
      HttpRequest request =
          request(path)
              .timeout(TRANSFER_TIMEOUT)
              .header("Content-Type", "application/octet-stream")
              .PUT(bytes)
              .build();
      text(request);
    } catch (IOException e) {
      throw ProblemException.of(
          "FILE_UNREADABLE",
          file + " cannot be read: " + e.getMessage() + ".",
          "Check the file and its permissions.");
    }
  }

  private JsonNode json(HttpRequest request) {
    String text = text(request);
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new PlatformFailure(
          Problem.of(
              "PLATFORM_ANSWER_MALFORMED",
              request.uri() + " did not answer with JSON.",
              "Check that the address is that of a Lazaret platform of this version."));
    }
  }

  private String text(HttpRequest request) {
    HttpResponse<String> answer = send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
    if (answer.statusCode() / 100 != 2) {
      throw failure(answer.statusCode(), answer.body(), request.uri());
    }
    return answer.body();
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException e) {
      throw new PlatformFailure(
          Problem.passing(
              "PLATFORM_UNREACHABLE",
              "The platform at " + base + " does not answer: " + describe(e) + ".",
              "Check that it runs and that the address is right."));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PlatformFailure(
          Problem.passing("INTERRUPTED", "The command was interrupted.", "Run it again."));
    }
  }

  private static String describe(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** The problem of an answer that is not a success: RFC 9457 where the platform sent one. */
  private static RuntimeException failure(int status, String body, URI uri) {
    Problem problem = problem(status, body, uri);
    boolean platformsFault = status >= SERVER_ERROR || status == TOO_MANY_REQUESTS;
    return platformsFault ? new PlatformFailure(problem) : new ProblemException(problem);
  }

  private static Problem problem(int status, String body, URI uri) {
    JsonNode document = parseOrNull(body);
    if (document != null && document.path("code").isTextual()) {
      return new Problem(
          document.path("code").asText(),
          document.path("detail").asText(document.path("title").asText("no detail")),
          document.path("nextStep").asText("See the platform's log."),
          document.path("retryable").asBoolean(false));
    }
    return Problem.of(
        "HTTP_" + status, uri + " answered with status " + status + ".", "See the platform's log.");
  }

  private static JsonNode parseOrNull(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException notJson) {
      return null;
    }
  }

  private HttpRequest.Builder request(String... segments) {
    StringBuilder path = new StringBuilder(base.toString().replaceAll("/+$", ""));
    for (String segment : segments) {
      path.append('/').append(encoded(segment));
    }
    return signed(URI.create(path.toString()));
  }

  private HttpRequest.Builder signed(URI uri) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER_TIMEOUT);
    credentials.token(actor).ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
