package io.lazaret.eventing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadLetterBoxTest {

  private final DeadLetterBox box = new DeadLetterBox(TestPlatform.kafka());

  @BeforeEach
  void empty() {
    TestPlatform.empty();
    box.replayAll(Topics.INBOX);
    TestPlatform.empty();
  }

  private static void bury(String value) throws Exception {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            Topics.INBOX,
            0,
            7,
            "model\u0007".getBytes(StandardCharsets.UTF_8),
            value.getBytes(StandardCharsets.UTF_8));
    record.headers().add("traceparent", "t".getBytes(StandardCharsets.UTF_8));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            TestPlatform.kafka().client(Map.of(), Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(DeadLetters.of(record, "reader", Problem.of("BAD", "It is bad.", "Mend it.")))
          .get();
    }
  }

  @Test
  void showsTheNewestLettersWithTheirReasons() throws Exception {
    bury("first");
    bury("second!");
    bury("third");
    List<DeadLetterBox.Letter> letters = box.list(List.of(Topics.INBOX), 2);
    assertThat(letters).extracting(DeadLetterBox.Letter::bytes).containsExactly(5, 7);
    DeadLetterBox.Letter newest = letters.get(0);
    assertThat(newest.key()).isEqualTo("model?");
    assertThat(newest.code()).isEqualTo("BAD");
    assertThat(newest.reason()).isEqualTo("It is bad.");
    assertThat(newest.reader()).isEqualTo("reader");
    assertThat(newest.replayed()).isFalse();
    assertThat(box.list(List.of(Topics.commands(io.lazaret.schemas.Stage.DETECTION)), 10))
        .isEmpty();
  }

  @Test
  void putsEveryLetterBackOnceAsItWas() throws Exception {
    bury("first");
    bury("second");
    assertThat(box.replayAll(Topics.INBOX)).isEqualTo(2);
    assertThat(box.replayAll(Topics.INBOX)).isZero();
    bury("third");
    assertThat(box.replayAll(Topics.INBOX)).isEqualTo(1);
    List<ConsumerRecord<byte[], byte[]>> back = TestPlatform.readAll(Topics.INBOX);
    assertThat(back)
        .extracting(each -> new String(each.value(), StandardCharsets.UTF_8))
        .containsExactly("first", "second", "third");
    ConsumerRecord<byte[], byte[]> first = back.get(0);
    assertThat(first.key()).isEqualTo("model\u0007".getBytes(StandardCharsets.UTF_8));
    assertThat(first.headers().toArray())
        .extracting(org.apache.kafka.common.header.Header::key)
        .containsExactly("traceparent", DeadLetterBox.REPLAYED_FROM);
    assertThat(box.list(List.of(Topics.INBOX), 10)).allMatch(DeadLetterBox.Letter::replayed);
  }

  @Test
  void putsOneLetterBackWhenItIsNamed() throws Exception {
    bury("first");
    bury("second");
    long offset = box.list(List.of(Topics.INBOX), 1).get(0).offset();
    box.replay(Topics.INBOX, offset);
    assertThat(TestPlatform.readAll(Topics.INBOX)).hasSize(1);
    assertThat(box.replayAll(Topics.INBOX)).isEqualTo(2);
    assertThat(TestPlatform.problem(() -> box.replay(Topics.INBOX, offset + 1_000)).code())
        .isEqualTo("DLQ_LETTER_UNKNOWN");
    assertThat(TestPlatform.problem(() -> box.list(List.of("__consumer_offsets"), 1)).code())
        .isEqualTo("DLQ_TOPIC_UNKNOWN");
  }
}
