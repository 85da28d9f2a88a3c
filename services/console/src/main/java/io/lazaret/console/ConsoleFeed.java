package io.lazaret.console;

import io.lazaret.console.record.Place;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.record.StoredRecord;
import io.lazaret.console.view.Intake;
import io.lazaret.console.view.Projection;
import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.StageProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics from where the projection's store ends, committed records only, and folds them
 * into the projection. It belongs to no consumer group: every console sees everything.
 */
public final class ConsoleFeed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConsoleFeed.class);

  /** Wait for records: bounds the delay of what people see only when nothing arrives. */
  private static final Duration POLL = Duration.ofMillis(250);

  /** Wait before the broker is tried again after an error that may pass. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Records of one batch: what becomes visible together, and is held in memory meanwhile. */
  private static final int BATCH = 2_000;

  /**
   * Read from the beginning with every start: heartbeats and channels are state in memory, and the
   * topics are short-lived or compacted.
   */
  private static final Set<String> ALWAYS_WHOLE = Set.of(Topics.RELEASES);

  private final KafkaConsumer<String, byte[]> consumer;
  private final Serde<SpecificRecord> values;
  private final Projection projection;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean caughtUp;
  private volatile long behind;

  /** Begins to read. */
  public ConsoleFeed(KafkaSettings kafka, Serde<SpecificRecord> values, Projection projection) {
    this.values = values;
    this.projection = projection;
    this.consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of(
                    "client.id",
                    "lazaret-console",
                    "fetch.max.wait.ms",
                    50,
                    "max.poll.records",
                    BATCH),
                Map.of(
                    "isolation.level",
                    "read_committed",
                    "enable.auto.commit",
                    false,
                    "auto.offset.reset",
                    "earliest")),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    this.thread = new Thread(this::run, "console-feed");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether everything that was recorded before the start has been read. */
  public boolean caughtUp() {
    return caughtUp;
  }

  /** Records that are known to be there and were not read yet. */
  public long behind() {
    return behind;
  }

  private void run() {
    try (consumer) {
      Intake intake = projection.intake();
      Map<TopicPartition, Long> ends = new HashMap<>(assign(intake));
      while (isOpen()) {
        for (ConsumerRecord<String, byte[]> record : poll()) {
          apply(record, intake);
        }
        intake.commit();
        if (!caughtUp) {
          ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
          caughtUp = ends.isEmpty();
        }
        behind = lag();
      }
    } catch (WakeupException closed) {
      LOG.debug("console feed closed");
    } catch (RuntimeException e) {
      caughtUp = false;
      LOG.error("the console no longer reads the record; start it again", e);
    }
  }

  private long lag() {
    long sum = 0;
    for (TopicPartition partition : consumer.assignment()) {
      sum += consumer.currentLag(partition).orElse(0);
    }
    return sum;
  }

  private ConsumerRecords<String, byte[]> poll() {
    try {
      return consumer.poll(POLL);
    } catch (WakeupException closed) {
      throw closed;
    } catch (KafkaException e) {
      waitFor("Kafka", e);
      return ConsumerRecords.empty();
    }
  }

  /** Assigns all partitions, waiting for the topics; returns where they end now. */
  private Map<TopicPartition, Long> assign(Intake intake) {
    while (true) {
      try {
        Set<String> wanted = new HashSet<>(Place.TOPICS);
        wanted.add(Topics.PROGRESS);
        List<TopicPartition> partitions = new ArrayList<>();
        // What people of an older installation do not have, such as a dead letter topic, is left
        // out; the record itself has to be there.
        consumer.partitionsFor(Topics.EVENTS);
        consumer.listTopics().entrySet().stream()
            .filter(topic -> wanted.contains(topic.getKey()))
            // The inbox holds what becomes an event a moment later.
            .filter(topic -> !topic.getKey().equals(Topics.INBOX))
            .flatMap(topic -> topic.getValue().stream())
            .forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
        consumer.assign(partitions);
        RecordStore store = projection.store();
        for (TopicPartition each : partitions) {
          long from =
              ALWAYS_WHOLE.contains(each.topic())
                  ? 0
                  : store.offset(each.topic(), each.partition());
          consumer.seek(each, from);
          if (each.topic().equals(Topics.EVENTS)) {
            intake.begin(each.partition(), from);
          }
        }
        return consumer.endOffsets(partitions);
      } catch (WakeupException closed) {
        throw closed;
      } catch (KafkaException e) {
        waitFor("Kafka", e);
      }
    }
  }

  /**
   * One record that cannot be read must not hide the others; a registry that is away is awaited.
   */
  private void apply(ConsumerRecord<String, byte[]> record, Intake intake) {
    while (isOpen()) {
      try {
        project(record, intake);
        intake.offset(record.topic(), record.partition(), record.offset() + 1);
        return;
      } catch (RuntimeException e) {
        if (!KafkaProblems.passing(e)) {
          LOG.warn(
              "skipped {}-{}@{}: {}",
              record.topic(),
              record.partition(),
              record.offset(),
              e.toString());
          return;
        }
        waitFor("the registry", e);
      }
    }
  }

  private void project(ConsumerRecord<String, byte[]> record, Intake intake) {
    if (record.topic().equals(Topics.PROGRESS)) {
      intake.progress(
          (StageProgress) values.deserializer().deserialize(record.topic(), record.value()));
      return;
    }
    Place place = new Place(record.topic(), record.partition(), record.offset());
    String key = record.key() == null ? "" : record.key();
    byte[] value = record.value() == null ? new byte[0] : record.value();
    intake.record(projection.decode(new StoredRecord(place, record.timestamp(), key, value)));
  }

  private boolean isOpen() {
    return closing.getCount() > 0;
  }

  /**
   * @throws WakeupException when the feed is closed meanwhile
   */
  private void waitFor(String what, Exception because) {
    LOG.warn("the console waits for {}: {}", what, because.getMessage());
    try {
      if (closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new WakeupException();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new WakeupException();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5).toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
