package io.lazaret.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedS3Test {

  @TempDir Path dir;

  @Test
  void refusesRequestsWithoutASignature() throws Exception {
    try (EmbeddedS3 s3 = new EmbeddedS3(dir, 0, "access", "secret-key")) {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(s3.endpoint() + "/")).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(403);
    }
  }

  @Test
  void refusesAPortThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getByName(LoopbackPort.HOST), 0));
      EmbeddedKafkaTest.assertProblem(
          "PORT_IN_USE", () -> new EmbeddedS3(dir, taken.getLocalPort(), "a", "s"));
    }
  }

  @Test
  void refusesADirectoryThatAnotherServerUses() {
    try (EmbeddedS3 first = new EmbeddedS3(dir, 0, "a", "s")) {
      EmbeddedKafkaTest.assertProblem(
          "DIRECTORY_IN_USE", () -> new EmbeddedS3(dir, first.port(), "a", "s"));
    }
  }

  @Test
  void refusesAFileInPlaceOfADirectory() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "x");
    EmbeddedKafkaTest.assertProblem(
        "DIRECTORY_NOT_WRITABLE", () -> new EmbeddedS3(file, 0, "a", "s"));
  }

  @Test
  void freesItsPortWhenClosed() {
    int port;
    try (EmbeddedS3 s3 = new EmbeddedS3(dir, 0, "a", "s")) {
      port = s3.port();
    }
    try (EmbeddedS3 again = new EmbeddedS3(dir, port, "a", "s")) {
      assertThat(again.endpoint()).isEqualTo("http://127.0.0.1:" + port);
    }
  }
}
