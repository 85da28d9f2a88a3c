package io.lazaret.eventing.avro;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.problem.Problem;
import io.lazaret.schemas.DetectBackdoor;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaRegistrationTest {

  @TempDir Path dir;

  private EmbeddedRegistry server;
  private RegistryClient client;

  @BeforeEach
  void start() {
    server = new EmbeddedRegistry(dir, 0);
    client = new RegistryClient(RegistrySettings.of(server.url()));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void registersEveryRecordUnderItsNameAndHoldsItToEveryEarlierVersion() {
    Map<String, Integer> ids = SchemaRegistration.registerAll(client);
    assertThat(ids).containsKeys("io.lazaret.schemas.ModelIngested", "io.lazaret.schemas.Verdict");
    assertThat(client.subjects()).containsExactlyElementsOf(ids.keySet());
    assertThat(ids.values()).doesNotHaveDuplicates();
    for (String subject : ids.keySet()) {
      assertThat(client.level(subject)).isEqualTo(CompatibilityLevel.BACKWARD_TRANSITIVE);
    }
  }

  @Test
  void changesNothingWhenRepeatedByAnotherProcess() {
    Map<String, Integer> ids = SchemaRegistration.registerAll(client);
    RegistryClient other = new RegistryClient(RegistrySettings.of(server.url()));
    assertThat(SchemaRegistration.registerAll(other)).isEqualTo(ids);
    assertThat(other.versions(DetectBackdoor.SCHEMA$.getFullName())).containsExactly(1);
  }

  @Test
  void refusesToRunBesideAVersionThatItCouldNotRead() {
    Schema other =
        SchemaBuilder.record("io.lazaret.schemas.Producer")
            .fields()
            .requiredString("vendor")
            .endRecord();
    client.register("io.lazaret.schemas.Producer", other);
    Problem problem = TestPlatform.problem(() -> SchemaRegistration.registerAll(client));
    assertThat(problem.code()).isEqualTo("SCHEMA_INCOMPATIBLE");
    assertThat(problem.sentence()).contains("io.lazaret.schemas.Producer");
  }

  @Test
  void findsWhatAnotherProcessRegistered() {
    Problem problem = TestPlatform.problem(() -> SchemaRegistration.requireAll(client));
    assertThat(problem.code()).isEqualTo("SCHEMA_UNKNOWN");
    RegistryClient admin = new RegistryClient(RegistrySettings.of(server.url()));
    Map<String, Integer> ids = SchemaRegistration.registerAll(admin);
    RegistryClient reader = new RegistryClient(RegistrySettings.of(server.url()));
    assertThat(SchemaRegistration.requireAll(reader)).isEqualTo(ids);
  }
}
