package io.lazaret.tests;

import io.lazaret.checkpoints.Manifest;
import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.ReleaseObjects;
import io.lazaret.checkpoints.S3Settings;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.embedded.EmbeddedS3;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TopicAdmin;
import io.lazaret.eventing.TopicPlan;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.eventing.worker.StageWorker;
import io.lazaret.eventing.worker.WorkerSettings;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ScreeningInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;

/**
 * Broker, registry and store of a platform in another process, somebody who listens to what it
 * says, and a detector in place of its own.
 */
final class OutsideSystems implements AutoCloseable {

  private static final Producer PRODUCER = new Producer("test", "1");
  private static final String BUCKET = "lazaret";
  private static final String ACCESS_KEY = "outside";
  private static final String SECRET_KEY = "outside-secret-key";

  /**
   * What was said.
   *
   * @param ofInbox whether to the platform, and not by it
   * @param writtenAt by the clock of who wrote it, milliseconds
   * @param heardAt when it could be read here, milliseconds
   */
  record Heard<E extends SpecificRecord>(E record, boolean ofInbox, long writtenAt, long heardAt) {}

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final List<Heard<?>> heard = new CopyOnWriteArrayList<>();
  private final String bootstrap;
  private final String registryUrl;
  private final String s3Endpoint;
  private final Serde<SpecificRecord> values;
  private final ObjectStore objects;
  private final InboxPublisher inbox;
  private final Path s3;
  private volatile boolean closed;

  OutsideSystems(Path directory) {
    s3 = directory.resolve("s3");
    bootstrap = closing(new EmbeddedKafka(directory.resolve("kafka"), 0)).bootstrapServers();
    registryUrl = closing(new EmbeddedRegistry(directory.resolve("registry"), 0)).url();
    s3Endpoint = closing(new EmbeddedS3(s3, 0, ACCESS_KEY, SECRET_KEY)).endpoint();
    TopicAdmin.createMissing(kafka(), TopicPlan.embedded());
    RegistryClient registry = new RegistryClient(RegistrySettings.of(registryUrl));
    SchemaRegistration.registerAll(registry);
    values = new AvroSerde<>(registry);
    objects = closing(new ObjectStore(S3Settings.of(s3Endpoint, ACCESS_KEY, SECRET_KEY, BUCKET)));
    inbox = closing(new InboxPublisher(kafka(), values));
    Thread listener = new Thread(this::listen, "listener");
    listener.setDaemon(true);
    listener.start();
  }

  private <T extends AutoCloseable> T closing(T each) {
    open.push(each);
    return each;
  }

  KafkaSettings kafka() {
    return KafkaSettings.of(bootstrap);
  }

  /** Settings of a platform that uses these, and does all but detection. */
  String settings() {
    return connection() + "\nlazaret.worker.stages=SIMULATION,ELIMINATION,EVALUATION";
  }

  /** Settings of a platform that uses these. */
  String connection() {
    return String.join(
        "\n",
        "lazaret.embedded.enabled=false",
        "lazaret.kafka.bootstrap.servers=" + bootstrap,
        "lazaret.registry.url=" + registryUrl,
        "lazaret.s3.endpoint=" + s3Endpoint,
        "lazaret.s3.access-key=" + ACCESS_KEY,
        "lazaret.s3.secret-key=" + SECRET_KEY,
        "lazaret.s3.bucket=" + BUCKET);
  }

  Serde<SpecificRecord> values() {
    return values;
  }

  /** The objects of the store, as files. */
  Path stored() {
    return s3.resolve("buckets").resolve(BUCKET);
  }

  void detection(StageJob<DetectBackdoor> job) {
    WorkerSettings settings = WorkerSettings.of(kafka(), "detector", PRODUCER);
    closing(new StageWorker<>(settings, values, DetectBackdoor.class, job)).start();
  }

  byte[] object(String key) {
    return new ReleaseObjects(objects).read(key).orElse(new byte[0]);
  }

  /** Says that a model came in, whether it did or not; returns the id of its screening. */
  String ingest(String model, String digest, String policy) {
    StoredObject prompts = objects.putContent("inputs", Shipped.FIXTURES.resolve("prompts.jsonl"));
    String id = Ids.derive("screening", model);
    inbox.publish(
        ModelIngested.newBuilder()
            .setEnvelope(
                new Envelopes(PRODUCER, Clock.systemUTC())
                    .first(Ids.derive("ingested", id), "ModelIngested", id, model))
            .setModel(new ModelRef(model, digest, "LlamaForCausalLM", 1L))
            .setInputs(
                ScreeningInputs.newBuilder()
                    .setPrompts(
                        new ObjectRef(
                            prompts.bucket(), prompts.key(), prompts.sha256(), prompts.size()))
                    .setPolicy(policy)
                    .setSeed(7)
                    .build())
            .build());
    return id;
  }

  /** Puts a model into the store, changes one bit of its weights there, and returns its digest. */
  String storedWithOneBitChanged(Path model) throws IOException {
    ModelStore store = new ModelStore(objects);
    String digest = store.put(model);
    Manifest.Entry weights =
        store.manifest(digest).files().stream()
            .filter(entry -> entry.path().endsWith(".safetensors"))
            .findFirst()
            .orElseThrow();
    Path file = stored().resolve(store.object(weights).key());
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    return digest;
  }

  /** The first event of a kind about a model. */
  <E extends SpecificRecord> E await(Class<E> kind, String model, Duration patience) {
    return await(kind, each -> Envelopes.of(each).getModelName().equals(model), patience);
  }

  /** The first event of a kind that is meant. */
  <E extends SpecificRecord> E await(Class<E> kind, Predicate<E> meant, Duration patience) {
    return org.awaitility.Awaitility.await("a " + kind.getSimpleName())
        .atMost(patience)
        .until(
            () -> all(kind).stream().map(Heard::record).filter(meant).findFirst(),
            java.util.Optional::isPresent)
        .orElseThrow();
  }

  /** Everything of a kind about a model, in the order in which it was heard. */
  <E extends SpecificRecord> List<Heard<E>> heard(Class<E> kind, String model) {
    return all(kind).stream()
        .filter(each -> Envelopes.of(each.record()).getModelName().equals(model))
        .toList();
  }

  @SuppressWarnings("unchecked")
  private <E extends SpecificRecord> List<Heard<E>> all(Class<E> kind) {
    return heard.stream()
        .filter(each -> kind.isInstance(each.record()))
        .map(each -> (Heard<E>) each)
        .toList();
  }

  private void listen() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka().client(Map.of(), Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          List.of(Topics.INBOX, Topics.EVENTS, Topics.RELEASES).stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        consumer
            .poll(Duration.ofMillis(20))
            .forEach(
                each ->
                    heard.add(
                        new Heard<>(
                            values.deserializer().deserialize(each.topic(), each.value()),
                            each.topic().equals(Topics.INBOX),
                            each.timestamp(),
                            System.currentTimeMillis())));
      }
    }
  }

  @Override
  public void close() throws Exception {
    closed = true;
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
