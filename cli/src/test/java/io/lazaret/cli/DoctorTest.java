package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {

  @TempDir Path directory;

  @Test
  void everyProblemComesWithItsNextStep() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CommandLineRun run =
          CommandLineRun.of(
              CommandLineRun.unbuilt(directory),
              "doctor",
              "--data",
              file.resolve("data").toString(),
              "--port",
              Integer.toString(taken.getLocalPort()));
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.out())
          .containsPattern("ok +JDK: ")
          .containsPattern("fail +data directory: .*file")
          .containsPattern("fail +port: loopback port " + taken.getLocalPort())
          .containsPattern("fail +platform: .*quarkus-run.jar is missing\\R +next: Start through")
          .containsPattern("warn +shipped models: ")
          .containsPattern("ok +tensor library: libtorch 2\\.");
    }
  }

  @Test
  void aMachineReadsTheSame() throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            CommandLineRun.unbuilt(directory),
            "doctor",
            "--json",
            "--data",
            directory.resolve("data").toString());
    assertThat(run.exitCode()).isEqualTo(2);
    JsonNode findings = new ObjectMapper().readTree(run.out());
    assertThat(findings).hasSizeGreaterThan(5);
    assertThat(findings)
        .filteredOn(each -> each.path("what").asText().equals("platform"))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.path("state").asText()).isEqualTo("FAIL");
              assertThat(each.path("nextStep").asText()).startsWith("Start through");
            });
  }
}
