package io.lazaret.tests.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * docs/asyncapi.yaml is what the schemas say. It is written anew by:
 *
 * <pre>mvn -pl tests test -Dtest=AsyncApiTest -Dlazaret.golden.update=true</pre>
 */
class AsyncApiTest {

  private static final Path FILE = Repository.file("docs/asyncapi.yaml");

  @Test
  void theDocumentIsThatOfTheSchemas() throws IOException {
    String generated = AsyncApi.document();
    if (Boolean.getBoolean("lazaret.golden.update")) {
      Files.writeString(FILE, generated);
    }
    assertThat(Files.readString(FILE)).isEqualTo(generated);
  }

  @Test
  void everyMessageOfAChannelAndEverySchemaIsDefined() {
    JsonNode document = Repository.yaml("docs/asyncapi.yaml");
    assertThat(document.path("channels")).hasSize(9);
    document
        .path("channels")
        .forEach(
            channel ->
                channel
                    .path("messages")
                    .forEach(
                        message -> {
                          String ref = message.path("$ref").asText();
                          assertThat(document.at(ref.substring(1)).isObject()).as(ref).isTrue();
                        }));
    document
        .path("operations")
        .forEach(
            operation ->
                assertThat(document.at(operation.at("/channel/$ref").asText().substring(1)))
                    .as(operation.toString())
                    .isNotEmpty());
  }
}
