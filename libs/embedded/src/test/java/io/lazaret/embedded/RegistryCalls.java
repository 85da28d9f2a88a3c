package io.lazaret.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;

/** Speaks the registry protocol without any client code of the product. */
final class RegistryCalls {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;

  RegistryCalls(String url) {
    this.url = url;
  }

  record Answer(int status, JsonNode body) {
    int errorCode() {
      return body.path("error_code").asInt();
    }
  }

  Answer get(String path) throws Exception {
    return send("GET", path, "");
  }

  Answer register(String subject, String schema) throws Exception {
    return send(
        "POST",
        "/subjects/" + subject + "/versions",
        JSON.writeValueAsString(Map.of("schema", schema)));
  }

  int id(String subject, String schema) throws Exception {
    Answer answer = register(subject, schema);
    if (answer.status() != 200) {
      throw new IOException(answer.toString());
    }
    return answer.body().path("id").asInt();
  }

  Answer post(String path, String schema) throws Exception {
    return send("POST", path, JSON.writeValueAsString(Map.of("schema", schema)));
  }

  Answer level(String path, String level) throws Exception {
    return send("PUT", path, JSON.writeValueAsString(Map.of("compatibility", level)));
  }

  Answer send(String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(answer.statusCode(), JSON.readTree(answer.body()));
  }
}
