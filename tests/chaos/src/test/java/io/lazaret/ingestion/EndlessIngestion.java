package io.lazaret.ingestion;

import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Producer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/**
 * A client that uploads the shipped model over and over, beside the ingestion that takes it. After
 * a kill it submits again what it had submitted, as the command line does.
 */
public final class EndlessIngestion implements AutoCloseable {

  private final Path work;
  private final UploadArea uploads;
  private final Ingestion ingestion;
  private final InboxPublisher inbox;
  private final LongConsumer uploading;
  private final Thread thread;
  private volatile boolean closed;

  private EndlessIngestion(
      Path work,
      ObjectStore objects,
      KafkaSettings kafka,
      Serde<SpecificRecord> values,
      LongConsumer uploading) {
    this.work = work;
    this.uploads =
        new UploadArea(work.resolve("uploads"), new UploadArea.Limits(1L << 30, 1L << 26, 64));
    this.inbox = new InboxPublisher(kafka, values);
    this.uploading = uploading;
    this.ingestion =
        new Ingestion(
            uploads,
            objects,
            new ModelStore(objects),
            inbox,
            new Envelopes(new Producer("chaos", "1"), Clock.systemUTC()));
    this.thread = new Thread(this::run, "endless-ingestion");
    thread.setDaemon(true);
  }

  public static EndlessIngestion start(
      Path work,
      ObjectStore objects,
      KafkaSettings kafka,
      Serde<SpecificRecord> values,
      LongConsumer uploading) {
    EndlessIngestion endless = new EndlessIngestion(work, objects, kafka, values, uploading);
    endless.thread.start();
    return endless;
  }

  private void run() {
    try {
      Files.createDirectories(work);
      Path notes = work.resolve("upload-id");
      uploads.discardPartials();
      while (!closed) {
        String id = Files.exists(notes) ? Files.readString(notes) : upload();
        Files.writeString(notes, id);
        uploading.accept(id.hashCode());
        try {
          ingestion.submit(id, null);
          Files.delete(notes);
        } catch (ProblemException e) {
          if (!e.problem().retryable()) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String upload() throws IOException {
    Path root = Path.of(System.getProperty("lazaret.root"), "fixtures");
    String id = uploads.open("ingested-" + UUID.randomUUID());
    try (Stream<Path> files = Files.list(root.resolve("nano-clean"))) {
      for (Path file : files.toList()) {
        try (InputStream content = Files.newInputStream(file)) {
          uploads.storeModelFile(id, file.getFileName().toString(), content);
        }
      }
    }
    List<String> rows = Files.readAllLines(root.resolve("prompts.jsonl")).subList(0, 8);
    uploads.storeData(
        id,
        Ingestion.PROMPTS,
        new java.io.ByteArrayInputStream(String.join("\n", rows).getBytes()));
    return id;
  }

  @Override
  public void close() {
    closed = true;
    inbox.close();
  }
}
