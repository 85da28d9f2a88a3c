package io.lazaret.orchestration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.ReleaseRegister;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.ScreeningInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stored of releases is what is read again, and a promotion stores what it changed. */
class RegistersTest {

  private static final String MODEL = "acme/llm";

  @TempDir Path directory;

  private EmbeddedRegistry registry;
  private KeyValueStore<String, SpecificRecord> rows;

  @BeforeEach
  void open() throws IOException {
    registry = new EmbeddedRegistry(directory.resolve("registry"), 0);
    RegistryClient client = new RegistryClient(RegistrySettings.of(registry.url()));
    SchemaRegistration.registerAll(client);
    Serde<SpecificRecord> values = new AvroSerde<>(client);
    rows =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(Registers.STORE), Serdes.String(), values)
            .withLoggingDisabled()
            .build();
    MockProcessorContext<Object, Object> context =
        new MockProcessorContext<>(new Properties(), new TaskId(0, 0), directory.toFile());
    rows.init(context.getStateStoreContext(), rows);
  }

  @AfterEach
  void close() {
    rows.close();
    registry.close();
  }

  @Test
  void readsAfterAnyNumberOfChangesWhatWasPut() {
    Random random = new Random(7);
    Registers registers = new Registers(rows);
    List<ReleasedCheckpoint> checkpoints = new ArrayList<>();
    for (int change = 0; change < 200; change++) {
      if (checkpoints.isEmpty() || random.nextInt(3) == 0) {
        checkpoints.add(checkpoint(change));
      } else if (random.nextInt(4) == 0) {
        checkpoints.remove(random.nextInt(checkpoints.size()));
      } else {
        ReleasedCheckpoint moved =
            Facts.copy(checkpoints.remove(random.nextInt(checkpoints.size())));
        moved.setRescreenings(change);
        checkpoints.add(moved);
      }
      Releases releases = releases(checkpoints);
      registers.put(releases);
      assertThat(registers.of(MODEL)).isEqualTo(releases);
      assertThat(new Registers(rows).of(MODEL)).isEqualTo(releases);
      assertThat(models(new Registers(rows))).containsExactly(MODEL);
      assertThat(keys()).hasSize(1 + checkpoints.size());
    }
  }

  @Test
  void writesOfTheCheckpointsOnlyTheOneThatChanged() {
    Registers registers = new Registers(rows);
    List<ReleasedCheckpoint> checkpoints = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      checkpoints.add(checkpoint(i));
    }
    registers.put(releases(checkpoints));
    // What is not written again stays away.
    keys().forEach(rows::delete);
    checkpoints.set(3, checkpoint(100));
    registers.put(releases(checkpoints));
    assertThat(keys()).containsExactlyInAnyOrder(MODEL, MODEL + "@" + digest(100));
  }

  @Test
  void takesOverARowThatHoldsAllCheckpoints() {
    List<ReleasedCheckpoint> checkpoints = new ArrayList<>(List.of(checkpoint(1), checkpoint(2)));
    Releases before = releases(checkpoints);
    rows.put(MODEL, before.register());
    Registers registers = new Registers(rows);
    assertThat(registers.of(MODEL)).isEqualTo(before);
    checkpoints.add(checkpoint(3));
    Releases after = releases(checkpoints);
    registers.put(after);
    assertThat(new Registers(rows).of(MODEL)).isEqualTo(after);
    assertThat(keys()).hasSize(4);
  }

  private List<String> keys() {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, SpecificRecord> all = rows.all()) {
      all.forEachRemaining((KeyValue<String, SpecificRecord> row) -> keys.add(row.key));
    }
    return keys;
  }

  private static List<String> models(Registers registers) {
    List<String> models = new ArrayList<>();
    registers.forEachModel(models::add);
    return models;
  }

  private static Releases releases(List<ReleasedCheckpoint> checkpoints) {
    ReleaseRegister register = ReleaseRegister.newBuilder().setModelName(MODEL).build();
    register.setAnswered(List.of("request"));
    register.setCheckpoints(List.copyOf(checkpoints));
    return Releases.of(register);
  }

  private static String digest(int number) {
    return "sha256:%064x".formatted(number);
  }

  private static ReleasedCheckpoint checkpoint(int number) {
    ModelRef model = new ModelRef(MODEL, digest(number), "LlamaForCausalLM", 1_000_000L);
    return ReleasedCheckpoint.newBuilder()
        .setModel(model)
        .setOriginal(model)
        .setScreeningId("screening-" + number)
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("data", "prompts", "0".repeat(64), 1L))
                .setPolicy("{}")
                .setSeed(7)
                .build())
        .setCheckedAt(Instant.ofEpochMilli(number))
        .build();
  }
}
