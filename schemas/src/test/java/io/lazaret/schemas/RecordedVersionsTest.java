package io.lazaret.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordedVersionsTest {

  private static final RecordedVersions RECORDED =
      new RecordedVersions(Path.of("src", "test", "resources"));

  @BeforeAll
  static void recordWhenAskedTo() throws IOException {
    if (Boolean.getBoolean("schemas.record")) {
      System.out.println("recorded: " + RECORDED.record(current()));
    }
  }

  private static List<Schema> current() {
    return Lazaret.PROTOCOL.getTypes().stream()
        .filter(each -> each.getType() == Schema.Type.RECORD)
        .toList();
  }

  private static Schema current(String name) {
    return Lazaret.PROTOCOL.getType("io.lazaret.schemas." + name);
  }

  static Stream<RecordedVersions.Version> versions() throws IOException {
    recordWhenAskedTo();
    return RECORDED.read().values().stream().flatMap(List::stream);
  }

  /** Why records of an earlier version could not be read; empty when they can. */
  private static String refusal(Schema reader, Schema writer) {
    var pair = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    return pair.getType() == SchemaCompatibilityType.COMPATIBLE
        ? ""
        : pair.getResult().getIncompatibilities().toString();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void readsEveryVersionThatWasEverReleased(RecordedVersions.Version version) throws IOException {
    Schema now = current(version.name());
    assertThat(now).as("%s was released and may not disappear", version.name()).isNotNull();
    assertThat(refusal(now, version.schema()))
        .as(
            "%s can no longer read version %d: give new fields defaults, keep names and types",
            version.name(), version.number())
        .isEmpty();
    GenericRecord written = SampleRecords.of(version.schema());
    GenericRecord read = version.readAs(now);
    for (Schema.Field field : now.getFields()) {
      boolean unchanged =
          version.schema().getField(field.name()) != null
              && version.schema().getField(field.name()).schema().equals(field.schema());
      if (unchanged) {
        assertThat(String.valueOf(read.get(field.name())))
            .as("%s.%s", version.name(), field.name())
            .isEqualTo(String.valueOf(written.get(field.name())));
      }
    }
  }

  @Test
  void hasRecordedThePresentVersionOfEveryRecord() throws IOException {
    Map<String, List<RecordedVersions.Version>> recorded = RECORDED.read();
    for (Schema schema : current()) {
      List<RecordedVersions.Version> versions = recorded.get(schema.getName());
      assertThat(versions)
          .as("%s is new. When it is final: %s", schema.getName(), RecordedVersions.COMMAND)
          .isNotEmpty();
      assertThat(versions.get(versions.size() - 1).schema())
          .as("%s has changed. When it is final: %s", schema.getName(), RecordedVersions.COMMAND)
          .isEqualTo(schema);
    }
  }

  @Test
  void generatesClassesThatSpeakTheRecordedSchema() {
    for (Schema schema : current()) {
      Class<?> type = SpecificData.get().getClass(schema);
      assertThat(type).isNotNull();
      assertThat(SpecificData.get().getSchema(type)).isEqualTo(schema);
    }
  }

  @Test
  void recordsOnlyWhatIsNewAndUnderTheNextNumber(@TempDir Path dir) throws IOException {
    RecordedVersions versions = new RecordedVersions(dir);
    Schema one = SchemaBuilder.record("R").fields().requiredString("a").endRecord();
    Schema other = SchemaBuilder.record("Other").fields().requiredInt("n").endRecord();
    Schema two =
        SchemaBuilder.record("R").fields().requiredString("a").optionalInt("b").endRecord();
    assertThat(versions.record(List.of(one, other))).containsExactly("R", "Other");
    assertThat(versions.record(List.of(one, other))).isEmpty();
    assertThat(versions.record(List.of(two, other))).containsExactly("R");
    TreeMap<String, List<RecordedVersions.Version>> read = versions.read();
    assertThat(read.get("R")).extracting(RecordedVersions.Version::number).containsExactly(1, 2);
    assertThat(read.get("Other")).extracting(RecordedVersions.Version::number).containsExactly(1);
    assertThat(read.get("R").get(0).readAs(two).get("a"))
        .hasToString(String.valueOf(SampleRecords.of(one).get("a")));
  }

  @Test
  void tellsAChangeThatBreaksReadersFromOneThatDoesNot() {
    Schema released = SchemaBuilder.record("R").fields().requiredString("a").endRecord();
    Schema withDefault =
        SchemaBuilder.record("R").fields().requiredString("a").optionalInt("b").endRecord();
    Schema without =
        SchemaBuilder.record("R").fields().requiredString("a").requiredInt("b").endRecord();
    Schema renamed = SchemaBuilder.record("R").fields().requiredString("A").endRecord();
    Schema retyped = SchemaBuilder.record("R").fields().requiredLong("a").endRecord();
    assertThat(refusal(withDefault, released)).isEmpty();
    assertThat(refusal(without, released)).contains("b");
    assertThat(refusal(renamed, released)).contains("A");
    assertThat(refusal(retyped, released)).isNotEmpty();
  }
}
