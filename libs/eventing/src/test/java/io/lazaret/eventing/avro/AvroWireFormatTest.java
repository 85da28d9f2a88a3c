package io.lazaret.eventing.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.eventing.DeadLetters;
import io.lazaret.eventing.Examples;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageProgress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

class AvroWireFormatTest {

  private static final String TOPIC = "t";
  private static final HexFormat HEX = HexFormat.of();

  private final AvroSerde<SpecificRecord> serde = TestPlatform.serde();

  private byte[] bytes(SpecificRecord record) {
    return serde.serializer().serialize(TOPIC, record);
  }

  private SpecificRecord read(byte[] bytes) {
    return serde.deserializer().deserialize(TOPIC, bytes);
  }

  private String codeOf(byte[] bytes) {
    SerializationException[] error = new SerializationException[1];
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOfSatisfying(SerializationException.class, e -> error[0] = e);
    return DeadLetters.problemIn(error[0]).code();
  }

  private static byte[] wire(int id, String hex) {
    byte[] body = HEX.parseHex(hex.replace(" ", ""));
    return ByteBuffer.allocate(5 + body.length).put((byte) 0).putInt(id).put(body).array();
  }

  @Test
  void writesMagicByteSchemaIdAndAvroBinary() {
    int id = TestPlatform.registry().lookup(StageProgress.SCHEMA$.getFullName(), schema());
    byte[] golden =
        wire(
            id,
            // screening, model, job, stage, round, attempt, fraction, no eta, message, time, no
            // figure, value
            "02 73  02 6d  02 6a  02  02  04  000000000000e03f  00  08 68616c66  02  00  0000000000000000");
    assertThat(HEX.formatHex(bytes(Examples.progress()))).isEqualTo(HEX.formatHex(golden));
    assertThat(read(golden)).isEqualTo(Examples.progress());
  }

  private static Schema schema() {
    return StageProgress.SCHEMA$;
  }

  @Test
  void readsBackWhatItWrote() {
    DetectBackdoor command = Examples.detect("s", "m", Examples.NOON);
    assertThat(read(bytes(command))).isEqualTo(command);
  }

  @Test
  void passesNullThroughAsATombstone() {
    assertThat(bytes(null)).isNull();
    assertThat(read(null)).isNull();
  }

  @Test
  void readsRecordsOfAnEarlierVersionWithTheDefaultsOfLaterFields() throws IOException {
    // Job as it was before attempts were counted back off: no notBefore.
    Schema early =
        SchemaBuilder.record("Job")
            .namespace("io.lazaret.schemas")
            .fields()
            .requiredString("jobId")
            .name("stage")
            .type(Job.SCHEMA$.getField("stage").schema())
            .noDefault()
            .requiredInt("round")
            .requiredInt("attempt")
            .requiredLong("seed")
            .endRecord();
    GenericRecord old = new GenericData.Record(early);
    old.put("jobId", "j");
    old.put("stage", new GenericData.EnumSymbol(early.getField("stage").schema(), "SIMULATION"));
    old.put("round", 1);
    old.put("attempt", 2);
    old.put("seed", 3L);
    AvroSerializer<GenericRecord> writer = new AvroSerializer<>(TestPlatform.newRegistryClient());
    writer.configure(
        Map.of(
            "auto.register.schemas",
            "true",
            "value.subject.name.strategy",
            "io.confluent.kafka.serializers.subject.TopicNameStrategy"),
        false);
    Job read = (Job) read(writer.serialize("early-jobs", old));
    assertThat(TestPlatform.registry().subjects()).contains("early-jobs-value");
    assertThat(read.getStage()).isEqualTo(Stage.SIMULATION);
    assertThat(read.getAttempt()).isEqualTo(2);
    assertThat(read.getNotBefore()).isNull();
  }

  @Test
  void givesGenericRecordsWhenAskedTo() {
    AvroDeserializer<GenericRecord> generic = new AvroDeserializer<>(TestPlatform.registry());
    generic.configure(Map.of("specific.avro.reader", false), false);
    GenericRecord read = generic.deserialize(TOPIC, bytes(Examples.progress()));
    assertThat(read).isNotInstanceOf(SpecificRecord.class);
    assertThat(read.get("message")).hasToString("half");
  }

  @Test
  void refusesBytesThatAreNotInTheWireFormat() {
    assertThat(codeOf(new byte[0])).isEqualTo("NOT_WIRE_FORMAT");
    assertThat(codeOf(new byte[] {0, 0, 0, 1})).isEqualTo("NOT_WIRE_FORMAT");
    assertThat(codeOf("{\"json\":true}".getBytes())).isEqualTo("NOT_WIRE_FORMAT");
  }

