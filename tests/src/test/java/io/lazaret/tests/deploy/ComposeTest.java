package io.lazaret.tests.deploy;

import static io.lazaret.tests.deploy.Repository.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ComposeTest {

  private final JsonNode compose = Repository.yaml("deploy/compose.yaml");

  @Test
  void everyServiceIsBuiltByTheDockerfileOfTheTree() {
    for (String service : SERVICES) {
      JsonNode build = compose.path("services").path(service).path("build");
      assertThat(build.path("dockerfile").asText()).isEqualTo("deploy/Dockerfile");
      assertThat(build.path("args").path("SERVICE").asText()).isEqualTo(service);
      assertThat(Repository.file("services/" + service + "/pom.xml")).exists();
      assertThat(Repository.text("services/" + service + "/pom.xml"))
          .as("packaged with -Pservices")
          .contains("<id>services</id>");
      assertThat(Repository.text("deploy/prometheus/prometheus.yaml")).contains(service + ":8080");
    }
    assertThat(Repository.text("deploy/Dockerfile"))
        .contains("USER 10001")
        .doesNotContain(":latest");
  }

  @Test
  void nothingIsPublishedBeyondLoopbackAndStagesReachNothingOutside() {
    compose
        .path("services")
        .forEach(
            service ->
                service
                    .path("ports")
                    .forEach(port -> assertThat(port.asText()).startsWith("127.0.0.1:")));
    assertThat(compose.path("networks").path("platform").path("internal").asBoolean()).isTrue();
    for (String stage : Repository.STAGES) {
      assertThat(compose.path("services").path(stage).has("networks"))
          .as(stage + " is in the inner network of x-service alone")
          .isFalse();
    }
  }

  @Test
  void everythingThatIsMountedAndDependedOnIsThere() {
    compose
        .path("services")
        .forEach(
            service ->
                service
                    .path("volumes")
                    .forEach(
                        volume -> {
                          String source = volume.asText().split(":")[0];
                          boolean there =
                              source.startsWith(".")
                                  ? Files.exists(
                                      Repository.file("deploy").resolve(source).normalize())
                                  : compose.path("volumes").has(source);
                          assertThat(there).as(source).isTrue();
                        }));
  }

  @Test
  void everyVariableIsInTheExampleOrHasADefault() {
    Matcher variables =
        Pattern.compile("\\$\\{([A-Z0-9_]+)(:[-?][^}]*)?}")
            .matcher(Repository.text("deploy/compose.yaml"));
    List<String> missing = new ArrayList<>();
    String example = Repository.text("deploy/env.example");
    while (variables.find()) {
      boolean defaulted = variables.group(2) != null && variables.group(2).startsWith(":-");
      if (!defaulted && !example.contains(variables.group(1) + "=")) {
        missing.add(variables.group(1));
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyCommandThatAnAlertNamesExists() {
    Matcher commands =
        Pattern.compile("\\./lazaret ([a-z-]+)")
            .matcher(Repository.text("deploy/prometheus/alerts.yaml"));
    int found = 0;
    while (commands.find()) {
      found++;
      assertThat(Repository.text("cli/src/test/resources/help/lazaret.txt"))
          .contains("  " + commands.group(1) + " ");
    }
    assertThat(found).isPositive();
  }
}
