package io.lazaret.bench.events;

import com.sun.management.OperatingSystemMXBean;
import io.lazaret.bench.BenchSettings;
import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TopicAdmin;
import io.lazaret.eventing.TopicPlan;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.eventing.streams.StreamsApp;
import io.lazaret.eventing.streams.StreamsRunner;
import io.lazaret.eventing.streams.StreamsSettings;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.orchestration.OrchestrationApp;
import io.lazaret.orchestration.OrchestrationSettings;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ScreeningInputs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;

/** A fresh broker and registry with the platform's topics, and what the cases do with them. */
final class Bench implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofMinutes(5);

  static final OperatingSystemMXBean CPU =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Path directory;
  private final EmbeddedKafka broker;
  private final EmbeddedRegistry registry;
  private final Envelopes envelopes = new Envelopes(new Producer("bench", "1"), Clock.systemUTC());
  private final String policy = Policy.standard().canonicalJson();

  Bench(BenchSettings settings, String name) throws IOException {
    directory = settings.work().resolve("events-" + name);
    delete(directory);
    Files.createDirectories(directory);
    broker = new EmbeddedKafka(directory.resolve("kafka"), 0);
    registry = new EmbeddedRegistry(directory.resolve("registry"), 0);
    TopicAdmin.createMissing(kafka(), TopicPlan.embedded());
    SchemaRegistration.registerAll(new RegistryClient(RegistrySettings.of(registry.url())));
  }

  static void delete(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> tree = Files.walk(root)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  KafkaSettings kafka() {
    return KafkaSettings.of(broker.bootstrapServers());
  }

  Serde<SpecificRecord> values() {
    return new AvroSerde<>(new RegistryClient(RegistrySettings.of(registry.url())));
  }

  Path directory() {
    return directory;
  }

  OrchestrationApp orchestration() {
    return new OrchestrationApp(values(), OrchestrationSettings.of("bench"));
  }

  StreamsRunner run(StreamsApp app) {
    StreamsRunner runner =
        new StreamsRunner(StreamsSettings.of(kafka(), directory.resolve("streams")), List.of(app));
    runner.start();
    return runner;
  }

  /** A model of one of 64 names. */
  ModelIngested ingested(int number) {
    return ingested(number, 64);
  }

  /** A model of one of so many names. */
  ModelIngested ingested(int number, int names) {
    String id = Ids.derive("bench", number);
    String model = "model-" + number % names;
    return ModelIngested.newBuilder()
        .setEnvelope(envelopes.first(Ids.derive("ingested", id), "ModelIngested", id, model))
        .setModel(new ModelRef(model, "sha256:" + id, "LlamaForCausalLM", 1_000_000L))
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("lazaret", "inputs/" + id, id, 1L))
                .setPolicy(policy)
                .setSeed(number)
                .build())
        .build();
  }

  KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        kafka().client(Map.of(), Map.of("acks", "all", "linger.ms", 5, "batch.size", 1 << 17)),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** Puts records on a topic; returns the seconds that it took. */
  double fill(String topic, List<? extends SpecificRecord> records) {
    Serde<SpecificRecord> values = values();
    List<byte[]> bytes =
        records.stream().map(each -> values.serializer().serialize(topic, each)).toList();
    long start = System.nanoTime();
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int i = 0; i < bytes.size(); i++) {
        byte[] key = Envelopes.of(records.get(i)).getModelName().getBytes();
        producer.send(new ProducerRecord<>(topic, key, bytes.get(i)));
      }
      producer.flush();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** Waits until so many records are committed. */
  void await(String topic, int count) {
    rate(topic, 0, count);
  }

  /**
   * How fast records came.
   *
   * @param perSecond by the clock
   * @param cpuMicros CPU time of the whole process for each, compilers and collector included: what
   *     other work on the machine cannot change
   */
  record Rate(double perSecond, double cpuMicros) {}

  /**
   * Reads committed records until there are {@code warmUp + count}.
   *
   * @param warmUp records before the clock starts: a service that runs for months has been compiled
   */
  Rate rate(String topic, int warmUp, int count) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka().client(Map.of(), Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long first = 0;
      long cpu = 0;
      int before = 0;
      int seen = 0;
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (seen < warmUp + count) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(topic + " has only " + seen + " records");
        }
        seen += consumer.poll(Duration.ofMillis(20)).count();
        if (first == 0 && seen > warmUp) {
          first = System.nanoTime();
          cpu = CPU.getProcessCpuTime();
          before = seen;
        }
      }
      double records = seen - before;
      return new Rate(
          records / ((System.nanoTime() - first) / 1e9),
          (CPU.getProcessCpuTime() - cpu) / 1e3 / records);
    }
  }

  @Override
  public void close() {
    broker.close();
    registry.close();
  }
}