  @Test
  void refusesASchemaIdThatTheRegistryDoesNotKnow() {
    assertThat(codeOf(wire(987_654, "00"))).isEqualTo("SCHEMA_UNKNOWN");
    assertThat(codeOf(wire(-1, "00"))).isEqualTo("SCHEMA_UNKNOWN");
  }

  @Test
  void refusesRecordsOfTypesThatThisProgramDoesNotKnow() {
    Schema foreign = SchemaBuilder.record("Foreign").namespace("x").fields().endRecord();
    int id = TestPlatform.registry().register("x.Foreign", foreign);
    assertThat(codeOf(wire(id, ""))).isEqualTo("UNKNOWN_RECORD_TYPE");
    // A class of that name exists, but it is not a record.
    Schema string = SchemaBuilder.record("String").namespace("java.lang").fields().endRecord();
    int text = TestPlatform.registry().register("java.lang.String", string);
    assertThat(codeOf(wire(text, ""))).isEqualTo("UNKNOWN_RECORD_TYPE");
  }

  @Test
  void refusesTruncatedRecordsAtEveryLength() {
    byte[] whole = bytes(Examples.progress());
    for (int length = 5; length < whole.length; length++) {
      assertThat(codeOf(Arrays.copyOf(whole, length))).isEqualTo("RECORD_UNDECODABLE");
    }
  }

  @Test
  void doesNotAllocateWhatALengthPrefixClaims() throws IOException {
    int id = TestPlatform.registry().lookup(ObjectRef.SCHEMA$.getFullName(), ObjectRef.SCHEMA$);
    // A first string of 2^31 - 9 bytes, and one of a negative length.
    assertThat(codeOf(wire(id, "eeffffff0f"))).isEqualTo("RECORD_UNDECODABLE");
    assertThat(codeOf(wire(id, "01"))).isEqualTo("RECORD_UNDECODABLE");
    int segment =
        TestPlatform.registry()
            .lookup(
                io.lazaret.schemas.Segment.SCHEMA$.getFullName(),
                io.lazaret.schemas.Segment.SCHEMA$);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(0);
    many.writeBytes(HEX.parseHex("feffffff0f"));
    assertThat(codeOf(wire(segment, HEX.formatHex(many.toByteArray()))))
        .isEqualTo("RECORD_UNDECODABLE");
  }

  @Test
  void refusesToWriteARecordWhoseRequiredFieldIsMissing() {
    StageProgress progress = Examples.progress();
    progress.setMessage(null);
    assertThatThrownBy(() -> bytes(progress))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("StageProgress");
  }

  @Test
  void doesNotRegisterSchemasWhileItWritesUnlessToldTo() {
    AvroSerializer<SpecificRecord> topicNamed =
        new AvroSerializer<>(TestPlatform.newRegistryClient());
    topicNamed.configure(Map.of("value.subject.name.strategy", "TopicNameStrategy"), false);
    assertThatThrownBy(() -> topicNamed.serialize("nobody-registered", Examples.progress()))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("nobody-registered-value");
    assertThat(TestPlatform.registry().subjects()).doesNotContain("nobody-registered-value");
  }

  @Test
  void namesSubjectsAsTheStrategySays() {
    Schema schema = StageProgress.SCHEMA$;
    assertThat(SubjectNaming.RecordNameStrategy.subject("t", false, schema))
        .isEqualTo("io.lazaret.schemas.StageProgress");
    assertThat(SubjectNaming.TopicNameStrategy.subject("t", true, schema)).isEqualTo("t-key");
    assertThat(SubjectNaming.TopicRecordNameStrategy.subject("t", false, schema))
        .isEqualTo("t-io.lazaret.schemas.StageProgress");
    assertThatThrownBy(() -> SubjectNaming.parse("com.example.OtherStrategy"))
        .hasMessageContaining("OtherStrategy");
  }

  @Test
  void isConfiguredByConfluentsPropertyNames() {
    Serde<SpecificRecord> configured =
        AvroSerde.configured(
            Map.of(
                "schema.registry.url",
                TestPlatform.registryUrl(),
                "value.serializer",
                AvroSerializer.class.getName(),
                "value.deserializer",
                AvroDeserializer.class,
                "value.subject.name.strategy",
                "io.confluent.kafka.serializers.subject.RecordNameStrategy"));
    byte[] bytes = configured.serializer().serialize(TOPIC, Examples.progress());
    assertThat(bytes).isEqualTo(bytes(Examples.progress()));
    assertThat(configured.deserializer().deserialize(TOPIC, bytes)).isEqualTo(Examples.progress());
    assertThatThrownBy(
            () ->
                AvroSerde.configured(
                    Map.of("schema.registry.url", "http://x", "value.serializer", "no.Such")))
        .hasMessageContaining("no.Such");
    assertThatThrownBy(() -> AvroSerde.configured(Map.of()))
        .hasMessageContaining("schema.registry.url");
  }
}
