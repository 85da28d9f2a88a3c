package io.lazaret.service;

import io.lazaret.checkpoints.S3Settings;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TopicPlan;
import io.lazaret.eventing.Topics;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Stage;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/**
 * The settings that all services share. Defaults stand in {@code
 * META-INF/microprofile-config.properties} beside this class; system properties, environment
 * variables and {@code config/application.properties} override them.
 */
@ApplicationScoped
public class PlatformSettings {

  private static final String KAFKA = "lazaret.kafka.";
  private static final String REGISTRY = "lazaret.registry.";
  private static final String REGISTRY_URL = "lazaret.registry.url";

  @Inject Config config;

  /** Kafka: {@code lazaret.kafka.bootstrap.servers}, every other {@code lazaret.kafka.*} as is. */
  public KafkaSettings kafka() {
    Map<String, String> properties = below(KAFKA);
    properties.remove("bootstrap.servers");
    return new KafkaSettings(required(KAFKA + "bootstrap.servers"), properties);
  }

  /**
   * The registry and the serde, by Confluent's property names: {@code lazaret.registry.url} is
   * {@code schema.registry.url}, every other {@code lazaret.registry.*} is passed on as it is.
   */
  public Map<String, String> registry() {
    Map<String, String> properties = below(REGISTRY);
    properties.remove("url");
    properties.put("schema.registry.url", required(REGISTRY_URL));
    return properties;
  }

  /** The object store: {@code lazaret.s3.endpoint}, access-key, secret-key and bucket. */
  public S3Settings s3() {
    return S3Settings.of(
        required("lazaret.s3.endpoint"),
        required("lazaret.s3.access-key"),
        required("lazaret.s3.secret-key"),
        required("lazaret.s3.bucket"));
  }

  /** Folder of caches, uploads and Streams state; one process each. */
  public Path workDir() {
    return Path.of(required("lazaret.work.dir")).toAbsolutePath();
  }

  /** Bytes of downloaded models that are kept for later jobs. */
  public long modelCacheBytes() {
    return config.getValue("lazaret.models.cache-bytes", Long.class);
  }

  /** Jobs that may compute at the same time in this process. */
  public int devicePermits() {
    return config.getValue("lazaret.device.permits", Integer.class);
  }

  /** Threads of one job's tensor library, where they were given. */
  public Optional<Integer> threads() {
    return config.getOptionalValue("lazaret.threads", Integer.class);
  }

  /** An id that survives a restart, where one was given. */
  public Optional<String> stableWorkerId() {
    return config.getOptionalValue("lazaret.worker.id", String.class);
  }

  /** The given id, or one of this host and process. */
  public String workerId() {
    return stableWorkerId().orElseGet(() -> hostName() + "-" + ProcessHandle.current().pid());
  }

  /** A process without a sign of life for this long loses its work to another one. */
  public Duration sessionTimeout() {
    return Duration.ofMillis(config.getValue("lazaret.session.timeout-ms", Long.class));
  }

  /**
   * Stages that this process works for, where it holds more; a worker with a device takes those
   * that need one.
   *
   * @throws ProblemException SETTING_INVALID
   */
  public Set<Stage> stages() {
    String given = required("lazaret.worker.stages");
    try {
      return Stream.of(given.split(","))
          .map(name -> Stage.valueOf(name.strip().toUpperCase(Locale.ROOT)))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IllegalArgumentException unknown) {
      throw ProblemException.of(
          "SETTING_INVALID",
          "lazaret.worker.stages is " + given + ", which names a stage that does not exist.",
          "Give some of " + Topics.COMMANDED + ", with commas between them.");
    }
  }

  /** How long a service that is told to end lets its running jobs finish. */
  public Duration drainTimeout() {
    return Duration.ofMillis(config.getValue("lazaret.worker.drain-timeout-ms", Long.class));
  }

  /** How long it then waits for a cancelled job to let go. */
  public Duration jobCloseTimeout() {
    return Duration.ofMillis(config.getValue("lazaret.worker.close-timeout-ms", Long.class));
  }

  /** A job that was taken up so often without a result has failed. */
  public int maxTakeUps() {
    return config.getValue("lazaret.worker.max-take-ups", Integer.class);
  }

  /** Least time between two saved states of a job. */
  public Duration checkpointInterval() {
    return Duration.ofSeconds(config.getValue("lazaret.worker.checkpoint-seconds", Long.class));
  }

  /** Largest share of a job's time that saving its state may take, above 0. */
  public double checkpointShare() {
    return config.getValue("lazaret.worker.checkpoint-share", Double.class);
  }

  /** How long a service waits at the start for Kafka, registry and store. */
  public Duration startPatience() {
    return Duration.ofSeconds(config.getValue("lazaret.start.patience-seconds", Long.class));
  }

  /** Whether missing topics and schemas are brought in at the start. */
  public boolean prepare() {
    return config.getValue("lazaret.start.prepare", Boolean.class);
  }

  /** The private key that releases are attested with; made where it is missing. */
  public Path attestationKey() {
    return config
        .getOptionalValue("lazaret.attestation.key", String.class)
        .map(Path::of)
        .orElseGet(() -> workDir().resolve("attestation.key"))
        .toAbsolutePath();
  }

  /**
   * Version of the detector, as it stands in its reports; another one is a reason to look again.
   */
  public String detector() {
    return config.getOptionalValue("lazaret.detector.version", String.class).orElse("");
  }

  public int replication() {
    return config.getValue("lazaret.topics.replication", Integer.class);
  }

  public TopicPlan topics() {
    return TopicPlan.replicated(replication())
        .withPartitions(config.getValue("lazaret.topics.partitions", Integer.class));
  }

  /** Name and version of this program, as they stand in envelopes. */
  public io.lazaret.schemas.Producer producer() {
    return new io.lazaret.schemas.Producer(
        config.getOptionalValue("quarkus.application.name", String.class).orElse("lazaret"),
        config.getOptionalValue("quarkus.application.version", String.class).orElse("unknown"));
  }

  private String required(String key) {
    return config
        .getOptionalValue(key, String.class)
        .filter(value -> !value.isBlank())
        .orElseThrow(
            () ->
                ProblemException.of(
                    "SETTING_MISSING",
                    "The setting " + key + " is missing.",
                    "Give -D" + key + "=…, or the environment variable " + environment(key) + "."));
  }

  /** Everything below a prefix; environment variables appear under their dotted names. */
  private Map<String, String> below(String prefix) {
    Map<String, String> found = new HashMap<>();
    for (String name : config.getPropertyNames()) {
      String dotted =
          name.startsWith(environment(prefix))
              ? name.toLowerCase(Locale.ROOT).replace('_', '.')
              : name;
      if (dotted.startsWith(prefix)) {
        config
            .getOptionalValue(name, String.class)
            .ifPresent(value -> found.put(dotted.substring(prefix.length()), value));
      }
    }
    return found;
  }

  private static String environment(String key) {
    return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return "host";
    }
  }
}
