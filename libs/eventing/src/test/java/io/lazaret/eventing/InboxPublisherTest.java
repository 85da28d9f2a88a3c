package io.lazaret.eventing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.problem.Problem;
import io.lazaret.schemas.DetectBackdoor;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InboxPublisherTest {

  @BeforeEach
  void empty() {
    TestPlatform.empty();
  }

  @Test
  void storesARecordUnderTheNameOfItsModel() {
    DetectBackdoor record = Examples.detect("s", "some-model");
    try (InboxPublisher inbox = new InboxPublisher(TestPlatform.kafka(), TestPlatform.serde())) {
      inbox.publish(record);
    }
    List<ConsumerRecord<byte[], byte[]>> stored = TestPlatform.readAll(Topics.INBOX);
    assertThat(stored).hasSize(1);
    assertThat(new String(stored.get(0).key())).isEqualTo("some-model");
    SpecificRecord read =
        TestPlatform.serde().deserializer().deserialize(Topics.INBOX, stored.get(0).value());
    assertThat(read).isEqualTo(record);
  }

  @Test
  void refusesARecordThatIsTooLargeForTheTopic() {
    DetectBackdoor record = Examples.detect("s", "m");
    record.getInputs().setPolicy("x".repeat(2 << 20));
    try (InboxPublisher inbox = new InboxPublisher(TestPlatform.kafka(), TestPlatform.serde())) {
      Problem problem = TestPlatform.problem(() -> inbox.publish(record));
      assertThat(problem.code()).isEqualTo("RECORD_REFUSED");
      assertThat(problem.retryable()).isFalse();
      inbox.publish(Examples.detect("next", "m"));
    }
    assertThat(TestPlatform.readAll(Topics.INBOX)).hasSize(1);
  }

  @Test
  void refusesARecordThatBreaksItsSchema() {
    DetectBackdoor record = Examples.detect("s", "m");
    record.setModel(null);
    try (InboxPublisher inbox = new InboxPublisher(TestPlatform.kafka(), TestPlatform.serde())) {
      assertThat(TestPlatform.problem(() -> inbox.publish(record)).code())
          .isEqualTo("RECORD_REFUSED");
    }
    assertThat(TestPlatform.readAll(Topics.INBOX)).isEmpty();
  }
}
