package io.lazaret.tests;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a worker's steps leave where others can see it: on the topics and in the store. */
final class StageSigns implements AutoCloseable {

  /** In the order in which a job comes to them. */
  enum Step {
    /** The command is on its topic. */
    COMMANDED,
    /** The job has given its first sign. */
    TAKEN_UP,
    /** It has saved a state from which it can go on. */
    SAVED,
    /** It has said how far it is. A parrot that converges early is never said to be half done. */
    WORKING,
    /** Something that is no such state has come into the store. */
    UPLOADED,
    /** The result is on the inbox, within a transaction that may be open. */
    PRODUCED
  }

  private static final String STATES = "jobs";

  private final OutsideSystems outside;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Set<Stage> commanded = EnumSet.noneOf(Stage.class);
  private Set<Path> known;

  StageSigns(OutsideSystems outside) {
    this.outside = outside;
    consumer =
        new KafkaConsumer<>(
            outside.kafka().client(Map.of(), Map.of("isolation.level", "read_uncommitted")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        Stream.concat(
                Stream.of(Topics.INBOX, Topics.PROGRESS),
                Topics.COMMANDED.stream().map(Topics::commands))
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(each -> new TopicPartition(each.topic(), each.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    known = objects();
  }

  /** The steps of a stage; an evaluation brings nothing into the store but what it has saved. */
  static List<Step> steps(Stage stage) {
    return Stream.of(Step.values())
        .filter(step -> stage != Stage.EVALUATION || step != Step.UPLOADED)
        .toList();
  }

  /**
   * Waits for a sign of a step.
   *
   * @return false when the next stage was commanded before
   */
  boolean await(Stage stage, Step step, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      if (step == Step.COMMANDED && commanded.contains(stage) || stored(step)) {
        return true;
      }
      if (commanded.stream().anyMatch(each -> each.compareTo(stage) > 0)) {
        return false;
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(5))) {
        if (isSign(stage, step, record.topic(), heard(record))) {
          return true;
        }
      }
    }
    throw new AssertionError("no sign of " + stage + " " + step + " within " + patience);
  }

  /** What a killed platform did is no sign of the next one; which stages it commanded stays. */
  void forget() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      consumer.poll(Duration.ofMillis(5)).forEach(this::heard);
    }
    known = objects();
  }

  private SpecificRecord heard(ConsumerRecord<byte[], byte[]> record) {
    Topics.COMMANDED.stream()
        .filter(stage -> Topics.commands(stage).equals(record.topic()))
        .forEach(commanded::add);
    return outside.values().deserializer().deserialize(record.topic(), record.value());
  }

  private static boolean isSign(Stage stage, Step step, String topic, SpecificRecord said) {
    return switch (step) {
      case TAKEN_UP -> said instanceof StageProgress progress && progress.getStage() == stage;
      case WORKING ->
          said instanceof StageProgress progress
              && progress.getStage() == stage
              && progress.getFraction() > 0;
      case PRODUCED -> topic.equals(Topics.INBOX) && stage == stageOf(said);
      case COMMANDED, SAVED, UPLOADED -> false;
    };
  }

  private static Stage stageOf(SpecificRecord said) {
    return said.getSchema().getField("job") == null ? null : Envelopes.jobOf(said).getStage();
  }

  private boolean stored(Step step) {
    if (step != Step.SAVED && step != Step.UPLOADED) {
      return false;
    }
    Set<Path> now = objects();
    Set<Path> fresh = new HashSet<>(now);
    fresh.removeAll(known);
    known = now;
    return fresh.stream().anyMatch(each -> each.startsWith(STATES) == (step == Step.SAVED));
  }

  private Set<Path> objects() {
    Path root = outside.stored();
    if (!Files.isDirectory(root)) {
      return Set.of();
    }
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.filter(Files::isRegularFile).map(root::relativize).collect(Collectors.toSet());
    } catch (IOException | UncheckedIOException goneMeanwhile) {
      return known;
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
