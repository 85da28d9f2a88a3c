package io.lazaret.eventing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.LoopbackPort;
import io.lazaret.problem.Problem;
import io.lazaret.schemas.Stage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicAdminTest {

  @Test
  void keepsEventsForEverProgressShortAndCompactsReleasesAndTriggers() throws Exception {
    assertThat(setting(Topics.EVENTS, "retention.ms")).isEqualTo("-1");
    assertThat(setting(Topics.EVENTS, "cleanup.policy")).isEqualTo("delete");
    assertThat(setting(Topics.PROGRESS, "retention.ms")).isEqualTo("86400000");
    assertThat(setting(Topics.RELEASES, "cleanup.policy")).isEqualTo("compact");
    assertThat(setting(Topics.TRIGGERS, "cleanup.policy")).isEqualTo("compact");
    assertThat(setting(Topics.commands(Stage.EVALUATION), "retention.ms"))
        .isEqualTo(setting(Topics.deadLetters(Topics.INBOX), "retention.ms"))
        .isEqualTo(setting(Topics.INBOX, "retention.ms"));
  }

  private static String setting(String topic, String key) throws Exception {
    TestPlatform.registry();
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = Admin.create(TestPlatform.kafka().client(Map.of(), Map.of()))) {
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      return config.get(key).value();
    }
  }

  @Test
  void changesNothingWhenRunAgain() {
    TopicPlan plan = TopicPlan.embedded().withPartitions(TestPlatform.PARTITIONS);
    assertThat(TopicAdmin.createMissing(TestPlatform.kafka(), plan)).isEmpty();
  }

  @Test
  void refusesInboxAndEventsThatDifferInPartitions(@TempDir Path dir) throws Exception {
    try (EmbeddedKafka broker = new EmbeddedKafka(dir, 0)) {
      KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers());
      assertThat(TopicAdmin.createMissing(kafka, TopicPlan.embedded()))
          .contains(Topics.INBOX, "lazaret.commands.detection", "lazaret.commands.detection.dlq")
          .doesNotContain("lazaret.progress.dlq");
      try (Admin admin = Admin.create(kafka.client(Map.of(), Map.of()))) {
        admin.createPartitions(Map.of(Topics.INBOX, NewPartitions.increaseTo(6))).all().get();
        await().until(() -> partitions(admin, Topics.INBOX) == 6);
      }
      Problem problem =
          TestPlatform.problem(() -> TopicAdmin.createMissing(kafka, TopicPlan.embedded()));
      assertThat(problem.code()).isEqualTo("TOPIC_MISCONFIGURED");
      assertThat(problem.sentence()).contains("6").contains("4");
    }
  }

  private static int partitions(Admin admin, String topic) throws Exception {
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .get()
        .get(topic)
        .partitions()
        .size();
  }

  @Test
  void refusesMoreCopiesThanThereAreBrokers(@TempDir Path dir) {
    try (EmbeddedKafka broker = new EmbeddedKafka(dir, 0)) {
      KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers());
      Problem problem =
          TestPlatform.problem(() -> TopicAdmin.createMissing(kafka, TopicPlan.replicated(3)));
      assertThat(problem.code()).isEqualTo("TOPIC_REFUSED");
      assertThat(problem.sentence()).contains("lazaret.");
    }
  }

  @Test
  void saysThatKafkaIsNotThereAndThatThisMayPass() {
    int nobody = LoopbackPort.claim(0, "test");
    KafkaSettings kafka =
        new KafkaSettings(
            "127.0.0.1:" + nobody,
            Map.of("request.timeout.ms", "500", "default.api.timeout.ms", "1000"));
    Problem problem =
        TestPlatform.problem(() -> TopicAdmin.createMissing(kafka, TopicPlan.embedded()));
    assertThat(problem.code()).isEqualTo("KAFKA_UNAVAILABLE");
    assertThat(problem.retryable()).isTrue();
    assertThat(problem.sentence()).contains("127.0.0.1:" + nobody);
  }
}
