package io.lazaret.chaos;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.S3Settings;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Where the platform's outside systems are, and what one service process may use. */
record Access(String bootstrap, String registryUrl, String s3Endpoint, Path workDir) {

  static final String BUCKET = "lazaret";
  static final String ACCESS_KEY = "chaos";
  static final String SECRET_KEY = "chaos-secret-key";

  List<String> arguments() {
    return List.of(bootstrap, registryUrl, s3Endpoint, workDir.toString());
  }

  static Access of(String[] arguments, int from) {
    return new Access(
        arguments[from], arguments[from + 1], arguments[from + 2], Path.of(arguments[from + 3]));
  }

  /** With crash points. */
  KafkaSettings armedKafka() {
    return new KafkaSettings(
        bootstrap,
        Map.of(
            "producer.interceptor.classes",
            CrashInterceptor.class.getName(),
            "interceptor.classes",
            CrashInterceptor.class.getName()));
  }

  KafkaSettings kafka() {
    return KafkaSettings.of(bootstrap);
  }

  Serde<SpecificRecord> values() {
    return new AvroSerde<>(new RegistryClient(RegistrySettings.of(registryUrl)));
  }

  ObjectStore objects() {
    return new ObjectStore(
        new S3Settings(
            s3Endpoint, ACCESS_KEY, SECRET_KEY, BUCKET, Duration.ofSeconds(10), 8L << 20));
  }
}
