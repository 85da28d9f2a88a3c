package io.lazaret.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedRegistryTest {

  private static final String V1 = record("");
  private static final String WITH_DEFAULT =
      record(",{\"name\":\"b\",\"type\":\"int\",\"default\":7}");
  private static final String WITHOUT_DEFAULT = record(",{\"name\":\"b\",\"type\":\"int\"}");

  @TempDir Path dir;

  private EmbeddedRegistry registry;
  private RegistryCalls calls;

  private static String record(String moreFields) {
    return "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":"
        + "[{\"name\":\"a\",\"type\":\"string\"}"
        + moreFields
        + "]}";
  }

  @BeforeEach
  void start() {
    registry = new EmbeddedRegistry(dir, 0);
    calls = new RegistryCalls(registry.url());
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private void restart() {
    registry.close();
    start();
  }

  @Test
  void givesOneSchemaOneIdAcrossSubjectsAndRepetitions() throws Exception {
    int id = calls.id("first", V1);
    assertThat(calls.id("first", V1)).isEqualTo(id);
    assertThat(calls.id("second", V1)).isEqualTo(id);
    assertThat(calls.id("first", WITH_DEFAULT)).isNotEqualTo(id);
    assertThat(calls.get("/subjects").body().toString()).isEqualTo("[\"first\",\"second\"]");
    assertThat(calls.get("/subjects/first/versions").body().toString()).isEqualTo("[1,2]");
    assertThat(calls.get("/schemas/ids/" + id + "/subjects").body().toString())
        .isEqualTo("[\"first\",\"second\"]");
  }

  @Test
  void answersByIdByVersionAndByContent() throws Exception {
    int id = calls.id("s", V1);
    int second = calls.id("s", WITH_DEFAULT);
    assertThat(calls.get("/schemas/ids/" + id).body().path("schema").asText()).isEqualTo(V1);
    assertThat(calls.get("/subjects/s/versions/1").body().path("id").asInt()).isEqualTo(id);
    assertThat(calls.get("/subjects/s/versions/latest").body().path("id").asInt())
        .isEqualTo(second);
    assertThat(calls.get("/subjects/s/versions/2/schema").body().path("name").asText())
        .isEqualTo("R");
    assertThat(calls.post("/subjects/s", V1).body().path("version").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /subjects/none/versions,            404, 40401",
    "GET,    /subjects/none/versions/1,          404, 40401",
    "GET,    /subjects/s/versions/9,             404, 40402",
    "GET,    /subjects/s/versions/0,             422, 42202",
    "GET,    /subjects/s/versions/newest,        422, 42202",
    "GET,    /schemas/ids/4711,                  404, 40403",
    "GET,    /schemas/ids/x,                     404, 404",
    "GET,    /config/none,                       404, 40408",
    "GET,    /nonsense,                          404, 404",
    "DELETE, /subjects/s,                        405, 405",
    "POST,   /subjects/s/versions,               422, 422",
    "POST,   /compatibility/subjects/none/versions/latest, 422, 422",
  })
  void answersWithTheProtocolsErrorCodes(String method, String path, int status, int code)
      throws Exception {
    calls.id("s", V1);
    RegistryCalls.Answer answer = calls.send(method, path, "");
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.errorCode()).isEqualTo(code);
    assertThat(answer.body().path("message").asText()).isNotEmpty();
  }

  @Test
  void tellsAnUnknownSubjectFromAnUnknownSchema() throws Exception {
    calls.id("s", V1);
    assertThat(calls.post("/subjects/none", V1).errorCode()).isEqualTo(40401);
    assertThat(calls.post("/subjects/s", WITH_DEFAULT).errorCode()).isEqualTo(40403);
  }

  @Test
  void refusesBodiesThatAreNotSchemas() throws Exception {
    assertThat(calls.register("s", "{\"type\":\"recor\"}").errorCode()).isEqualTo(42201);
    assertThat(calls.register("s", "[".repeat(5_000)).errorCode()).isEqualTo(42201);
    assertThat(calls.send("POST", "/subjects/s/versions", "not json").status()).isEqualTo(422);
    assertThat(calls.send("POST", "/subjects/s/versions", "[1]").status()).isEqualTo(422);
    assertThat(
            calls
                .send("POST", "/subjects/s/versions", "{\"schemaType\":\"JSON\",\"schema\":\"{}\"}")
                .errorCode())
        .isEqualTo(42201);
    assertThat(calls.get("/subjects").body()).isEmpty();
  }

  @Test
  void refusesARequestThatIsTooLarge() throws Exception {
    String large = V1.replace("\"a\"", "\"" + "a".repeat(1 << 20) + "\"");
    assertThat(calls.register("s", large).status()).isEqualTo(413);
    assertThat(calls.get("/subjects").body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "NONE,                200, 200",
    "BACKWARD,            200, 409",
    "FORWARD,             200, 200",
    "FULL,                200, 409",
    "BACKWARD_TRANSITIVE, 200, 409",
    "FORWARD_TRANSITIVE,  200, 200",
    "FULL_TRANSITIVE,     200, 409",
  })
  void holdsNewVersionsToTheLevelOfTheSubject(String level, int withDefault, int without)
      throws Exception {
    assertThat(calls.level("/config/s", level).status()).isEqualTo(200);
    assertThat(calls.level("/config/t", level).status()).isEqualTo(200);
    calls.id("s", V1);
    calls.id("t", V1);
    assertThat(calls.register("s", WITH_DEFAULT).status()).isEqualTo(withDefault);
    RegistryCalls.Answer answer = calls.register("t", WITHOUT_DEFAULT);
    assertThat(answer.status()).isEqualTo(without);
    if (without == 409) {
      assertThat(answer.errorCode()).isEqualTo(409);
      assertThat(answer.body().path("message").asText()).contains("cannot read version 1");
    }
  }

  @ParameterizedTest
  @CsvSource({"BACKWARD, true", "BACKWARD_TRANSITIVE, false"})
  void asksAllVersionsOnlyWhenTheLevelIsTransitive(String level, boolean compatible)
      throws Exception {
    calls.level("/config", level);
    calls.id("s", V1);
    calls.id("s", WITH_DEFAULT);
    RegistryCalls.Answer answer =
        calls.post("/compatibility/subjects/s/versions?verbose=true", WITHOUT_DEFAULT);
    assertThat(answer.body().path("is_compatible").asBoolean()).isEqualTo(compatible);
    assertThat(answer.body().path("messages").isEmpty()).isEqualTo(compatible);
    assertThat(
            calls
                .post("/compatibility/subjects/s/versions/latest", WITHOUT_DEFAULT)
                .body()
                .path("is_compatible")
                .asBoolean())
        .isTrue();
  }

  @Test
  void usesTheGlobalLevelUntilTheSubjectHasItsOwn() throws Exception {
    assertThat(calls.get("/config").body().path("compatibilityLevel").asText())
        .isEqualTo("BACKWARD");
    assertThat(calls.level("/config", "SIDEWARD").errorCode()).isEqualTo(42203);
    calls.level("/config", "NONE");
    assertThat(
            calls.get("/config/s?defaultToGlobal=true").body().path("compatibilityLevel").asText())
        .isEqualTo("NONE");
    calls.level("/config/s", "FULL");
    assertThat(calls.get("/config/s").body().path("compatibilityLevel").asText()).isEqualTo("FULL");
  }

  @Test
  void keepsSubjectsWithAwkwardNamesApart() throws Exception {
    calls.id("a%2Fb", V1);
    calls.id("a+b", V1);
    calls.id("%C3%A9%20x", V1);
    assertThat(calls.get("/subjects").body().toString())
        .isEqualTo("[\"a+b\",\"a/b\",\"\u00e9 x\"]");
    assertThat(calls.get("/subjects/a%2Fb/versions").body().toString()).isEqualTo("[1]");
  }

  @Test
  void remembersEverythingOverARestart() throws Exception {
    int id = calls.id("s", V1);
    calls.level("/config/s", "FULL_TRANSITIVE");
    calls.level("/config", "NONE");
    restart();
    assertThat(calls.get("/schemas/ids/" + id).body().path("schema").asText()).isEqualTo(V1);
    assertThat(calls.get("/config/s").body().path("compatibilityLevel").asText())
        .isEqualTo("FULL_TRANSITIVE");
    assertThat(calls.get("/config").body().path("compatibilityLevel").asText()).isEqualTo("NONE");
    assertThat(calls.id("t", WITH_DEFAULT)).isEqualTo(id + 1);
  }

  @Test
  void keepsWhatItAcknowledgedWhenKilled() throws Exception {
    int id;
    try (ServerProcess server = ServerProcess.start(dir.resolve("child"))) {
      id = new RegistryCalls(server.registryUrl()).id("s", V1);
    }
    try (EmbeddedRegistry again = new EmbeddedRegistry(dir.resolve("child/registry"), 0)) {
      assertThat(new RegistryCalls(again.url()).post("/subjects/s", V1).body().path("id").asInt())
          .isEqualTo(id);
    }
  }

  @Test
  void cutsOffATornLastLineAndGoesOn() throws Exception {
    int id = calls.id("s", V1);
    registry.close();
    Files.writeString(
        dir.resolve("schemas.jsonl"),
        "{\"subject\":\"s\",\"version\":2,\"i",
        StandardOpenOption.APPEND);
    start();
    assertThat(calls.get("/subjects/s/versions").body().toString()).isEqualTo("[1]");
    assertThat(calls.id("s", WITH_DEFAULT)).isEqualTo(id + 1);
    restart();
    assertThat(calls.get("/subjects/s/versions").body().toString()).isEqualTo("[1,2]");
  }

  @Test
  void namesTheLineOfADamagedJournal() throws Exception {
    calls.id("s", V1);
    registry.close();
    Path journal = dir.resolve("schemas.jsonl");
    String good = Files.readString(journal);
    Files.writeString(journal, good + "garbage\n" + good);
    EmbeddedKafkaTest.assertProblem("REGISTRY_JOURNAL_DAMAGED", () -> new EmbeddedRegistry(dir, 0))
        .hasMessageContaining("line 2");
    Files.writeString(journal, good + "{\"schema\":\"nonsense\"}\n");
    EmbeddedKafkaTest.assertProblem("REGISTRY_JOURNAL_DAMAGED", () -> new EmbeddedRegistry(dir, 0))
        .hasMessageContaining("line 2");
    Files.writeString(journal, good);
    start();
    assertThat(calls.get("/subjects").body()).hasSize(1);
  }

  @Test
  void givesOneIdToManyWhoRegisterTheSameAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Integer> register = () -> calls.id("s", V1);
      Set<Integer> ids = new HashSet<>();
      for (Future<Integer> each : threads.invokeAll(List.of(register, register, register))) {
        ids.add(each.get());
      }
      assertThat(ids).hasSize(1);
      assertThat(calls.get("/subjects/s/versions").body().toString()).isEqualTo("[1]");
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void refusesADirectoryAndAPortInUse() throws Exception {
    EmbeddedKafkaTest.assertProblem("DIRECTORY_IN_USE", () -> new EmbeddedRegistry(dir, 0));
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getByName(LoopbackPort.HOST), 0));
      EmbeddedKafkaTest.assertProblem(
          "PORT_IN_USE", () -> new EmbeddedRegistry(dir.resolve("other"), taken.getLocalPort()));
    }
  }
}
