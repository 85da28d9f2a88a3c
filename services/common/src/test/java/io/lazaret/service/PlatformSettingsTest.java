package io.lazaret.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Stage;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlatformSettingsTest {

  @Test
  void everyKafkaSettingReachesTheClientsByItsOwnName() {
    PlatformSettings settings =
        settings(
            Map.of(
                "lazaret.kafka.bootstrap.servers", "a:1,b:2",
                "lazaret.kafka.security.protocol", "SASL_SSL"),
            Map.of("LAZARET_KAFKA_SASL_MECHANISM", "PLAIN"));
    assertThat(settings.kafka().bootstrapServers()).isEqualTo("a:1,b:2");
    assertThat(settings.kafka().properties())
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "PLAIN")
        .doesNotContainKey("bootstrap.servers");
  }

  @Test
  void registryHasTheNamesOfTheGenuineSerializer() {
    PlatformSettings settings =
        settings(
            Map.of(
                "lazaret.registry.url", "http://r:8081",
                "lazaret.registry.basic.auth.user.info", "user:word"),
            Map.of());
    assertThat(settings.registry())
        .containsOnly(
            Map.entry("schema.registry.url", "http://r:8081"),
            Map.entry("basic.auth.user.info", "user:word"));
  }

  @Test
  void aMissingSettingIsNamedAsPropertyAndAsVariable() {
    assertThatThrownBy(() -> settings(Map.of(), Map.of()).s3())
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().sentence()).contains("lazaret.s3.endpoint");
              assertThat(e.problem().nextStep()).contains("LAZARET_S3_ENDPOINT");
            });
  }

  @Test
  void stagesOfAProcessAreAListAndUnknownOnesAreRefused() {
    assertThat(
            settings(Map.of("lazaret.worker.stages", "evaluation, DETECTION"), Map.of()).stages())
        .containsExactlyInAnyOrder(Stage.EVALUATION, Stage.DETECTION);
    PlatformSettings wrong = settings(Map.of("lazaret.worker.stages", "COOKING"), Map.of());
    assertThatThrownBy(wrong::stages)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().code()).isEqualTo("SETTING_INVALID"));
  }

  private static PlatformSettings settings(
      Map<String, String> properties, Map<String, String> environment) {
    PlatformSettings settings = new PlatformSettings();
    settings.config =
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(properties, "test", 100))
            .withSources(new EnvConfigSource(environment, 300))
            .build();
    return settings;
  }
}
