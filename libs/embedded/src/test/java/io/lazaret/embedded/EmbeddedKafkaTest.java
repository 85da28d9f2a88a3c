package io.lazaret.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {

  @TempDir Path dir;

  @Test
  void keepsCommittedRecordsOverACleanRestart() throws Exception {
    try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0)) {
      KafkaClients.createTopic(kafka.bootstrapServers(), "t");
      try (var producer = KafkaClients.producer(kafka.bootstrapServers(), "tx")) {
        producer.initTransactions();
        KafkaClients.commit(producer, "t", "a", "b");
      }
    }
    try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0)) {
      assertThat(KafkaClients.read(kafka.bootstrapServers(), "t", 2)).containsExactly("a", "b");
    }
  }

  @Test
  void keepsWhatWasCommittedAndDropsWhatWasNotWhenKilled() throws Exception {
    try (ServerProcess server = ServerProcess.start(dir)) {
      KafkaClients.createTopic(server.bootstrapServers(), "t");
      KafkaProducer<String, String> producer =
          KafkaClients.producer(server.bootstrapServers(), "tx");
      producer.initTransactions();
      KafkaClients.commit(producer, "t", "a", "b");
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("t", "never committed")).get();
      server.kill();
      producer.close(Duration.ZERO);
    }
    try (EmbeddedKafka kafka = new EmbeddedKafka(dir.resolve("kafka"), 0);
        var producer = KafkaClients.producer(kafka.bootstrapServers(), "tx")) {
      producer.initTransactions();
      KafkaClients.commit(producer, "t", "c");
      assertThat(KafkaClients.read(kafka.bootstrapServers(), "t", 3))
          .containsExactly("a", "b", "c");
    }
  }

  @Test
  void refusesAPortThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getByName(LoopbackPort.HOST), 0));
      int port = taken.getLocalPort();
      assertProblem("PORT_IN_USE", () -> new EmbeddedKafka(dir, port))
          .hasMessageContaining(String.valueOf(port));
    }
  }

  @Test
  void refusesADirectoryThatAnotherBrokerUsesAndLeavesThatOneAlone() throws Exception {
    try (EmbeddedKafka first = new EmbeddedKafka(dir, 0)) {
      assertProblem("DIRECTORY_IN_USE", () -> new EmbeddedKafka(dir, 0));
      KafkaClients.createTopic(first.bootstrapServers(), "still-works");
    }
  }

  @Test
  void refusesAFileInPlaceOfADirectory() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "x");
    assertProblem("DIRECTORY_NOT_WRITABLE", () -> new EmbeddedKafka(file, 0));
  }

  @Test
  void refusesToStartOnADiskWithoutRoom() {
    EmbeddedKafkaSettings greedy =
        EmbeddedKafkaSettings.defaults().withMinimumFreeBytes(Long.MAX_VALUE);
    assertProblem("DISK_FULL", () -> new EmbeddedKafka(dir, 0, greedy));
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void stopsWhatHadStartedWhenTheStartFailsHalfWay() throws Exception {
    int port = LoopbackPort.claim(0, "test");
    new EmbeddedKafka(dir, port).close();
    Path snapshotsOfMetadata = dir.resolve("data/__cluster_metadata-0");
    Path aside = dir.resolve("aside");
    Files.move(snapshotsOfMetadata, aside);
    Files.writeString(snapshotsOfMetadata, "not a directory");
    assertThatThrownBy(() -> new EmbeddedKafka(dir, port)).isInstanceOf(ProblemException.class);
    Files.delete(snapshotsOfMetadata);
    Files.move(aside, snapshotsOfMetadata);
    try (EmbeddedKafka kafka = new EmbeddedKafka(dir, port)) {
      KafkaClients.createTopic(kafka.bootstrapServers(), "works-again");
    }
  }

  @Test
  void givesUpAStartThatTakesTooLongWithoutHarmToTheProcess() throws Exception {
    EmbeddedKafkaSettings hasty =
        EmbeddedKafkaSettings.defaults().withStartTimeout(Duration.ofMillis(1));
    assertProblem("KAFKA_START_FAILED", () -> new EmbeddedKafka(dir, 0, hasty));
    try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0)) {
      KafkaClients.createTopic(kafka.bootstrapServers(), "works-in-the-end");
    }
  }

  @Test
  void mayBeClosedTwice() {
    EmbeddedKafka kafka = new EmbeddedKafka(dir, 0);
    kafka.close();
    kafka.close();
  }

  static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertProblem(
      String code, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().code()).isEqualTo(code));
  }
}
