package io.lazaret.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The paths of Confluent's schema registry protocol, as far as Avro clients need them. */
public final class RegistryRoutes implements HttpHandler {

  private static final Logger LOG = LoggerFactory.getLogger(RegistryRoutes.class);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Largest request body that is read, bytes. */
  private static final int MAX_REQUEST_BYTES = 1 << 20;

  private final SchemaStore store;

  public RegistryRoutes(SchemaStore store) {
    this.store = store;
  }

  /** One request, its path split and decoded. */
  private record Request(String method, List<String> path, String query, byte[] body) {

    boolean is(String wanted, int length, String... fixed) {
      return method.equals(wanted)
          && path.size() == length
          && path.subList(0, fixed.length).equals(List.of(fixed));
    }

    boolean flag(String name) {
      return query != null && Arrays.asList(query.split("&")).contains(name + "=true");
    }

    JsonNode json() {
      try {
        JsonNode node = JSON.readTree(body);
        if (node.isObject()) {
          return node;
        }
      } catch (JsonProcessingException e) {
        throw RegistryError.unprocessable("The body is not JSON: " + e.getOriginalMessage());
      } catch (IOException e) {
        throw RegistryError.unprocessable("The body cannot be read");
      }
      throw RegistryError.unprocessable("The body is not a JSON object");
    }

    Schema schema() {
      JsonNode json = json();
      String type = json.path("schemaType").asText("AVRO");
      if (!type.equals("AVRO")) {
        throw RegistryError.invalidSchema("schema type " + type + " is not supported, only AVRO");
      }
      if (json.path("references").size() > 0) {
        throw RegistryError.invalidSchema("references are not supported");
      }
      if (!json.path("schema").isTextual()) {
        throw RegistryError.unprocessable("The body has no schema");
      }
      return SchemaStore.parse(json.path("schema").asText());
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    int status = 200;
    Object answer;
    try {
      answer = route(read(exchange));
    } catch (RegistryError e) {
      status = e.status();
      answer = Map.of("error_code", e.code(), "message", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
      status = 500;
      answer = Map.of("error_code", 50001, "message", String.valueOf(e.getMessage()));
    }
    byte[] bytes = JSON.writeValueAsBytes(answer);
    exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static Request read(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES + 1);
    if (body.length > MAX_REQUEST_BYTES) {
      throw RegistryError.tooLarge(MAX_REQUEST_BYTES);
    }
    String raw = exchange.getRequestURI().getRawPath();
    List<String> path =
        Arrays.stream(raw.split("/"))
            .filter(part -> !part.isEmpty())
            // A plus is itself in a path; only queries use it for blanks.
            .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
            .toList();
    String query = exchange.getRequestURI().getRawQuery();
    return new Request(exchange.getRequestMethod(), path, query, body);
  }

  private Object route(Request r) {
    if (r.is("GET", 0)) {
      return Map.of();
    }
    return switch (r.path().get(0)) {
      case "subjects" -> subjects(r);
      case "schemas" -> schemas(r);
      case "compatibility" -> compatibility(r);
      case "config" -> config(r);
      case "mode" -> mode(r);
      default -> throw unknown(r);
    };
  }

  private Object subjects(Request r) {
    if (r.is("GET", 1)) {
      return store.subjects();
    }
    if (r.path().size() < 2) {
      throw unknown(r);
    }
    String subject = r.path().get(1);
    if (r.is("POST", 2)) {
      return describe(store.lookup(subject, r.schema()));
    }
    boolean versions = r.path().size() > 2 && r.path().get(2).equals("versions");
    if (versions && r.is("GET", 3)) {
      return store.versions(subject).stream().map(SchemaStore.Version::version).toList();
    } else if (versions && r.is("POST", 3)) {
      return Map.of("id", store.register(subject, r.schema()));
    } else if (versions && r.is("GET", 4)) {
      return describe(store.version(subject, r.path().get(3)));
    } else if (versions && r.is("GET", 5) && r.path().get(4).equals("schema")) {
      return tree(store.version(subject, r.path().get(3)).schema());
    }
    throw unknown(r);
  }

  private static Map<String, Object> describe(SchemaStore.Version version) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("subject", version.subject());
    all.put("version", version.version());
    all.put("id", version.id());
    all.put("schema", version.schema().toString());
    return all;
  }

  private static JsonNode tree(Schema schema) {
    try {
      return JSON.readTree(schema.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Avro writes schemas as JSON", e);
    }
  }

  private Object schemas(Request r) {
    if (r.is("GET", 2, "schemas", "types")) {
      return List.of("AVRO");
    } else if (r.is("GET", 3, "schemas", "ids")) {
      return Map.of("schema", store.byId(r.path().get(2)).toString());
    } else if (r.is("GET", 4, "schemas", "ids")) {
      List<SchemaStore.Version> uses = store.usesOf(r.path().get(2));
      switch (r.path().get(3)) {
        case "schema":
          return tree(store.byId(r.path().get(2)));
        case "subjects":
          return new TreeSet<>(uses.stream().map(SchemaStore.Version::subject).toList());
        case "versions":
          return uses.stream()
              .map(use -> Map.of("subject", use.subject(), "version", use.version()))
              .toList();
        default:
      }
    }
    throw unknown(r);
  }

  private Object compatibility(Request r) {
    boolean versions =
        r.path().size() >= 4
            && r.path().get(1).equals("subjects")
            && r.path().get(3).equals("versions");
    if (!versions || !r.method().equals("POST") || r.path().size() > 5) {
      throw unknown(r);
    }
    String subject = r.path().get(2);
    Schema candidate = r.schema();
    Level level = store.level(subject);
    Optional<String> refusal;
    if (r.path().size() == 5) {
      SchemaStore.Version version = store.version(subject, r.path().get(4));
      refusal = level.refusal(candidate, version.schema(), version.version());
    } else {
      List<SchemaStore.Version> earlier = store.versions(subject);
      refusal = level.refusal(candidate, earlier.stream().map(v -> v.schema()).toList());
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("is_compatible", refusal.isEmpty());
    if (r.flag("verbose")) {
      answer.put("messages", refusal.stream().toList());
    }
    return answer;
  }

  private Object config(Request r) {
    if (r.path().size() > 2) {
      throw unknown(r);
    }
    String subject = r.path().size() == 2 ? r.path().get(1) : null;
    switch (r.method()) {
      case "GET":
        Optional<Level> own = subject == null ? Optional.empty() : store.ownLevel(subject);
        if (subject != null && own.isEmpty() && !r.flag("defaultToGlobal")) {
          throw RegistryError.configNotFound(subject);
        }
        return Map.of("compatibilityLevel", own.orElse(store.globalLevel()).name());
      case "PUT":
        Level level = Level.parse(r.json().path("compatibility").asText());
        store.setLevel(subject, level);
        return Map.of("compatibility", level.name());
      default:
        throw unknown(r);
    }
  }

  private static Object mode(Request r) {
    if (r.method().equals("GET") && r.path().size() <= 2) {
      return Map.of("mode", "READWRITE");
    }
    throw unknown(r);
  }

  private static RegistryError unknown(Request r) {
    return r.method().equals("GET") || r.method().equals("POST")
        ? RegistryError.noSuchPath("/" + String.join("/", r.path()))
        : RegistryError.methodNotAllowed(r.method());
  }
}
