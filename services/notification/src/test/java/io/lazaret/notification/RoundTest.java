package io.lazaret.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TopicAdmin;
import io.lazaret.eventing.TopicPlan;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundTest {

  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir static Path data;
  @TempDir Path folder;

  private static EmbeddedKafka broker;
  private static EmbeddedRegistry registry;
  private static KafkaSettings kafka;
  private static Serde<SpecificRecord> values;
  private static KafkaProducer<byte[], byte[]> producer;

  private String name;

  @BeforeAll
  static void start() {
    broker = new EmbeddedKafka(data.resolve("kafka"), 0);
    registry = new EmbeddedRegistry(data.resolve("registry"), 0);
    kafka = KafkaSettings.of(broker.bootstrapServers());
    TopicAdmin.createMissing(kafka, TopicPlan.embedded().withPartitions(2));
    Map<String, String> settings = Map.of("schema.registry.url", registry.url());
    SchemaRegistration.registerAll(new RegistryClient(RegistrySettings.from(settings)));
    values = AvroSerde.configured(settings);
    producer =
        new KafkaProducer<>(
            kafka.client(Map.of(), Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void stop() throws Exception {
    producer.close();
    registry.close();
    broker.close();
  }

  @BeforeEach
  void anotherReceiver() {
    name = "r" + COUNT.incrementAndGet();
  }

  @Test
  void whatWasNotDeliveredBeforeARestartIsDeliveredAfterIt() throws Exception {
    try (HttpReceiver http = new HttpReceiver().answering(200).answering(503)) {
      try (Round round = round(name, http, Duration.ofHours(1))) {
        awaitPlaced(name);
        publish(Samples.rejected("a", "m"));
        publish(Samples.rejected("b", "m"));
        await().until(() -> http.posts.size() >= 3);
      }
      http.answering(200).answering(200);
      try (Round round = round(name, http, Duration.ofHours(1))) {
        publish(Samples.rejected("c", "m"));
        await().until(() -> keys(http).contains("c"));
      }
      assertThat(keys(http).stream().distinct()).containsExactly("a", "b", "c");
      assertThat(keys(http).stream().filter("a"::equals)).hasSize(1);
    }
  }

  @Test
  void aReceiverThatFailsHoldsNobodyElseUp() throws Exception {
    try (HttpReceiver broken = new HttpReceiver().answering(500);
        HttpReceiver good = new HttpReceiver();
        Round first = round(name + "-broken", broken, Duration.ofHours(1));
        Round second = round(name + "-good", good, Duration.ofHours(1))) {
      awaitPlaced(name + "-broken");
      awaitPlaced(name + "-good");
      publish(Samples.rejected("a", "m"));
      publish(Samples.rolledBack("b", "n"));
      await().until(() -> good.posts.size() == 2);
      assertThat(keys(broken).stream().distinct()).containsExactly("a");
    }
  }

  @Test
  void aDeadNoticeIsKeptTheNextOnesArriveAndItCanBeTriedAgain() throws Exception {
    try (HttpReceiver http = new HttpReceiver().answering(410).answering(200)) {
      Courier courier = courier(name, http, Duration.ofHours(1));
      try (Round round = new Round(kafka, values, courier)) {
        awaitPlaced(name);
        publish(Samples.rejected("dead", "m"));
        publish(Samples.rejected("next", "m"));
        await().until(() -> courier.delivered() == 1);
        assertThat(courier.status().dead())
            .extracting(dead -> dead.notice().eventId() + " " + dead.why())
            .containsExactly("dead status 410");
        assertThat(new ReceiverState(folder.resolve(name + ".json")).dead()).hasSize(1);
        assertThat(courier.retry()).isEqualTo(1);
        await().until(() -> courier.delivered() == 2);
        assertThat(courier.dead()).isZero();
        assertThat(keys(http)).containsExactly("dead", "next", "dead");
      }
    }
  }

  @Test
  void whatFailsForTooLongIsDead() throws Exception {
    try (HttpReceiver http = new HttpReceiver().answering(500)) {
      Courier courier = courier(name, http, Duration.ZERO);
      assertThat(courier.bring(Samples.notice("e", "m"))).isTrue();
      assertThat(courier.dead()).isEqualTo(1);
      assertThat(courier.failing()).isTrue();
    }
  }

  private Round round(String receiver, HttpReceiver http, Duration giveUp) {
    return new Round(kafka, values, courier(receiver, http, giveUp));
  }

  private Courier courier(String receiverName, HttpReceiver http, Duration giveUp) {
    Receiver like = Samples.receiver(Receiver.Format.WEBHOOK, http.address(), true);
    Receiver receiver =
        new Receiver(
            receiverName, like.url(), like.format(), "", "", like.kinds(), like.allowPrivate());
    ReceiverState state = new ReceiverState(folder.resolve(receiverName + ".json"));
    Sender sender =
        new Sender(
            receiver, host -> List.of(InetAddress.getAllByName(host)), Duration.ofSeconds(5));
    Clock clock = Clock.systemUTC();
    return new Courier(
        receiver,
        Delivery.to(receiver, sender, new Messages(""), state, clock),
        state,
        new Courier.Patience(Duration.ofMillis(10), Duration.ofMillis(40), giveUp),
        clock);
  }

  private void publish(SpecificRecord event) throws ExecutionException, InterruptedException {
    byte[] key = "m".getBytes(StandardCharsets.UTF_8);
    byte[] value = values.serializer().serialize(Topics.EVENTS, event);
    producer.send(new ProducerRecord<>(Topics.EVENTS, key, value)).get();
  }

  /** A new receiver begins at the end: the test's events must come after that. */
  private void awaitPlaced(String receiver) {
    try (Admin admin = Admin.create(kafka.client(Map.of(), Map.of()))) {
      await()
          .until(
              () ->
                  admin
                          .listConsumerGroupOffsets("lazaret-notify-" + receiver)
                          .partitionsToOffsetAndMetadata()
                          .get()
                          .size()
                      == 2);
    }
  }

  private static List<String> keys(HttpReceiver http) {
    return http.posts.stream().map(post -> post.headers().get("Idempotency-Key")).toList();
  }
}
