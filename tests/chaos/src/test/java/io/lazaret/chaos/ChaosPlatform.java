package io.lazaret.chaos;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.embedded.EmbeddedS3;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TopicAdmin;
import io.lazaret.eventing.TopicPlan;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.orchestration.FakeStages;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ScreeningInputs;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;

/**
 * Broker, registry and store, the services around them, and somebody who asks for screenings and
 * counts the verdicts.
 */
final class ChaosPlatform implements AutoCloseable {

  private final Path directory;
  private final Deque<AutoCloseable> servers = new ArrayDeque<>();
  private final Map<Role, AutoCloseable> services = new EnumMap<>(Role.class);
  private final String bootstrap;
  private final String registryUrl;
  private final String s3Endpoint;
  private final Serde<SpecificRecord> values;
  private final InboxPublisher inbox;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Map<String, String> verdicts = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** With a broker of its own. */
  ChaosPlatform(Path directory) {
    this(directory, null, 1);
  }

  /**
   * @param outside a cluster that is there already; null for a broker of its own
   */
  ChaosPlatform(Path directory, String outside, int replication) {
    this.directory = directory;
    bootstrap =
        outside != null
            ? outside
            : closing(new EmbeddedKafka(directory.resolve("kafka"), 0)).bootstrapServers();
    registryUrl = closing(new EmbeddedRegistry(directory.resolve("registry"), 0)).url();
    s3Endpoint =
        closing(new EmbeddedS3(directory.resolve("s3"), 0, Access.ACCESS_KEY, Access.SECRET_KEY))
            .endpoint();
    TopicAdmin.createMissing(kafka(), TopicPlan.replicated(replication));
    SchemaRegistration.registerAll(new RegistryClient(RegistrySettings.of(registryUrl)));
    try (ObjectStore objects = access("setup").objects()) {
      objects.ensureBucket();
    }
    values = access("values").values();
    inbox = closing(new InboxPublisher(kafka(), values));
    Thread listener = new Thread(this::listen, "chaos-verdicts");
    listener.setDaemon(true);
    listener.start();
  }

  private <T extends AutoCloseable> T closing(T server) {
    servers.push(server);
    return server;
  }

  KafkaSettings kafka() {
    return KafkaSettings.of(bootstrap);
  }

  String registryUrl() {
    return registryUrl;
  }

  String s3Endpoint() {
    return s3Endpoint;
  }

  String bootstrap() {
    return bootstrap;
  }

  Serde<SpecificRecord> values() {
    return values;
  }

  Access access(String work) {
    return new Access(bootstrap, registryUrl, s3Endpoint, directory.resolve("work-" + work));
  }

  /** Runs these services in this process, where they are not running yet, and no others. */
  void runHere(Set<Role> roles) throws Exception {
    for (Role role : Role.values()) {
      if (roles.contains(role) && !services.containsKey(role)) {
        services.put(role, role.start(access(role.name()), kafka(), "chaos-" + role));
      } else if (!roles.contains(role) && services.containsKey(role)) {
        services.remove(role).close();
      }
    }
  }

  /** As above, for one service with other addresses or another clock. */
  void runHere(Role role, Access access, Clock clock) {
    services.put(
        role, role.start(access, KafkaSettings.of(access.bootstrap()), "here-" + role, clock));
  }

  /** Asks for a screening of a new model. */
  String ask() {
    String id = Ids.derive("chaos", directory, asked.size());
    asked.add(id);
    inbox.publish(ingested(id));
    return id;
  }

  void publish(SpecificRecord record) {
    inbox.publish(record);
  }

  static ModelIngested ingested(String screeningId) {
    String model = "model-" + screeningId.charAt(0);
    return ModelIngested.newBuilder()
        .setEnvelope(
            new Envelopes(new Producer("chaos", "1"), Clock.systemUTC())
                .first(Ids.derive("ingested", screeningId), "ModelIngested", screeningId, model))
        .setModel(new ModelRef(model, FakeStages.ORIGINAL + screeningId, "LlamaForCausalLM", 1L))
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("lazaret", "p", "00", 1L))
                .setPolicy("{}")
                .setSeed(screeningId.hashCode())
                .build())
        .build();
  }

  /** Screenings that were asked for here and have no verdict yet. */
  int open() {
    return (int) asked.stream().filter(id -> !verdicts.containsKey(id)).count();
  }

  /** Decision of every screening that has one. */
  Map<String, String> verdicts() {
    return verdicts;
  }

  /** The next of them is an hour's patience away from none: kills leave sessions to run out. */
  boolean awaitVerdicts(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (open() > 0 && System.nanoTime() < deadline) {
      synchronized (verdicts) {
        verdicts.wait(200);
      }
    }
    return open() == 0;
  }

  Recording recording() {
    return Recording.read(kafka(), values);
  }

  private void listen() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka().client(Map.of(), Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(Topics.EVENTS).stream()
              .map(each -> new TopicPartition(Topics.EVENTS, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        consumer.poll(Duration.ofMillis(50)).forEach(each -> hear(each.value()));
      }
    }
  }

  private void hear(byte[] value) {
    SpecificRecord event = values.deserializer().deserialize(Topics.EVENTS, value);
    Invariants.verdict(event)
        .ifPresent(
            verdict -> {
              verdicts.put(verdict.getScreeningId(), verdict.getDecision().name());
              synchronized (verdicts) {
                verdicts.notifyAll();
              }
            });
  }

  @Override
  public void close() throws Exception {
    runHere(Set.of());
    closed = true;
    while (!servers.isEmpty()) {
      servers.pop().close();
    }
  }
}
