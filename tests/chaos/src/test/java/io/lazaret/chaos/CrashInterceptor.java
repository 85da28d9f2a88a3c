package io.lazaret.chaos;

import io.lazaret.eventing.Topics;
import io.lazaret.schemas.StageProgress;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Crash points in Kafka's own clients, so that the services need none. */
public final class CrashInterceptor
    implements ProducerInterceptor<Object, Object>, ConsumerInterceptor<Object, Object> {

  private static final String COMMANDS = "lazaret.commands.";

  @Override
  public ProducerRecord<Object, Object> onSend(ProducerRecord<Object, Object> record) {
    String topic = record.topic();
    if (topic.equals(Topics.INBOX) || topic.equals(Topics.EVENTS)) {
      CrashSwitch.at(CrashPoint.BEFORE_PRODUCE);
    } else if (topic.startsWith(COMMANDS) || topic.equals(Topics.RELEASES)) {
      CrashSwitch.at(CrashPoint.BETWEEN_RECORDS);
    } else if (topic.endsWith("-changelog")) {
      CrashSwitch.at(CrashPoint.CHANGELOG);
    } else if (record.value() instanceof StageProgress progress
        && progress.getMessage().equals(FakeJobs.DONE)) {
      // The worker says the last word of a job after it has committed.
      CrashSwitch.at(CrashPoint.COMMITTED);
    }
    return record;
  }

  @Override
  public void onAcknowledgement(RecordMetadata metadata, Exception error) {
    if (error == null
        && metadata != null
        && (metadata.topic().equals(Topics.INBOX) || metadata.topic().equals(Topics.EVENTS))) {
      CrashSwitch.at(CrashPoint.PRODUCED);
    }
  }

  @Override
  public ConsumerRecords<Object, Object> onConsume(ConsumerRecords<Object, Object> records) {
    boolean work =
        records.partitions().stream()
            .anyMatch(p -> p.topic().equals(Topics.INBOX) || p.topic().startsWith(COMMANDS));
    if (work) {
      CrashSwitch.at(CrashPoint.CONSUMED);
    }
    return records;
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public void close() {}

  @Override
  public void configure(Map<String, ?> configs) {}
}
