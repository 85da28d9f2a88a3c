package io.lazaret.e2e;

import static org.awaitility.Awaitility.await;

import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.StageFailed;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** As many models and events as the console is made for. */
final class Fleet {

  static final int MODELS = 10_000;
  static final int EVENTS = 5_000;

  /** Id, and model, of the history with all the events. */
  static final String LONG = "long-history";

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private Fleet() {}

  /** Writes all of it, and waits until the console has read it. */
  static void write(PlatformUnderTest platform) {
    try (RecordWriter writer = platform.writer()) {
      write(writer);
    }
    PlatformClient client = platform.client();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                client.read("api/overview", Map.of()).path("counts").path("models").asInt() > MODELS
                    && client.read("api/screenings/" + LONG, Map.of()).path("events").asInt()
                        >= EVENTS);
  }

  private static void write(RecordWriter writer) {
    FilledRecords filled = new FilledRecords("text", Instant.now().minus(Duration.ofDays(1)));
    for (int i = 0; i < MODELS; i++) {
      String name = String.format(Locale.ROOT, "fleet/model-%05d", i);
      writer.write(filled.of(ModelIngested.class, "fleet-" + i, name, 0));
      writer.write(filled.of(ModelUnassessed.class, "fleet-" + i, name, 1));
    }
    writer.write(filled.of(ModelIngested.class, LONG, LONG, 0));
    for (int i = 1; i < EVENTS; i++) {
      Class<? extends SpecificRecord> type = i % 2 == 0 ? RequestRefused.class : StageFailed.class;
      writer.write(filled.of(type, LONG, LONG, i));
    }
  }
}
